"""Compare: curves and tables of runs, and what may be believed of their differences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages._ui import cache_runs, entry, layout, messages, tables, theme
from pages._ui.compare import choose, gallery, report, view, words
from pages._ui.compare import tables as compare_tables

if TYPE_CHECKING:
    from core.services.comparison import ComparedRun, Figure

_WINDOW = 10  # S3's moving average
_MOST_WINDOW = 20


def draw() -> None:
    """The choice; then curves left, how they are read right, tables below."""
    known = cache_runs.runs()
    if not known:
        messages.empty_page(
            "Compare",
            "No model has been trained yet. Here you see how well each class is segmented, run by run.",
        )
        return
    heading = st.container()
    runs = cache_runs.compared(choose.draw(known))
    with heading:
        layout.heading("Compare", words.line(runs) if runs else "")
    if not runs:
        st.markdown("Choose one run or more, or take an experiment.")
        return
    if not any(run.history.epochs for run in runs):
        st.markdown("None of these runs has ended an epoch yet. Come back in a moment.")
        return
    left, right = st.columns([2, 1], gap="medium")
    with right, messages.guarded():
        kind, window = _controls(runs)
        view.believe(runs)
        _save(runs, kind, window)
    with left, messages.guarded():
        view.curves(runs, kind, window)
    _tabs(runs, window)


def _controls(runs: "Sequence[ComparedRun]") -> "tuple[Figure, int]":
    kind: Figure = st.selectbox(
        "Figure on the held-out part",
        list(words.FIGURES),
        format_func=words.FIGURES.__getitem__,
        key="compare.figure",
        help="Conventions of all figures are in docs/metrics.md.",
        persist_state="session",
    )
    st.caption(words.HELP[kind])
    satellite = all(run.request.recipe.id.startswith("s3") for run in runs)
    window = st.slider(
        "Moving average, epochs",
        1,
        _MOST_WINDOW,
        _WINDOW if satellite else 1,
        key=f"compare.window.{satellite}",
        help="The mean of the last so many epochs; 1 changes nothing. S3 uses 10.",
        persist_state="session",
    )
    return kind, window


def _save(runs: "Sequence[ComparedRun]", kind: "Figure", window: int) -> None:
    with st.container(horizontal=True):
        st.download_button(
            "Save the report",
            lambda: report.build(runs, theme.colours_by_name(runs[0].request.dataset.classes), kind, window),
            file_name="comparison.html",
            mime="text/html",
            key="compare.report",
            icon=":material/description:",
            help="One HTML file with figures, tables, settings and versions; it needs no network.",
            on_click="ignore",
        )
        tables.save_button(
            lambda: compare_tables.whole_history(runs),
            key="compare.history.csv",
            file_name="comparison_history.csv",
            label="Every epoch as CSV",
        )


def _tabs(runs: "Sequence[ComparedRun]", window: int) -> None:
    parts = {
        "Best per class (S1)": lambda: compare_tables.best_per_class(runs),
        "Models (S2)": lambda: compare_tables.models(runs),
        "Evenness (S3)": lambda: compare_tables.evenness(runs, window),
        "What differs": lambda: compare_tables.differences(runs),
        "Folds": lambda: compare_tables.notes(runs),
        "Predictions": lambda: gallery.draw(runs),
    }
    tabs = st.tabs(list(parts), key="compare.view", on_change="rerun")
    for tab, part in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, messages.guarded():
                part()


entry.page(draw)
