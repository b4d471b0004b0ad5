"""ML-ROS: random over-sampling of the images of minority labels (Charte, Rivera, del Jesus, Herrera 2015)."""

import numpy as np
from numpy.typing import NDArray

from core.balancing.problem import BalanceProblem

_MOST_SHARE = 3.0
_BATCHES_A_SET = 2_000


def clone_minorities(problem: BalanceProblem, seed: int = 0) -> tuple[NDArray[np.int64], float]:
    """Clone images of minority labels until the distance to T is least.

    A label is a minority while its imbalance (images of the commonest label over its own) is above the mean
    imbalance of the original set; minorities clone a random image of theirs in turn. The published method
    stops at a given share of clones, 10 to 25 % of N. Here that share is tuned: of all moments up to 300 %
    the best is kept. On large sets minorities are looked for after every 0.05 % of N only.

    Args:
        problem: Its distance decides when to stop.
        seed: Draws the clones.

    Returns:
        `(N,)` copies of each image, the images in the order of their groups, and the share of clones in N.
    """
    images = problem.images
    bags = _Bags(problem, np.random.default_rng(seed))
    kept, least = 0, problem.original_distance
    clones = np.zeros(0, dtype=np.int64)
    batches = [clones]
    cloned = 0
    while cloned < _MOST_SHARE * images and (clones := bags.clone()).size:
        batches.append(clones)
        cloned += clones.size
        distance = problem.compute_distance(bags.counts / (images + cloned))
        if distance < least:
            kept, least = cloned, distance
    copies = 1 + np.bincount(np.concatenate(batches)[:kept], minlength=images)
    return copies.astype(np.int64), kept / images


class _Bags:
    """The images of each minority label, drawn from in turn; `counts` `(C,)` are images of each label."""

    def __init__(self, problem: BalanceProblem, rng: np.random.Generator) -> None:
        self._labels, self._rng = problem.labels, rng
        self.counts = problem.labels.shares(problem.multiplicities.astype(np.float64))
        self._round = max(problem.images // _BATCHES_A_SET, 1)
        self._first = np.cumsum(problem.multiplicities) - problem.multiplicities
        self._ends = np.cumsum(problem.multiplicities)
        self._mean = float(self._measure_imbalance()[self.counts > 0].mean()) if self.counts.any() else 1.0
        columns = problem.labels.columns
        self._groups = [
            columns.indices[columns.indptr[place] : columns.indptr[place + 1]]
            for place in range(self.counts.size)
        ]
        self._sums = [np.cumsum(problem.multiplicities[groups]) for groups in self._groups]
        self._active = self._find_minorities(np.arange(self.counts.size))

    def clone(self) -> NDArray[np.int64]:
        """Positions of the images cloned next; empty once no label is a minority."""
        turns = max(self._round // max(self._active.size, 1), 1)
        parts = [self._draw(place, turns) for place in self._active.tolist()]
        clones = np.array(parts, dtype=np.int64).reshape(len(parts), turns).T.ravel()  # in turn
        groups = np.searchsorted(self._ends, clones, side="right")
        added = np.bincount(groups, minlength=self._ends.size).astype(np.float64)
        self.counts = self.counts + self._labels.shares(added)
        self._active = self._find_minorities(self._active)
        return clones

    def _draw(self, place: int, count: int) -> NDArray[np.int64]:
        """Random images of one label: a random one of its images is looked up by group and rank in it."""
        sums, groups = self._sums[place], self._groups[place]
        drawn = self._rng.integers(0, sums[-1], count)
        bag = np.searchsorted(sums, drawn, side="right")
        before = np.where(bag > 0, sums[bag - 1], 0)
        return np.asarray(self._first[groups[bag]] + drawn - before, dtype=np.int64)

    def _measure_imbalance(self) -> NDArray[np.float64]:
        return float(self.counts.max(initial=0.0)) / np.maximum(self.counts, 1e-300)

    def _find_minorities(self, labels: NDArray[np.intp]) -> NDArray[np.intp]:
        occurs = self.counts[labels] > 0
        return labels[occurs & (self._measure_imbalance()[labels] > self._mean)]
