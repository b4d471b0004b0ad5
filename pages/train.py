"""Train: what shall be trained, what it will take, and how every run is doing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.training import TrainRequest
from core.errors import AppError
from core.services import training
from core.services.training import TrainingRun
from pages._ui import cache, cache_runs, entry, layout, messages, state
from pages._ui.train import estimate, form, panel, words
from pages._ui.train import runs as train_runs
from pages._ui.words import counted, escaped

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def draw() -> None:
    """The run that is shown and the list of all left, what can be started right."""
    dataset_id, runs = state.dataset_id(), cache_runs.runs()
    if dataset_id is None and not runs:
        messages.empty_page(
            "Train",
            "No dataset is open. Here you train segmentation models on it, balanced or as it is, in the "
            "background.",
        )
        return
    action = layout.heading("Train", _line(dataset_id, runs))
    left, right = st.columns([2, 1], gap="medium")
    with right, messages.guarded():
        _form(dataset_id, runs, action)
    with left:
        if (run := _find_shown(dataset_id, runs)) is not None:
            panel.draw(run)
        train_runs.draw(dataset_id, runs)


def _line(dataset_id: str | None, runs: Sequence[TrainingRun]) -> str:
    parts = []
    if dataset_id is not None:
        try:
            parts.append(escaped(cache.dataset(dataset_id).spec.name))
        except AppError:  # said where the form would be
            parts.append(escaped(dataset_id))
    working = sum(run.progress.state == "running" for run in runs)
    waiting = sum(run.progress.state == "queued" for run in runs)
    parts.append(f"{working} at work" if working else "nothing at work")
    if waiting:
        parts.append(f"{waiting} waiting")
    return " · ".join([*parts, counted(len(runs), "run")])


def _find_shown(dataset_id: str | None, runs: Sequence[TrainingRun]) -> TrainingRun | None:
    """The run that the address names; else one at work, those of the open dataset first; else its latest."""
    named = state.training_id()
    found = next((run for run in runs if run.id == named), None)
    if named and found is None:
        messages.caution(f"There is no run {named}; it may have been deleted.")
        state.set_training(None)
    if found is None:
        own = [run for run in runs if dataset_id in (None, run.dataset_id)]
        working = [run for run in (*own, *runs) if run.progress.state == "running"]
        found = next(iter((*working, *own)), None)
    if found is not None:
        state.set_training(found.id)
    return found


def _form(dataset_id: str | None, runs: Sequence[TrainingRun], action: "DeltaGenerator") -> None:
    """What can be started; the button that does stands in the heading, in sight wherever one scrolls."""
    st.subheader("Train a model", anchor=False)
    if dataset_id is None:
        st.markdown("No dataset is open; open one on the Home page to train on it.")
        return
    requests: list[TrainRequest] = []
    possible = False
    try:
        requests = form.draw(dataset_id)
        devices = {request.device for request in requests}
        busy = any(run.progress.state == "running" and run.request.device in devices for run in runs)
        possible = estimate.draw(requests, busy)
    except AppError as error:
        messages.refusal(error)
    with action, messages.guarded():
        _start_button(requests, possible)


def _start_button(requests: Sequence[TrainRequest], possible: bool) -> None:
    if st.button(
        words.button_start(max(1, len(requests))),
        key="train.start",
        type="primary",
        disabled=not possible,
        help="In the background; this page may be closed.",
    ):
        started = [training.start(request) for request in requests]
        state.set_training(started[0])
        st.rerun()


entry.page(draw)
