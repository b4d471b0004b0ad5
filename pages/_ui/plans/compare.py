"""Kept plans side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.services import balance
from pages._ui import tables
from pages._ui.balance import words as balance_words
from pages._ui.plans import words as plan_words

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.elements.lib.column_types import ColumnConfig

    from pages._ui.balance.desk import Desk

_FEWEST = 2
_MOST = 6  # columns that are read beside one another


def draw(desk: "Desk", entries: Sequence[balance.PlanEntry]) -> None:
    """Two or more plans: the figures of each, then every class."""
    st.subheader("Side by side", anchor=False)
    by_id = {entry.id: entry for entry in entries}
    chosen = st.multiselect(
        "Plans to compare",
        list(by_id),
        default=list(by_id)[:_FEWEST][::-1],
        format_func=lambda plan_id: by_id[plan_id].name if plan_id in by_id else plan_id,
        key="plans.compare",
        max_selections=_MOST,
        help="Differences are to the plan that was chosen first.",
    )
    shown = [by_id[plan_id] for plan_id in chosen if plan_id in by_id]
    if len(shown) < _FEWEST:
        st.markdown("Choose two plans or more.")
        return
    _figures(desk, shown)
    _classes(desk, shown)


def _figures(desk: "Desk", shown: Sequence[balance.PlanEntry]) -> None:
    import pandas as pd

    columns = {entry.name: plan_words.rows(entry) for entry in shown}
    frame = pd.DataFrame(columns).rename_axis("figure").reset_index()
    st.dataframe(
        frame,
        hide_index=True,
        key="plans.figures",
        alt="Figures of the chosen plans, one column a plan",
        height="content",
        column_config={"figure": st.column_config.TextColumn("Figure", width="small", help=_help())},
    )
    tables.save_button(
        lambda: balance.plan_figures(shown),
        key="plans.figures.csv",
        file_name=f"{desk.dataset_id}_plans.csv",
    )


def _help() -> str:
    return (
        f"Effective sample: {balance_words.HELP_ESS} Gap: {balance_words.HELP_GAP} Worst miss: the largest "
        "|achieved − target| over the classes, in whole copies. L belongs to the continuous solution."
    )


def _classes(desk: "Desk", shown: Sequence[balance.PlanEntry]) -> None:
    frame = balance.class_comparison(shown)
    decimals = 1 if all(entry.summary.spec.quantity == "presence" for entry in shown) else 3
    st.dataframe(
        _in_percent(frame),
        hide_index=True,
        key="plans.classes",
        alt="Share of each class: original, and target and achieved of each plan",
        placeholder="n/a",
        column_config={name: _column(name, decimals) for name in frame.columns},
    )
    st.caption("Shares in per cent, achieved in whole copies; differences (−) in percentage points.")
    tables.save_button(
        lambda: balance.class_comparison(shown),
        key="plans.classes.csv",
        file_name=f"{desk.dataset_id}_plans_classes.csv",
    )


def _in_percent(frame: "pd.DataFrame") -> "pd.DataFrame":
    return frame.assign(**{name: 100 * frame[name] for name in frame.columns if name != "class"})


def _column(name: str, decimals: int) -> "ColumnConfig":
    if name == "class":
        return st.column_config.TextColumn("Class", pinned=True)
    label = name.capitalize() if name == "original" else name
    shape = f"%+.{decimals}f" if " − " in name else f"%.{decimals}f %%"
    return st.column_config.NumberColumn(label, format=shape)
