"""Run lengths: a mask as the lengths of its runs of 0, 1, 0, 1, … down the columns, one after the other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def parse_runs(counts: Any) -> NDArray[np.int64] | None:
    """Run lengths from a list of numbers or from COCO's text; None where it is neither.

    The text holds each number in groups of five bits, the lowest first; 32 marks that more follow, the fifth
    bit of the last is the sign. From the fourth run on, numbers are differences to the last run of
    the same value (maskApi.c, `rleFrString`).

    >>> parse_runs([3, 2, 4]).tolist(), parse_runs("324").tolist(), parse_runs("o")
    ([3, 2, 4], [3, 2, 4], None)
    """
    if isinstance(counts, list):
        try:
            runs = np.array(counts)
        except ValueError:  # lists in lists
            return None
        return runs.astype(np.int64) if runs.ndim == 1 and np.issubdtype(runs.dtype, np.integer) else None
    if not isinstance(counts, str) or not counts.isascii():
        return None
    codes = np.frombuffer(counts.encode(), dtype=np.uint8).astype(np.int64) - 48
    last = (codes & 32) == 0
    if not len(codes) or codes.min() < 0 or codes.max() > 63 or not last[-1]:
        return None
    number = np.concatenate([[0], np.cumsum(last)[:-1]])
    place = np.arange(len(codes)) - np.concatenate([[0], np.flatnonzero(last)[:-1] + 1])[number]
    if place.max() > 7:  # more than 40 bits
        return None
    numbers = np.zeros(int(last.sum()), dtype=np.int64)
    np.add.at(numbers, number, (codes & 31) << (5 * place))
    ends = np.flatnonzero(last)
    numbers -= np.where(codes[ends] & 16, np.int64(1) << (5 * (place[ends] + 1)), 0)
    numbers[1::2] = np.cumsum(numbers[1::2])
    numbers[2::2] = np.cumsum(numbers[2::2])
    return numbers


def join_runs(runs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same mask in its one shortest form: no empty runs but the first, so that equal masks are equal."""
    ends = np.cumsum(runs)
    values = np.arange(len(runs)) % 2
    kept = runs > 0
    ends, values = ends[kept], values[kept]
    changes = np.flatnonzero(np.diff(values)) if len(values) else np.array([], dtype=np.intp)
    bounds = np.concatenate([[0], ends[changes], ends[-1:]])
    joined = np.diff(bounds)
    return np.concatenate([[0], joined]) if len(values) and values[0] else joined


def draw_runs(runs: NDArray[np.int64], height: int, width: int) -> NDArray[np.bool_]:
    """`(H, W)` bool: the mask of runs that fill it.

    >>> draw_runs(np.array([1, 2, 1]), 2, 2).tolist()
    [[False, True], [True, False]]
    """
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height).T  # columns first
