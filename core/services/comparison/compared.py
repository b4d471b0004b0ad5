"""Runs as comparisons use them: what was asked, and what came of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.training import TrainRequest
from core.runs.folder import find_run
from core.runs.history import RunHistory, read_history, read_request


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One run as comparisons use it.

    Attributes:
        id: Its id.
        request: What was asked.
        history: What came of it so far.
        label: Told apart from the others by this, where titles are equal; the title when empty.
    """

    id: str
    request: TrainRequest
    history: RunHistory
    label: str = ""

    @property
    def title(self) -> str:
        """What people read."""
        return self.label or self.request.title

    @property
    def classes(self) -> tuple[str, ...]:
        """The scored classes; empty before the first fold has begun."""
        return self.history.folds[0].classes if self.history.folds else ()


def read_runs(ids: Sequence[str]) -> list[ComparedRun]:
    """The runs of some ids, in order, no two with the same title.

    Raises:
        RunError: There is no such run, or it is not a training run.
    """
    return label_runs([read_compared(run_id) for run_id in ids])


def read_compared(run_id: str) -> ComparedRun:
    """One run.

    Raises:
        RunError: There is no such run, or it is not a training run.
    """
    folder = find_run(run_id)
    return ComparedRun(folder.id, read_request(folder), read_history(folder))


def label_runs(runs: Sequence[ComparedRun]) -> list[ComparedRun]:
    """The same runs; of equal titles the second one is numbered 2, and so on."""
    seen: Counter[str] = Counter()
    labelled = []
    for run in runs:
        title = run.request.title
        seen[title] += 1
        labelled.append(replace(run, label=f"{title} ({seen[title]})" if seen[title] > 1 else title))
    return labelled


def find_classes(runs: Sequence[ComparedRun]) -> list[str]:
    """All classes of some runs, each once, in the order of the first run that has it."""
    return list(dict.fromkeys(name for run in runs for name in run.classes))
