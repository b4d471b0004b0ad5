"""Runs as comparisons use them: what was asked, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.training import TrainRequest
from core.runs.folder import find_run
from core.runs.history import RunHistory, read_history, read_request


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One run as comparisons use it."""

    id: str
    request: TrainRequest
    history: RunHistory

    @property
    def title(self) -> str:
        """What people read."""
        return self.request.title

    @property
    def classes(self) -> tuple[str, ...]:
        """The scored classes; empty before the first fold has begun."""
        return self.history.folds[0].classes if self.history.folds else ()


def read_runs(ids: Sequence[str]) -> list[ComparedRun]:
    """The runs of some ids, in order.

    Raises:
        RunError: There is no such run, or it is not a training run.
    """
    folders = [find_run(run_id) for run_id in ids]
    return [ComparedRun(folder.id, read_request(folder), read_history(folder)) for folder in folders]


def find_classes(runs: Sequence[ComparedRun]) -> list[str]:
    """All classes of some runs, each once, in the order of the first run that has it."""
    return list(dict.fromkeys(name for run in runs for name in run.classes))
