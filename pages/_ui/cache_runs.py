"""What pages read of training runs once for all sessions, by the stamps of their files; see `cache`.

Everything here is shared and must not be changed by whoever gets it.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import AppError
from core.services import comparison, training
from pages._ui import cache

if TYPE_CHECKING:
    from core.services.comparison import Alarm, ComparedRun, Curve, Figure
    from core.services.predictions import PredictionPictures

_MOST_RUNS = 256
_MOST_PICTURES = 60
_MOST_CURVES = 4096  # 30 runs of 20 classes, a few figures and windows


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


def curve(run: "ComparedRun", name: str, figure: "Figure", window: int) -> "Curve":
    """`comparison.build_curve`."""
    return _curve(run, _count(run), run.id, name, figure, window)


def losses(run: "ComparedRun") -> "tuple[list[float], list[float]]":
    """`comparison.build_loss_curves`, as lists."""
    return _losses(run, _count(run), run.id)


def alarms(run: "ComparedRun") -> "list[Alarm]":
    """`comparison.find_alarms` of one run."""
    return _alarms(run, _count(run), run.id)


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


def _count(run: "ComparedRun") -> tuple[int, float]:
    """What changes when an epoch is added, or said again by a resumed run."""
    epochs = run.history.epochs
    return len(epochs), max((record.time for record in epochs), default=0.0)


@st.cache_resource(max_entries=_MOST_RUNS, show_spinner=False)
def _run(run_id: str, stamp: str) -> training.TrainingRun:
    return training.read_run(run_id)


@st.cache_resource(max_entries=_MOST_RUNS, show_spinner="Reading the runs")
def _compared(run_id: str, stamp: str) -> "ComparedRun":
    return comparison.read_compared(run_id)


@st.cache_resource(max_entries=_MOST_CURVES, show_spinner=False)
def _curve(
    _run: "ComparedRun", count: tuple[int, float], run_id: str, name: str, figure: "Figure", window: int
) -> "Curve":
    return comparison.build_curve(_run, name, figure, window)


@st.cache_resource(max_entries=_MOST_RUNS, show_spinner=False)
def _losses(_run: "ComparedRun", count: tuple[int, float], run_id: str) -> "tuple[list[float], list[float]]":
    train, held_out = comparison.build_loss_curves(_run)
    return train.tolist(), held_out.tolist()


@st.cache_resource(max_entries=_MOST_RUNS, show_spinner=False)
def _alarms(_run: "ComparedRun", count: tuple[int, float], run_id: str) -> "list[Alarm]":
    return comparison.find_alarms([_run])


@st.cache_resource(max_entries=_MOST_PICTURES, show_spinner=False)
def _prediction(run_id: str, stamp: str, dataset_id: str, position: int) -> "PredictionPictures":
    from core.services import predictions

    return predictions.draw(run_id, cache.dataset(dataset_id), position)
