"""A background run on the screen: how far, how long still, and a way to stop it."""

import streamlit as st

from core.services import runs
from pages._ui import messages, sign_in, state
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
    bar(run)
    if st.button("Cancel", key="run.cancel", shortcut="Esc"):
        cancel(run_id)
        st.toast("Stopping. What has been read is kept.")


def cancel(run_id: str) -> None:
    """Stop a run. Raises `AccessError` for who is no longer signed in: what runs may be another's."""
    sign_in.identity()
    runs.cancel(run_id)


def bar(run: "runs.RunProgress") -> None:
    """How far a run is, and how long still."""
    parts = [escaped(run.message) or ("Working" if run.total else "Starting")]
    if run.total:
        parts.append(f"{count(run.done)} of {count(run.total)}")
    if run.eta is not None:
        parts.append(f"{duration(run.eta)} left")
    st.progress(min(run.done / run.total, 1.0) if run.total else 0.0, text=" · ".join(parts))


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
