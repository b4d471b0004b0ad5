"""A background run on the screen: how far, how long still, and a way to stop it."""

import streamlit as st

from core.services import runs
from pages._ui import messages, state
from pages._ui.words import count, duration, escaped

_TITLES = {
    "scan": "Reading the dataset",
    "demo": "Making the demo",
    "probe": "Looking for devices",
    "hashes": "Comparing image files",
    "intensity": "Measuring grey values",
    "equal": "Comparing image files",
    "duplicates": "Searching for near duplicates",
    "review": "Opening the review",
    "review_open": "Opening the bundle",
}


@st.fragment(run_every=0.5)
@messages.guarded()
def watch(run_id: str) -> None:
    """Show a run until it is over, then draw the whole page again."""
    run = runs.watch(run_id)
    if run.over:
        st.rerun()
    st.subheader(_TITLES.get(run.kind, "Working"), anchor=False)
    st.progress(min(run.done / run.total, 1.0) if run.total else 0.0, text=_line(run))
    if st.button("Cancel", key="run.cancel", shortcut="Esc"):
        runs.cancel(run_id)
        st.toast("Stopping. What has been read is kept.")


def _line(run: "runs.RunProgress") -> str:
    if not run.total:
        return escaped(run.message) or "Starting"
    parts = [escaped(run.message) or "Working", f"{count(run.done)} of {count(run.total)}"]
    if run.eta is not None:
        parts.append(f"{duration(run.eta)} left")
    return " · ".join(parts)


def ended(run: "runs.RunProgress", retry: str) -> bool:
    """Say how a run ended that did not finish; True when the person asks for the next step, named `retry`."""
    if run.state == "cancelled":
        st.info(
            "Stopped. What had been read is kept, so that going on is quick.", icon=":material/stop_circle:"
        )
    else:
        messages.problem(run.message or "The work stopped before it was done.", run.log_tail)
    with st.container(horizontal=True):
        again = st.button(retry, key="run.again", type="primary")
        if st.button("Close", key="run.close"):
            state.set_run(None)
            st.rerun()
    return again
