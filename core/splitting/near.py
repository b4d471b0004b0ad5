"""Pairs of near duplicates among perceptual hashes, all pairs compared in blocks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_ROWS, _COLUMNS = 256, 4096  # a block of distances stays in the processor's cache


@dataclass(frozen=True, slots=True)
class NearPairs:
    """Pairs of images that look alike, the nearest first.

    Attributes:
        pairs: `(P, 2)` intp positions, the smaller one first.
        distances: `(P,)` int64 bits of the fine hash that differ.
        limit: Up to which distance all pairs are here; below the limit asked for where there were too many.
    """

    pairs: NDArray[np.intp]
    distances: NDArray[np.int64]
    limit: int


def find_near_pairs(
    coarse: NDArray[np.uint64],
    fine: NDArray[np.uint64],
    groups: NDArray[np.integer],
    coarse_limit: int,
    fine_limit: int,
    most: int,
    on_block: Callable[[int, int], None] | None = None,
) -> NearPairs:
    """Find the pairs whose hashes both agree; images of one group are no pair.

    A short hash alone takes many different images for alike; the long one alone costs four times as much. So
    the short one chooses, and the long one decides.

    Args:
        coarse: `(N,)` short hashes, 64 bits.
        fine: `(N, W)` long hashes, W words of 64 bits.
        groups: `(N,)` group of each image.
        coarse_limit: Most bits of the short hash that may differ.
        fine_limit: Most bits of the long hash that may differ.
        most: Most pairs to keep; beyond, the nearest are kept and `limit` falls.
        on_block: Told (rows done, rows in all) now and then; what it raises ends the search.
    """
    nearest = _Nearest(fine_limit, most)
    for start in range(0, coarse.size, _ROWS):
        rows = slice(start, min(start + _ROWS, coarse.size))
        for left in range(start, coarse.size, _COLUMNS):
            columns = slice(left, min(left + _COLUMNS, coarse.size))
            differing = np.bitwise_count(coarse[rows, None] ^ coarse[None, columns])
            here, there = np.nonzero(differing <= coarse_limit)
            here, there = here + start, there + left
            kept = (here < there) & (groups[here] != groups[there])
            here, there = here[kept], there[kept]
            nearest.add(here, there, np.bitwise_count(fine[here] ^ fine[there]).sum(axis=1, dtype=np.int64))
        if on_block is not None:
            on_block(rows.stop, coarse.size)
    return nearest.take()


class _Nearest:
    """The nearest pairs so far; when twice as many as wanted have come, the farther ones go."""

    def __init__(self, limit: int, most: int) -> None:
        self._limit, self._most, self._count = limit, most, 0
        self._pairs: list[NDArray[np.intp]] = []
        self._distances: list[NDArray[np.int64]] = []

    def add(self, here: NDArray[np.intp], there: NDArray[np.intp], distances: NDArray[np.int64]) -> None:
        near = distances <= self._limit
        self._pairs.append(np.stack([here[near], there[near]], axis=1))
        self._distances.append(distances[near])
        self._count += int(near.sum())
        if self._count > 2 * self._most:
            self._shrink()

    def take(self) -> NearPairs:
        self._shrink()
        pairs, distances = self._joined()
        order = np.lexsort((pairs[:, 1], pairs[:, 0], distances))
        return NearPairs(pairs[order], distances[order], self._limit)

    def _joined(self) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        nothing = np.zeros((0, 2), dtype=np.intp)
        empty = np.zeros(0, dtype=np.int64)
        return np.concatenate([nothing, *self._pairs]), np.concatenate([empty, *self._distances])

    def _shrink(self) -> None:
        """Lower the limit until no more are left than wanted: never a part of those at one distance."""
        pairs, distances = self._joined()
        if distances.size > self._most:
            upto = np.cumsum(np.bincount(distances, minlength=self._limit + 1))
            # At distance 0 all are kept: there is nothing nearer to prefer.
            self._limit = max(int(np.searchsorted(upto, self._most, side="right")) - 1, 0)
            near = distances <= self._limit
            pairs, distances = pairs[near], distances[near]
        self._pairs, self._distances, self._count = [pairs], [distances], distances.size
