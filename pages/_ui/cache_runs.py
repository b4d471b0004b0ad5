"""What pages read of training runs once for all sessions, by the stamps of their files; see `cache`.

Everything here is shared and must not be changed by whoever gets it.
"""

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import AppError
from core.services import comparison, training
from pages._ui import cache, theme

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from core.services.comparison import ComparedRun
    from core.services.predictions import PredictionPictures

_MOST_RUNS = 256
_MOST_PICTURES = 60
_MOST_FIGURES = 24


def runs() -> list[training.TrainingRun]:
    """`training.list_training`; runs that are over are read once, however often a page looks."""
    places = training.find_places()
    found = []
    for run_id, stamp in training.read_stamps().items():
        with suppress(AppError):  # damaged, or deleted this moment: not there
            run = _run(run_id, stamp)
            # Whether a process still lives is written in no file.
            found.append(run if run.progress.over else training.read_run(run_id, places.get(run_id, 0)))
    return sorted(found, key=lambda run: run.created, reverse=True)


def compared(run_ids: Sequence[str]) -> "list[ComparedRun]":
    """`comparison.read_runs`; a run that is gone is left out."""
    stamps = training.read_stamps()
    return comparison.label_runs(
        [_compared(run_id, stamps[run_id]) for run_id in run_ids if run_id in stamps]
    )


def figure(
    name: str, runs: "Sequence[ComparedRun]", options: Hashable, make: "Callable[[], Figure]"
) -> "Figure":
    """A figure of some runs; Plotly takes a while to check hundreds of lines.

    Args:
        name: Of the figure.
        runs: What it shows.
        options: All else that it depends on, but for the theme.
        make: Builds it.
    """
    stamps = tuple(
        (
            run.id,
            run.title,
            len(run.history.epochs),
            max((item.time for item in run.history.epochs), default=0),
        )
        for run in runs
    )
    return _figure(name, stamps, options, theme.is_dark(), make)


def dataset_of(run_id: str) -> str:
    """The id of the dataset that a run trains on.

    Raises:
        RunError: there is no such run.
    """
    return _run(run_id, training.read_stamps().get(run_id, "")).dataset_id


def prediction(run_id: str, dataset_id: str, position: int) -> "PredictionPictures":
    """`predictions.draw`.

    Raises:
        AppError: it cannot be drawn any more.
    """
    return _prediction(run_id, training.read_stamps().get(run_id, ""), dataset_id, position)


@st.cache_resource(max_entries=_MOST_RUNS, show_spinner=False)
def _run(run_id: str, stamp: str) -> training.TrainingRun:
    return training.read_run(run_id)


@st.cache_resource(max_entries=_MOST_RUNS, show_spinner="Reading the runs")
def _compared(run_id: str, stamp: str) -> "ComparedRun":
    return comparison.read_compared(run_id)


@st.cache_resource(max_entries=_MOST_FIGURES, show_spinner=False)
def _figure(
    name: str, stamps: Hashable, options: Hashable, dark: bool, _make: "Callable[[], Figure]"
) -> "Figure":
    return _make()


@st.cache_resource(max_entries=_MOST_PICTURES, show_spinner=False)
def _prediction(run_id: str, stamp: str, dataset_id: str, position: int) -> "PredictionPictures":
    from core.services import predictions

    return predictions.draw(run_id, cache.dataset(dataset_id), position)
