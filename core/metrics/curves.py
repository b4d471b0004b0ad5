"""What a score does over the epochs of a run."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.metrics.scores import mean_over_classes


@dataclass(frozen=True, slots=True)
class Collapse:
    """A score that rose and then fell to nearly nothing.

    Attributes:
        best_epoch: Position of its best value in the curve, from 0: the checkpoint to take.
        best: That value.
        fallen_epoch: Position from which it stayed low to the end.
        last: Its last value.
    """

    best_epoch: int
    best: float
    fallen_epoch: int
    last: float


def smooth(curve: ArrayLike, window: int = 10) -> NDArray[np.float64]:
    """The mean of the last `window` values at each epoch (S3); of those there are, at the start.

    Args:
        curve: `(E,)`, NaN where an epoch has no value.
        window: 1 or more epochs; 1 changes nothing.

    Returns:
        `(E,)`; NaN where the whole window has none.

    >>> smooth([1.0, 3.0, float("nan"), 5.0], window=2).tolist()
    [1.0, 2.0, 3.0, 5.0]
    """
    if window < 1:
        raise ValueError(f"a window holds at least 1 epoch, not {window}")
    values = np.asarray(curve, dtype=np.float64)
    if values.size == 0:
        return values
    padded = np.concatenate([np.full(window - 1, np.nan), values])
    return mean_over_classes(np.lib.stride_tricks.sliding_window_view(padded, window))


def find_best(curve: ArrayLike) -> int | None:
    """Position of the best value, the first of equal ones; None where there is no value."""
    values = np.asarray(curve, dtype=np.float64)
    return None if np.isnan(values).all() else int(np.nanargmax(values))


def find_collapse(
    curve: Sequence[float] | NDArray[np.float64], *, least_best: float = 0.05, left: float = 0.1
) -> Collapse | None:
    """Whether a class's Dice rose and then fell to nearly nothing, and stayed there.

    It did if its best value is at least `least_best`, and it ends at or below `left` of that best. A curve
    that fell and came back is not flagged, nor one that never rose.

    Args:
        curve: `(E,)` Dice over the epochs so far, in [0, 1]; NaN where the class had none.
        least_best: What the best must reach. S1's rarest class is best at 0.08.
        left: Share of the best that counts as nearly nothing.

    >>> find_collapse([0.1, 0.6, 0.5, 0.04, 0.01])
    Collapse(best_epoch=1, best=0.6, fallen_epoch=3, last=0.01)
    """
    values = np.asarray(curve, dtype=np.float64)
    best_epoch = find_best(values)
    if best_epoch is None or values[best_epoch] < least_best:
        return None
    best = float(values[best_epoch])
    epochs = np.flatnonzero(~np.isnan(values))
    low = values[epochs] <= left * best
    if not low[-1]:
        return None
    last_high = int(np.flatnonzero(~low)[-1])  # the best itself is high, so there is one
    return Collapse(best_epoch, best, int(epochs[last_high + 1]), float(values[epochs[-1]]))
