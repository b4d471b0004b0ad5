"""Training as a background job."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from core.domain.scan import ScannedDataset
from core.domain.training import EpochRecord, FoldRecord, StepRecord, TrainRequest
from core.errors import AppError, CancelledError, TrainingError
from core.formats.whole import scan_dataset
from core.runs.folder import RunFolder
from core.runs.history import append_record, read_request, repair_history, write_step
from core.workspace.paths import dataset_id, workspace

if TYPE_CHECKING:
    from core.training.run import Assignment

# Runs last for hours, and their steps are told elsewhere: a line a few seconds is enough of a log.
_REPORT_SECONDS = 5.0


def run_train(
    folder: RunFolder, report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Train what the run's spec asks, or go on with it.

    Raises:
        AppError: Something cannot be trained as asked; a sentence with the next step.
        CancelledError: Somebody asked to stop; the last checkpoint is kept.
    """
    request = read_request(folder)
    repair_history(folder)
    report(0, 0, "Loading torch")
    try:
        from core.training.failures import explain_failure  # seconds to load, and other jobs do without
    except (ImportError, OSError) as error:  # OSError: a library of CUDA that does not load
        raise TrainingError(
            f"torch cannot be loaded ({error}); install Counterpoise again with pip."
        ) from error
    try:
        return _train(folder, request, report, should_stop)
    except (RuntimeError, OSError, MemoryError, AppError) as error:
        if (explained := explain_failure(error, request.recipe, request.device)) is None:
            raise
        raise explained from error


def join_run(folder: RunFolder) -> None:
    """Train as one more rank of a run whose worker has started this process; it alone speaks and decides.

    Raises:
        AppError: As in the worker, which tells of it.
    """
    from core.training.checkpoints import RunPlace
    from core.training.run import train_run
    from core.training.watching import Listener

    request, worker = read_request(folder), os.getppid()
    dataset, assignments = _prepare(request, lambda *_: None, lambda: os.getppid() != worker)
    listener = Listener(lambda _: None, lambda _: None, lambda: os.getppid() != worker)
    with suppress(CancelledError):  # the worker says so
        train_run(request, dataset, assignments, RunPlace.of(folder.path), lambda _: None, listener)


def _train(
    folder: RunFolder,
    request: TrainRequest,
    report: Callable[[int, int, str], None],
    should_stop: Callable[[], bool],
) -> dict[str, str]:
    from core.training.checkpoints import RunPlace
    from core.training.ranks import count_ranks, other_ranks
    from core.training.run import train_run
    from core.training.watching import Listener

    dataset, assignments = _prepare(request, report, should_stop)
    total = len(assignments) * request.recipe.epochs
    spoken = 0.0

    def on_step(step: StepRecord) -> None:
        nonlocal spoken
        write_step(folder, step)
        if time.monotonic() - spoken > _REPORT_SECONDS:
            spoken = time.monotonic()
            done = (step.fold - 1) * step.epochs + step.epoch - 1
            report(done, total, f"{step.stage.capitalize()}, fold {step.fold}, epoch {step.epoch}")

    def on_epoch(record: EpochRecord) -> None:
        append_record(folder, record)
        report((record.fold - 1) * record.epochs + record.epoch, total, f"Fold {record.fold}")

    def on_fold(record: FoldRecord) -> None:
        append_record(folder, record)

    listener = Listener(on_step, on_epoch, should_stop)
    command = [sys.executable, "-m", "core.jobs.rank", str(folder.path)]
    with other_ranks(count_ranks(request.device), command):
        train_run(request, dataset, assignments, RunPlace.of(folder.path), on_fold, listener)
    report(total, total, "")
    return {"message": f"{len(assignments)} folds trained." if len(assignments) > 1 else "Trained."}


def _prepare(
    request: TrainRequest, report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> "tuple[ScannedDataset, list[Assignment]]":
    """The dataset and what each fold does with it: the same in every rank."""
    from core.training.folds import assign_folds

    def tell(done: int, total: int, what: str) -> None:
        report(0, 0, f"{what}, {done} of {total}")  # a run's progress counts epochs, and nothing else

    dataset = scan_for_run(request, tell, should_stop)
    assignments = assign_folds(
        dataset,
        request.split,
        request.plan,
        lambda done, total: tell(done, total, "Comparing images"),
        should_stop,
    )
    return dataset, assignments


def scan_for_run(
    request: TrainRequest, report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> ScannedDataset:
    """The dataset as it is now.

    Raises:
        TrainingError: It has changed since the run was asked for.
        CancelledError: `should_stop` said so.
    """
    cache = workspace().dataset(dataset_id(request.dataset.root)) / "counts.cache"
    dataset = scan_dataset(
        request.dataset, cache, lambda done, total: report(done, total, "Checking the dataset"), should_stop
    )
    if dataset.fingerprint != request.fingerprint:
        raise TrainingError(
            f"{request.dataset.name} has changed since this run was asked for (its fingerprint is another). "
            "Scan it again on the Dataset page, and start a new run."
        )
    return dataset
