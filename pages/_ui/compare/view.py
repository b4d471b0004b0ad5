"""The upper part of a comparison: the curves, and what may be believed of their differences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.services import comparison
from pages._ui import cache_runs, charts, messages, theme
from pages._ui.compare import curves as compare_curves
from pages._ui.compare import words
from pages._ui.words import escaped

if TYPE_CHECKING:
    from core.services.comparison import ComparedRun, Figure


def believe(runs: "Sequence[ComparedRun]") -> None:
    """Alarms first; then each run against the first one."""
    for found in comparison.find_alarms(runs):
        messages.caution(words.alarm(found))
    if len(runs) < 2:
        return
    st.subheader("What may be believed", anchor=False)
    said = words.verdicts(runs)
    for sentence in said or ["Nothing yet: each run needs an epoch behind it."]:
        st.markdown(escaped(sentence))
    if certain := words.certain_classes(runs):
        with st.expander("Classes that differ by more than their spread", key="compare.certain"):
            st.markdown("\n".join(f"- {escaped(sentence)}" for sentence in certain))


def curves(runs: "Sequence[ComparedRun]", kind: "Figure", window: int) -> None:
    """The mean over the classes, every class, the losses."""
    names = comparison.find_classes(runs)
    colours = theme.colours_by_name(runs[0].request.dataset.classes)
    title = words.FIGURES[kind]
    if kind in words.MEANS:
        st.subheader(words.MEANS[kind], anchor=False)
        charts.show(
            cache_runs.figure(
                "mean", runs, (kind, window), lambda: compare_curves.overview(runs, kind, window, title)
            ),
            key="compare.mean",
            file_name=f"comparison_{kind}_mean",
            alt=f"{title}, mean over the classes, of each run over the epochs",
            zoom=True,
        )
    st.subheader(f"{title} of each class", anchor=False)
    charts.show(
        cache_runs.figure(
            "classes",
            runs,
            (kind, window, tuple(colours.items())),
            lambda: compare_curves.by_class(runs, names, colours, kind, window),
        ),
        key="compare.classes",
        file_name=f"comparison_{kind}_classes",
        alt=f"{title} of each class in each run over the epochs",
    )
    st.caption("Lines: mean over the folds. Bands: from the least to the greatest fold.")
    st.subheader("Loss", anchor=False)
    charts.show(
        cache_runs.figure("losses", runs, (), lambda: compare_curves.losses(runs)),
        key="compare.losses",
        file_name="comparison_loss",
        alt="Loss of each run on the training and the held-out part over the epochs",
        zoom=True,
    )
