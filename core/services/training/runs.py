"""Training runs: started, queued, watched, stopped, resumed, deleted. No torch here: workers have it."""

import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.domain.training import StepRecord, TrainRequest
from core.errors import RunError
from core.jobs import queue
from core.runs.folder import RunFolder, create_run, find_run, list_runs
from core.runs.history import RunHistory, read_history, read_request, read_step
from core.runs.progress import RunProgress, read_progress
from core.workspace.paths import dataset_id

_CHANGING = ("events.jsonl", "history.jsonl", "worker.json", "queued", "result.json")
_FRESH = 30.0  # seconds after which a step is no news any more


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One run as lists show it.

    Attributes:
        id: Its id.
        request: What was asked.
        progress: State, message, result.
        created: Seconds since the epoch.
        place: Place in the queue, from 1; 0 for a run that does not wait.
        dataset_id: Of the dataset that it trains on, as this workspace names it.
    """

    id: str
    request: TrainRequest
    progress: RunProgress
    created: float
    place: int = 0
    dataset_id: str = ""


@dataclass(frozen=True, slots=True)
class WatchedRun:
    """Everything that a page shows of one run.

    Attributes:
        run: As in lists.
        history: Folds and epochs so far.
        step: The latest step of a run at work; None for others.
        pid: Its process; None where none works.
        folder: Its folder.
    """

    run: TrainingRun
    history: RunHistory
    step: StepRecord | None
    pid: int | None
    folder: Path


def start(request: TrainRequest) -> str:
    """Queue a run, and start it at once if its device is free; returns its id.

    Raises:
        RunError: The queue cannot be reached.
        WorkspaceError: The workspace cannot be written.
    """
    run = create_run("train", {"request": request.model_dump_json(), "device": request.device})
    queue.enqueue(run)
    return run.id


def list_training() -> list[TrainingRun]:
    """All training runs, the latest first; a damaged one is left out. Moves the queue on where it can."""
    places = find_places()
    found = []
    for run_id in read_stamps():
        with suppress(RunError):
            found.append(read_run(run_id, places.get(run_id, 0)))
    return sorted(found, key=lambda run: run.created, reverse=True)


def find_places() -> dict[str, int]:
    """The place in the queue, from 1, of each run that waits. Moves the queue on where it can."""
    queue.start_waiting()
    return {run.id: place for place, run in enumerate(queue.list_waiting(), start=1)}


def read_stamps() -> dict[str, str]:
    """The id of each training run, with a text that changes when its files do."""
    return {folder.id: _read_stamp(folder) for folder in list_runs("train")}


def read_run(run_id: str, place: int = 0) -> TrainingRun:
    """One run as lists show it.

    Raises:
        RunError: There is no such run, or it is damaged.
        WorkspaceError: The id is not one that this program gives.
    """
    return _describe(find_run(run_id), place)


def watch(run_id: str) -> WatchedRun:
    """Everything of one run. Moves the queue on where it can.

    Raises:
        RunError: There is no such run.
        WorkspaceError: The id is not one that this program gives.
    """
    places = find_places()
    folder = find_run(run_id)
    run = _describe(folder, places.get(run_id, 0))
    step = read_step(folder)
    at_work = run.progress.state == "running"
    worker = folder.find_worker()
    return WatchedRun(
        run=run,
        history=read_history(folder),
        step=step if step is not None and at_work and time.time() - step.time < _FRESH else None,
        pid=worker.pid if worker is not None and at_work else None,
        folder=folder.path,
    )


def stop(run_id: str) -> None:
    """Take a run out of the queue, or ask it to stop after the present batch; its checkpoint is kept.

    Raises:
        RunError: There is no such run.
    """
    queue.cancel(find_run(run_id))


def resume(run_id: str) -> None:
    """Let a run go on from its last checkpoint, when its device is free.

    Raises:
        RunError: There is no such run, it is at work, or it has finished.
    """
    folder = find_run(run_id)
    if read_progress(folder).state == "finished":
        raise RunError(f"The run {run_id} has finished; there is nothing to go on with.")
    queue.enqueue(folder)


def delete(run_id: str) -> None:
    """Remove a run with its checkpoints and predictions.

    Raises:
        RunError: There is no such run, or it is at work.
    """
    folder = find_run(run_id)
    if read_progress(folder).state == "running":
        raise RunError(f"The run {run_id} is at work; stop it first.")
    folder.leave_queue()
    shutil.rmtree(folder.path, ignore_errors=True)


def _describe(folder: RunFolder, place: int) -> TrainingRun:
    spec, request = folder.read_spec(), read_request(folder)
    own = dataset_id(request.dataset.root)
    return TrainingRun(folder.id, request, read_progress(folder), spec.created, place, own)


def _read_stamp(folder: RunFolder) -> str:
    """Sizes and times of what a run may still write."""
    parts = []
    for name in _CHANGING:
        with suppress(OSError):
            found = (folder.path / name).stat()
            parts.append(f"{name} {found.st_mtime_ns} {found.st_size}")
    return ", ".join(parts)
