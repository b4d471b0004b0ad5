"""k folds by group, and how evenly each class could be spread over them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import SplitError
from core.splitting.exchange import exchange_groups
from core.splitting.loads import Loads, build_loads
from core.splitting.stratify import stratify_groups

# Whatever is small is tried several times from other random orders, and the best kept.
_TRIES = ((200, 8), (2_000, 3))


@dataclass(frozen=True, slots=True)
class Unsplittable:
    """A class that occurs in fewer groups than there are folds, so that some test part must lack it."""

    name: str
    groups: int
    images: int


@dataclass(frozen=True, slots=True)
class Split:
    """k disjoint test parts; the training part of a fold is all the others.

    Attributes:
        class_names: The C classes.
        fold: `(N,)` the fold in whose test part each sample is, in [0, k).
        groups: How many groups the samples form.
        sizes: `(k,)` int64 samples of each test part.
        class_counts: `(k, C)` int64 samples of each test part that hold each class.
        deviations: `(C,)` how far the worst fold is from an equal part of a class's samples, as a share of
            that part: 0.1 where one holds 10 % more or less; NaN for a class that never occurs.
        unsplittable: Classes in fewer groups than folds, in the order of the classes.
    """

    class_names: tuple[str, ...]
    fold: NDArray[np.intp]
    groups: int
    sizes: NDArray[np.int64]
    class_counts: NDArray[np.int64]
    deviations: NDArray[np.float64]
    unsplittable: tuple[Unsplittable, ...]

    @property
    def folds(self) -> int:
        """How many folds there are, k."""
        return int(self.sizes.size)

    @property
    def worst_deviation(self) -> float:
        """The greatest of `deviations` among the classes that can be split; NaN where there is none."""
        lost = {item.name for item in self.unsplittable}
        kept = [
            value for name, value in zip(self.class_names, self.deviations, strict=True) if name not in lost
        ]
        return float(max(kept, default=np.nan))

    def test(self, fold: int) -> NDArray[np.intp]:
        """Positions of the samples in one fold's test part."""
        return np.flatnonzero(self.fold == fold)

    def train(self, fold: int) -> NDArray[np.intp]:
        """Positions of the samples in one fold's training part."""
        return np.flatnonzero(self.fold != fold)


def split_groups(
    presence: NDArray[np.bool_] | NDArray[np.uint8],
    class_names: Sequence[str],
    groups: NDArray[np.integer],
    folds: int,
    seed: int = 0,
) -> Split:
    """Split samples into k folds; a group is never divided, and each class is spread as evenly as can be.

    Groups are placed by iterative stratification (Sechidis et al. 2011, with groups in the place of
    samples): the class with the fewest groups left goes first, each of its groups to the fold that wants
    the class most. Then single groups move or change places while that lowers the squared relative
    deviation, summed over folds, classes and sizes.

    Args:
        presence: `(N, C)`, non-zero where the sample holds the class.
        class_names: C names.
        groups: `(N,)` group of each sample; any integers.
        folds: k.
        seed: Decides among equals; the same seed gives the same folds.

    Raises:
        SplitError: If there are fewer than 2 folds, or fewer groups than folds.
        ValueError: If the lengths disagree; a fault of the caller.
    """
    if presence.shape != (groups.size, len(class_names)):
        raise ValueError(
            f"presence has shape {presence.shape}; {groups.size} samples × {len(class_names)} classes are "
            "needed"
        )
    _, group = np.unique(groups, return_inverse=True)
    count = int(group.max(initial=-1)) + 1
    check_folds(folds, count, groups.size)
    loads = build_loads(presence, group, count, folds)
    fold = _place(loads, folds, seed)[group]
    return _describe(presence, tuple(class_names), loads, fold, folds)


def check_folds(folds: int, groups: int, images: int) -> None:
    """Refuse a number of folds that the groups cannot fill.

    Raises:
        SplitError: Naming the greatest number that is possible.
    """
    if folds < 2:
        raise SplitError(f"{folds} folds leave nothing to train on or nothing to test; ask for 2 or more.")
    if groups < 2:
        raise SplitError(
            f"All {images} images form one group, which must not be divided, so there is nothing to split. "
            "Choose a group pattern that makes smaller groups."
        )
    if folds > groups:
        raise SplitError(
            f"{folds} folds need at least {folds} groups, but the {images} images form only {groups}, and a "
            f"group is never divided. Ask for at most {groups} folds, or choose a group pattern that makes "
            "smaller groups."
        )


def _place(loads: Loads, folds: int, seed: int) -> NDArray[np.intp]:
    """`(G,)` fold of each group: the best of a few tries."""
    tries = next((tries for groups, tries in _TRIES if loads.groups <= groups), 1)
    rng = np.random.default_rng(seed)
    best, least = np.zeros(loads.groups, dtype=np.intp), np.inf
    for _ in range(tries):
        fold = exchange_groups(loads, stratify_groups(loads, folds, rng), folds, rng)
        cost = loads.compute_cost(loads.sum_folds(fold, folds))
        if cost < least - 1e-12:
            best, least = fold, cost
    return best


def _describe(
    presence: NDArray[np.bool_] | NDArray[np.uint8],
    names: tuple[str, ...],
    loads: Loads,
    fold: NDArray[np.intp],
    folds: int,
) -> Split:
    in_fold = [presence[fold == place] for place in range(folds)]
    counts = np.array([np.count_nonzero(part, axis=0) for part in in_fold], dtype=np.int64)
    counts = counts.reshape(folds, len(names))
    total = counts.sum(axis=0)
    part = total / folds
    miss = np.abs(counts - part).max(axis=0)
    deviations = np.divide(miss, part, out=np.full(part.shape, np.nan), where=part > 0)
    holders = loads.count_holders()[:-1].tolist()
    unsplittable = tuple(
        Unsplittable(name, held, int(images))
        for name, held, images in zip(names, holders, total, strict=True)
        if held < folds
    )
    sizes = np.bincount(fold, minlength=folds).astype(np.int64)
    return Split(names, fold, loads.groups, sizes, counts, deviations, unsplittable)
