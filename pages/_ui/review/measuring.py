"""Measuring what is missing: at once where that is quick, else in the background, watched."""

from typing import TYPE_CHECKING

import streamlit as st

from core.services import runs
from core.services.reviews import measurements
from pages._ui import messages, progress, state
from pages._ui.words import counted

if TYPE_CHECKING:
    from core.domain.measuring import MeasureRequest
    from core.services.reviews.measurements import Review


def ensure(review: "Review", missing: "MeasureRequest", quick: bool, key: str) -> None:
    """Measure what is missing, or offer it; what is measured by then can be shown below.

    Args:
        review: The review.
        missing: What is not measured yet.
        quick: Whether a person may wait for it.
        key: Of the part of the page that asks.
    """
    asked = _asked()
    if (run_id := asked.get((review.id, key))) is not None:
        run = runs.watch(run_id)
        if not run.over:
            _watch(run_id, key)
            return
        del asked[review.id, key]
        if run.state != "finished":
            messages.problem(run.message or "The measuring stopped before it was done.", run.log_tail)
    if missing.masks or missing.pairs or missing.volumes:
        _measure(review, missing, quick, key)


def _measure(review: "Review", missing: "MeasureRequest", quick: bool, key: str) -> None:
    if quick:
        with st.spinner("Measuring"):
            problems = measurements.measure_now(review, missing)
        for problem in problems[:3]:
            messages.caution(problem)
        if len(problems) > 3:
            st.caption(f"And {counted(len(problems) - 3, 'more mask')} could not be read.")
        return
    kinds = {"mask": len(missing.masks), "volume": len(missing.volumes), "pair": len(missing.pairs)}
    what = [counted(number, kind) for kind, number in kinds.items() if number]
    st.markdown(f"{' and '.join(what)} {'is' if sum(kinds.values()) == 1 else 'are'} not measured yet.")
    if st.button("Measure them", key=f"{key}.start", type="primary"):
        _asked()[review.id, key] = measurements.start_measuring(missing)
        st.rerun()


def _asked() -> dict[tuple[str, str], str]:
    """What is at work, by review and part of the page: each part waits for what it asked for itself."""
    found: dict[tuple[str, str], str] = state.kept(state.REVIEW_MEASURING, (), dict)
    return found


@st.fragment(run_every=0.5)
@messages.guarded()
def _watch(run_id: str, key: str) -> None:
    run = runs.watch(run_id)
    if run.over:
        st.rerun()
    progress.bar(run)
    if st.button("Stop", key=f"{key}.stop", help="What is measured by then is kept."):
        progress.cancel(run_id)
