"""The whole worklist as a table; a row leads to its case."""

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui import messages, state, tables
from pages._ui.review import words
from pages._ui.words import count, counted

if TYPE_CHECKING:
    import pandas as pd

    from core.services.reviews.board import Board
    from core.services.reviews.worklist import Worklist

_HEIGHT = 440
_ROW = 33
_SHARES = ("Urgency", *words.COLUMNS.values())


@st.dialog("Worklist", width="large")
@messages.guarded()
def show(board: "Board", worklist: "Worklist", position: int) -> None:
    """The listed cases in their order, from the one in sight on, whose row is marked."""
    st.markdown(f"{counted(len(worklist.listed), 'case')} in this order. Choose a row to go to its case.")
    listed = [entry.position for entry in worklist.listed]
    here = listed.index(position) if position in listed else 0
    first = 0
    if here > 0 and st.toggle(
        f"Begin at the case in sight, place {count(here + 1)}", True, key="review.from"
    ):
        first = here
    table = build(board, worklist)
    chosen = st.dataframe(
        table.iloc[first:],
        hide_index=True,
        height=min(_HEIGHT, _ROW * (len(table) - first + 1) + 2),
        row_height=_ROW,
        placeholder="n/a",
        key=f"review.table.{position}.{first}",
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [here - first] if position in listed else []}},
        column_config={
            "Case": st.column_config.TextColumn(width="medium"),
            **{name: st.column_config.NumberColumn(format="%.3f") for name in _SHARES},
        },
    )
    if not all(board.seen[place].model for place in listed):
        st.caption("What the model drew, and its figures, stay hidden until you have answered a case.")
    tables.save_button(lambda: table, key="review.table.csv", file_name="worklist.csv")
    rows = chosen["selection"]["rows"]
    if rows and listed[first + rows[0]] != position:
        state.set_review_part("case", str(listed[first + rows[0]]))
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
                "Yours": _find_yours(board, entry.position) if entry.position in asked else "",
                "State": words.STATES[board.states[entry.position]],
                "Drawn": "random" if entry.random else "" if board.neutral else "ranked",
                "Group": case.group,
                "Fold": case.fold or None,
                "Urgency": entry.score if seen.model else None,
                **{title: figures.get(name) for name, title in words.COLUMNS.items()},
            }
        )
    table = pd.DataFrame(rows)
    return table.loc[:, (table.notna() & (table != "")).any()]


def _find_yours(board: "Board", position: int) -> str:
    """What a case that is asked of the person still asks."""
    return "to decide" if position in board.awaiting else "done"
