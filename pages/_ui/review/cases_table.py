"""The whole worklist as a table; a row leads to its case."""

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui import messages, state, tables
from pages._ui.review import words
from pages._ui.words import counted

if TYPE_CHECKING:
    import pandas as pd

    from core.services.reviews.board import Board
    from core.services.reviews.worklist import Worklist

_HEIGHT = 440
_SHARES = ("Urgency", *words.COLUMNS.values())


@st.dialog("Worklist", width="large")
@messages.guarded()
def show(board: "Board", worklist: "Worklist") -> None:
    """The listed cases in their order."""
    st.markdown(f"{counted(len(worklist.listed), 'case')} in this order. Choose a row to go to its case.")
    table = build(board, worklist)
    chosen = st.dataframe(
        table,
        hide_index=True,
        height=_HEIGHT,
        key="review.table",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Case": st.column_config.TextColumn(width="medium"),
            **{name: st.column_config.NumberColumn(format="%.3f") for name in _SHARES},
        },
    )
    tables.save_button(lambda: table, key="review.table.csv", file_name="worklist.csv")
    rows = chosen["selection"]["rows"]
    if rows:
        state.set_review_part("case", str(worklist.listed[rows[0]].position))
        st.rerun()


def build(board: "Board", worklist: "Worklist") -> "pd.DataFrame":
    """The table; what tells of a hidden model is left out of its row."""
    import pandas as pd

    rows = []
    asked = board.asked() if board.readers() else set()
    for place, entry in enumerate(worklist.listed, start=1):
        case, seen = board.cases[entry.position], board.seen[entry.position]
        figures = case.figures.model_dump() if seen.model else {}
        rows.append(
            {
                "Place": place,
                "Case": case.sample,
                "Yours": _find_yours(board, entry.position) if entry.position in asked else None,
                "State": words.STATES[board.states[entry.position]],
                "Drawn": "random" if entry.random else "" if board.neutral else "ranked",
                "Group": case.group or None,
                "Fold": case.fold or None,
                "Urgency": entry.score if seen.model else None,
                **{title: figures.get(name) for name, title in words.COLUMNS.items()},
            }
        )
    table = pd.DataFrame(rows)
    return table.dropna(axis="columns", how="all")


def _find_yours(board: "Board", position: int) -> str:
    """What a case that is asked of the person still asks."""
    return "to decide" if position in board.awaiting else "done"
