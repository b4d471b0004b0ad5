"""The tables of the papers, what differs between the runs, the notes of their folds."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.services import comparison
from pages._ui import tables
from pages._ui.compare import words
from pages._ui.words import escaped

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.elements.lib.column_types import ColumnConfig

    from core.services.comparison import ComparedRun

_WHOLE = re.compile(r"(^|· )epochs?$")


def best_per_class(runs: "Sequence[ComparedRun]") -> None:
    """S1's table."""
    _show(comparison.s1_table(runs), "s1", words.S1_HELP, "Best Dice of each class in each run")


def models(runs: "Sequence[ComparedRun]") -> None:
    """S2's table."""
    _show(comparison.s2_table(runs), "s2", words.S2_HELP, "Figures of each run at its best epoch")


def evenness(runs: "Sequence[ComparedRun]", window: int) -> None:
    """S3's table."""
    table = comparison.s3_table(runs, window)
    _show(table, "s3", words.S3_HELP, "IoU of each run and its variance across classes")


def differences(runs: "Sequence[ComparedRun]") -> None:
    """What differs between the specs."""
    table = spec_differences(runs)
    if table.empty:
        st.markdown(
            "Nothing differs between what these runs were asked." if len(runs) > 1 else "Choose two runs."
        )
        return
    _show(
        table.fillna("none").astype(str),
        "specs",
        "Every setting in which the runs differ.",
        "Settings that differ",
    )


def spec_differences(runs: "Sequence[ComparedRun]") -> "pd.DataFrame":
    """`comparison.find_differences` of the runs by their titles."""
    return comparison.find_differences({run.title: run.request for run in runs})


def notes(runs: "Sequence[ComparedRun]") -> None:
    """What each fold had."""
    for run in runs:
        st.markdown(f"**{escaped(run.title)}**")
        lines = words.fold_notes(run)
        st.markdown("\n".join(f"- {escaped(line)}" for line in lines) or "No fold has begun.")


def whole_history(runs: "Sequence[ComparedRun]") -> "pd.DataFrame":
    """Every figure of every epoch, fold and run."""
    import pandas as pd

    return pd.concat([comparison.history_table(run) for run in runs], ignore_index=True)


def _show(table: "pd.DataFrame", key: str, hint: str, alt: str) -> None:
    st.dataframe(
        table,
        hide_index=True,
        key=f"compare.{key}",
        alt=alt,
        placeholder="n/a",
        column_config={name: _column(name, text=key == "specs") for name in table.columns},
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(hint, width="stretch")
        tables.save_button(lambda: table, key=f"compare.{key}.csv", file_name=f"comparison_{key}.csv")


def _column(name: str, text: bool) -> "ColumnConfig":
    """Numbers as people read them; the text of a table needs no format."""
    config = st.column_config
    if text:
        return config.TextColumn(name)
    if name in ("class", "model", "loss function", "setting"):
        return config.Column(name[0].upper() + name[1:], pinned=True)
    if _WHOLE.search(name):
        return config.NumberColumn(name, format="%d")
    return config.NumberColumn(
        name, format="%.1f" if "%" in name or "²" in name or name == "minutes" else "%.3f"
    )
