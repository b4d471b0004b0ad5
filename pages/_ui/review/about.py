"""What is known of the case in sight, below the viewer."""

import streamlit as st

from core.services.reviews.board import Board
from pages._ui.review import words
from pages._ui.words import escaped


def draw(board: Board, position: int) -> None:
    """Where the case comes from, why it is ranked where it is, and every decision that may be seen."""
    case, seen = board.cases[position], board.seen[position]
    parts = [f"group {case.group}" if case.group else "", f"fold {case.fold}" if case.fold else ""]
    if seen.model:
        parts.append(words.describe_figures(case.figures))
    if not board.review.closed and not seen.model:
        parts.append("the model's mask is hidden until you have answered")
    if line := " · ".join(part for part in parts if part):
        st.caption(escaped(line))
    if not seen.decisions:
        return
    with st.expander(f"Decisions on this case · {len(seen.decisions)}", key="review.decisions"):
        for item in seen.decisions:
            said = words.describe_decision(item, board.identity.id)
            later = ", superseded later" if item.superseded else ""
            comment = f": “{item.comment}”" if item.comment else ""
            st.markdown(escaped(f"{item.time[:16].replace('T', ' ')} UTC · {said}{later}{comment}"))
