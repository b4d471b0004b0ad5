"""What a training run has said: its folds and epochs, kept for good, and its latest step.

`history.jsonl` is append-only, one line a fold or an epoch. A run that was killed and goes on may say an
epoch again; the last word counts. `step.json` holds the latest step and is replaced.
"""

from dataclasses import dataclass

from pydantic import ValidationError

from core.domain.training import HISTORY_RECORD, EpochRecord, FoldRecord, StepRecord, TrainRequest
from core.errors import RunError
from core.runs.folder import RunFolder
from core.workspace.files import cut_half_line, write_atomic

_HISTORY, _STEP = "history.jsonl", "step.json"


@dataclass(frozen=True, slots=True)
class RunHistory:
    """All folds and epochs of a run, in order."""

    folds: tuple[FoldRecord, ...]
    epochs: tuple[EpochRecord, ...]

    def of_fold(self, fold: int) -> list[EpochRecord]:
        """The epochs of one fold, counted from 1."""
        return [record for record in self.epochs if record.fold == fold]


def read_request(folder: RunFolder) -> TrainRequest:
    """What a training run was asked.

    Raises:
        RunError: There is no such run, it is of another kind, or its spec is damaged.
    """
    spec = folder.read_spec()
    try:
        return TrainRequest.model_validate_json(spec.arguments["request"])
    except (KeyError, ValidationError) as error:
        raise RunError(f"The run {folder.id} is not a training run, or its spec.json is damaged.") from error


def append_record(folder: RunFolder, record: FoldRecord | EpochRecord) -> None:
    """Add one line; only the worker may."""
    with (folder.path / _HISTORY).open("a", encoding="utf-8") as file:
        file.write(record.model_dump_json() + "\n")


def repair_history(folder: RunFolder) -> None:
    """Cut off a line that a killed worker left half written; only the worker may."""
    cut_half_line(folder.path / _HISTORY)


def read_history(folder: RunFolder) -> RunHistory:
    """All folds and epochs so far; a line that is still being written is left for the next time."""
    try:
        content = (folder.path / _HISTORY).read_bytes()
    except FileNotFoundError:
        return RunHistory((), ())
    folds: dict[int, FoldRecord] = {}
    epochs: dict[tuple[int, int], EpochRecord] = {}
    for line in content[: content.rfind(b"\n") + 1].splitlines():
        record = HISTORY_RECORD.validate_json(line)
        if isinstance(record, FoldRecord):
            folds[record.fold] = record
        else:
            epochs[record.fold, record.epoch] = record
    return RunHistory(
        tuple(folds[key] for key in sorted(folds)), tuple(epochs[key] for key in sorted(epochs))
    )


def write_step(folder: RunFolder, step: StepRecord) -> None:
    """Say what the worker is doing just now."""
    write_atomic(folder.path / _STEP, step.model_dump_json())


def read_step(folder: RunFolder) -> StepRecord | None:
    """The latest step; None before the first."""
    try:
        return StepRecord.model_validate_json((folder.path / _STEP).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
