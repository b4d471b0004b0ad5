"""The learning rate of each epoch; its state is a few numbers, so that a resumed run goes on exactly."""

import math
from typing import Any

from core.domain.recipe import ScheduleSpec

_GAIN = 1e-4  # a figure must rise by so much to count as a gain


class LearningRate:
    """The rate of the epoch that comes next.

    Args:
        spec: How it changes.
        start: The rate at the first epoch.
        epochs: Epochs in all.
    """

    def __init__(self, spec: ScheduleSpec, start: float, epochs: int) -> None:
        self._spec = spec
        self._start = start
        self._epochs = epochs
        self._rate = start
        self._best = -math.inf
        self._waited = 0

    def find(self, epoch: int) -> float:
        """The rate of one epoch, counted from 0."""
        if self._spec.kind == "cosine":
            done = epoch / max(self._epochs - 1, 1)
            low = self._start * self._spec.final_share
            return low + (self._start - low) * (1 + math.cos(math.pi * done)) / 2
        return self._rate

    def take(self, figure: float | None) -> None:
        """Hear the figure (higher is better) of the epoch that has ended; a plateau lowers the rate.

        An epoch without a figure counts as one without a gain.
        """
        if figure is not None and figure > self._best + _GAIN:
            self._best, self._waited = figure, 0
            return
        self._waited += 1
        if self._spec.kind == "plateau" and self._waited > self._spec.patience:
            self._rate *= self._spec.factor
            self._waited = 0

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"rate": self._rate, "best": self._best, "waited": self._waited}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._rate, self._best = float(state["rate"]), float(state["best"])
        self._waited = int(state["waited"])
