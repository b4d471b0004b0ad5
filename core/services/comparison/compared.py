"""Runs as comparisons use them: what was asked, and what came of it, folds and epochs stacked."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.domain.training import MetricsRecord, TrainRequest
from core.runs.folder import find_run
from core.runs.history import RunHistory, read_history, read_request

VDICE = "vDice"
Figure = Literal["dice", "iou", "precision", "recall", "dice_images", "iou_images"]
_MEANS: dict[Figure, str] = {"dice": "vdice", "dice_images": "vdice_images", "iou": "mean_iou"}
"""Figures whose mean over the classes is kept, and under which name."""


@dataclass(frozen=True)  # without slots: what is stacked once is kept
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

    @cached_property
    def stacked(self) -> dict[tuple[Figure, str], NDArray[np.float64]]:
        """`(F, E)` of the held-out part by figure and class, or `VDICE`; NaN where there is no value."""
        stacks: dict[tuple[Figure, str], NDArray[np.float64]] = {}
        for figure in get_args(Figure):
            for name in (*self.classes, *([VDICE] if figure in _MEANS else [])):
                stacks[figure, name] = np.full(self.shape, np.nan)
        for record in self.history.epochs:
            place = record.fold - 1, record.epoch - 1
            for (figure, name), values in stacks.items():
                found = _pick(record.validation, name, figure)
                values[place] = math.nan if found is None else found
        return stacks

    @cached_property
    def losses(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """`(F, E)` losses on the training and on the held-out part."""
        train, held_out = np.full((2, *self.shape), np.nan)
        for record in self.history.epochs:
            for values, part in ((train, record.train), (held_out, record.validation)):
                values[record.fold - 1, record.epoch - 1] = math.nan if part.loss is None else part.loss
        return train, held_out

    @property
    def shape(self) -> tuple[int, int]:
        """Folds and epochs so far."""
        records = self.history.epochs
        folds = max((record.fold for record in records), default=0)
        return folds, max((record.epoch for record in records), default=0)


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
        labelled.append(replace(run, label=f"{title} ({seen[title]})") if seen[title] > 1 else run)
    return labelled


def find_classes(runs: Sequence[ComparedRun]) -> list[str]:
    """All classes of some runs, each once, in the order of the first run that has it."""
    return list(dict.fromkeys(name for run in runs for name in run.classes))


def _pick(record: MetricsRecord, name: str, figure: Figure) -> float | None:
    if name == VDICE:
        mean: float | None = getattr(record, _MEANS[figure])
        return mean
    values: dict[str, float | None] = getattr(record, figure)
    return values.get(name)
