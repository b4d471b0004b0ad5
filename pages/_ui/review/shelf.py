"""All reviews, the latest first, and the way to open one."""

import streamlit as st

from core.domain.identity import Identity, Role
from core.errors import AppError
from core.services import datasets, runs
from core.services.reviews import board as boards
from core.services.reviews import opening
from core.services.reviews import worklist as lists
from core.services.reviews.opening import Review
from pages._ui import layout, messages, progress, state
from pages._ui.review import bundle, start, words
from pages._ui.words import counted, escaped

_EMPTY = (
    "Here clinicians look at what a model has drawn, accept, correct or reject it, and every decision is "
    "kept. There is nothing to review yet: train a model first."
)


def draw(identity: Identity) -> None:
    """The reviews left, the form that opens one right; or the job that is opening one."""
    run_id = state.find(state.REVIEW_RUN) or opening.find_starting(identity)
    if run_id and _follow(run_id):
        return
    found = opening.list_reviews()
    may = identity.may(Role.RESEARCHER)
    sources = opening.list_sources() if may else []
    known = datasets.list_datasets() if may else []
    action = layout.heading("Review", counted(len(found), "review") if found else "")
    left, right = st.columns([2, 1], gap="medium") if may else (st.container(), None)
    with left:
        _reviews(found, bool(sources), may, identity)
    if right is not None:
        with right, messages.guarded():
            if sources or known:
                start.draw(sources, known, identity, action)
            with st.expander("From another installation", key="review.bundle", expanded=not sources):
                bundle.draw(identity)


def _follow(run_id: str) -> bool:
    """Follow the job; True while it, or how it ended, has the page."""
    run = runs.watch(run_id)
    if run.state == "finished":
        state.drop(state.REVIEW_RUN)
        state.set_review(run.result["review"])
        st.rerun()
    st.title("Review", anchor=False)
    if not run.over:
        progress.watch(run_id)
        return True
    if run.state == "cancelled":
        st.info(escaped(run.message), icon=":material/stop_circle:")
    else:
        messages.problem(run.message or "The review could not be opened.", run.log_tail)
    if st.button("Back to the form", key="review.back", type="primary"):
        state.drop(state.REVIEW_RUN)
        st.rerun()
    return True


def _reviews(found: list[Review], something: bool, may: bool, identity: Identity) -> None:
    if not found and not may:
        st.markdown("No review is open. A researcher opens one; it then stands here.")
    elif not found and something:
        st.markdown("No review yet. What is set on the right is prepared in the background, and opens here.")
    elif not found:
        st.markdown(_EMPTY)
        if st.button("Train a model", key="review.train", type="primary"):
            st.switch_page("pages/train.py")
    for review in found:
        with messages.guarded():
            _row(review, identity)


def _row(review: Review, identity: Identity) -> None:
    with st.container(border=True, key=f"review-row-{review.id}", gap="xxsmall"):
        name, words_place = st.columns([3, 2], vertical_alignment="center", gap="small")
        closed = " · closed" if review.closed else ""
        if name.button(
            f"**{escaped(review.spec.title)}**",
            key=f"review.show.{review.id}",
            type="tertiary",
            icon=":material/lock:" if review.closed else ":material/rate_review:",
        ):
            state.set_review(review.id)
            st.rerun()
        words_place.caption(f"opened {words.describe_age(review.created)}{closed}")
        try:
            board = boards.look(review.id, identity)
            found = lists.summarise(board)
        except AppError as error:
            messages.refusal(error)
            return
        share = found.done / found.total if found.total else 0.0
        st.progress(share, text=words.describe_share(found, len(board.cases)))
        st.caption(escaped(f"{review.spec.dataset} · {words.describe_settings(review.spec.settings)}"))
