"""Back into caps and floors after a step, along the ray of equal proportions."""

import numpy as np
from numpy.typing import NDArray

_MAX_STEPS = 100


def retract(
    weights: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]
) -> NDArray[np.float64]:
    """`clip(s·w, lower, upper)` with the one factor s for which the sum is 1.

    Groups within their bounds keep their proportions to each other. Where no factor reaches the sum (groups
    at exactly zero cannot grow), what is missing is shared out by the room that is left.

    Args:
        weights: `(K,)`, ≥ 0.
        lower: `(K,)`, Σ ≤ 1.
        upper: `(K,)`, Σ ≥ 1.
    """
    low, high = 0.0, 1.0
    while float(np.clip(high * weights, lower, upper).sum()) < 1.0 and high < 1e18:
        low, high = high, 4.0 * high
    for _ in range(_MAX_STEPS):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        is_short = float(np.clip(middle * weights, lower, upper).sum()) < 1.0
        low, high = (middle, high) if is_short else (low, middle)
    fitted = np.clip(low * weights, lower, upper)
    room = upper - fitted
    return fitted + (1.0 - float(fitted.sum())) * room / max(float(room.sum()), 1e-300)


def find_free(
    weights: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The weights of groups strictly within their bounds, 0 elsewhere; all weights where none is."""
    free = np.where((weights > lower) & (weights < upper), weights, 0.0)
    return free if free.any() else weights
