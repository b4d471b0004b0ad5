"""What is known of the case in sight and of its review, below the viewer."""

from typing import Final

import streamlit as st

from core.domain.identity import Role
from core.services.reviews import opening
from core.services.reviews.board import Board
from pages._ui import messages, sign_in
from pages._ui.review import words
from pages._ui.words import counted, escaped

_HELP: Final = (
    "Why the case may be worth a look. Fold: the model that drew this was not trained on the images of this "
    "part of the dataset. Doubt: 0 is certain, 1 is a guess. Confidence: mean probability of the model's "
    "answer, 1 is certain. Dice: agreement with the reference mask, 1 is full."
)


def draw(board: Board, position: int) -> None:
    """Why the case is ranked where it is, every decision that may be seen, and what the review is about."""
    _case(board, position)
    _decisions(board, position)
    with st.expander("About this review", key="review.about"):
        _review(board)


def _case(board: Board, position: int) -> None:
    case, seen = board.cases[position], board.seen[position]
    parts = [f"group {case.group}" if case.group else "", f"fold {case.fold}" if case.fold else ""]
    parts.append(
        words.describe_figures(case.figures)
        if seen.model
        else "the model's mask is hidden until you have answered"
    )
    if line := " · ".join(part for part in parts if part):
        st.caption(escaped(line), help=_HELP if seen.model else None)


def _decisions(board: Board, position: int) -> None:
    decisions = board.seen[position].decisions
    if not decisions:
        return
    with st.expander(f"Decisions on this case · {len(decisions)}", key="review.decisions"):
        for item in decisions:
            said = words.describe_decision(item, board)
            later = ", superseded later" if item.superseded else ""
            comment = f": “{item.comment}”" if item.comment else ""
            st.markdown(escaped(f"{item.time[:16].replace('T', ' ')} UTC · {said}{later}{comment}"))


def _review(board: Board) -> None:
    """What determines it, by the hashes that every record of the ledger holds, and the way to close it."""
    review = board.review
    lines = [
        f"{review.spec.dataset} · {words.describe_settings(review.spec.settings)}",
        f"Opened {review.created[:16].replace('T', ' ')} UTC"
        + (f", closed {review.closed[:16].replace('T', ' ')} UTC" if review.closed else ""),
        f"Predictions of {review.spec.source_id}",
    ]
    st.markdown("\n".join(f"- {escaped(line)}" for line in lines))
    st.code(
        f"review  {review.id}\ndataset {review.spec.dataset_hash}\nmodel   {review.spec.model_hash}", None
    )
    may = review.closed is None and board.identity.may(Role.RESEARCHER)
    if may and st.button("Close the review", key="review.close", icon=":material/lock:"):
        _ask_close(review.id, review.spec.title, len(board.awaiting))


@st.dialog("Close this review?")
@messages.guarded()
def _ask_close(review_id: str, title: str, left: int) -> None:
    st.markdown(
        f"**{escaped(title)}** takes no more decisions then, for good; you have "
        f"{counted(left, 'case')} left to decide. What was decided stays, and can be exported."
    )
    with st.container(horizontal=True):
        if st.button("Close it", key="review.close.yes", type="primary"):
            opening.close_review(review_id, sign_in.identity())
            st.rerun()
        if st.button("Leave it open", key="review.close.no"):
            st.rerun()
