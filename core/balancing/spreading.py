"""Copies of a group become copies of its images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.balance import Bounds
from core.domain.label_table import LabelTable
from core.errors import InfeasibleError


def spread_copies(
    table: LabelTable, group_copies: NDArray[np.int64], seed: int, bounds: Bounds | None = None
) -> NDArray[np.int64]:
    """Share each group's copies evenly among its images.

    Every image of a group gets the floor or the ceiling of the mean; who gets one more is drawn by `seed`.

    Args:
        table: The dataset's label vectors.
        group_copies: `(K,)` whole copies per group.
        seed: Decides among equal images.
        bounds: Checked against the result where given.

    Returns:
        `(N,)` int64 copies per image; those of a group sum to its copies.

    Raises:
        InfeasibleError: If the copies break `bounds`.

    >>> one, rows = np.ones((1, 1), np.uint8), np.zeros(3, np.intp)
    >>> table = LabelTable(("a",), one, np.array([3]), rows, ("x", "y", "z"))
    >>> sorted(spread_copies(table, np.array([4]), seed=0).tolist())
    [1, 1, 2]
    """
    each, extra = np.divmod(group_copies, table.multiplicities)
    copies = each[table.row_of_sample] + (_rank_in_group(table, seed) < extra[table.row_of_sample])
    if bounds is not None:
        _check_bounds(copies, bounds)
    return copies.astype(np.int64)


@dataclass(frozen=True, slots=True)
class CopySummary:
    """What copies per image amount to.

    Attributes:
        total: Σ x.
        duplicates: Σ max(x−1, 0), copies beyond the first.
        dropped: Images with no copy.
        max_copies: Most copies of one image.
        ess: Kish's effective sample size as a share of N: `(Σx)²/(N·Σx²)`; 0 where nothing is copied.
    """

    total: int
    duplicates: int
    dropped: int
    max_copies: int
    ess: float


def summarise_copies(copies: NDArray[np.int64]) -> CopySummary:
    """Sum up `(N,)` copies per image.

    >>> summarise_copies(np.array([2, 1, 0])).duplicates
    1
    """
    total = int(copies.sum())
    squares = float((copies.astype(np.float64) ** 2).sum())
    return CopySummary(
        total=total,
        duplicates=int(np.maximum(copies - 1, 0).sum()),
        dropped=int(np.count_nonzero(copies == 0)),
        max_copies=int(copies.max(initial=0)),
        ess=total**2 / (copies.size * squares) if squares else 0.0,
    )


def _rank_in_group(table: LabelTable, seed: int) -> NDArray[np.intp]:
    """`(N,)` place of each sample in a random order of its group, from 0."""
    count = len(table.row_of_sample)
    shuffled = np.random.default_rng(seed).permutation(count)
    order = shuffled[np.argsort(table.row_of_sample[shuffled], kind="stable")]
    starts = np.cumsum(table.multiplicities) - table.multiplicities
    rank = np.empty(count, dtype=np.intp)
    rank[order] = np.arange(count) - np.repeat(starts, table.multiplicities)
    return rank


def _check_bounds(copies: NDArray[np.int64], bounds: Bounds) -> None:
    most = int(copies.max(initial=0))
    if bounds.max_copies is not None and most > bounds.max_copies:
        raise InfeasibleError(
            f"One image would be copied {most} times, but at most {bounds.max_copies} copies are allowed. "
            "Solve again with this limit."
        )
    if bounds.keep_originals and int(copies.min(initial=1)) < 1:
        raise InfeasibleError(
            "Some originals would be dropped, but all shall be kept. Solve again with originals kept."
        )
