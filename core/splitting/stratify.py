"""Iterative stratification over groups: the rarest class first (Sechidis, Tsoumakas and Vlahavas 2011)."""

import numpy as np
from numpy.typing import NDArray

from core.splitting.loads import Loads

_TIE = 1e-9


def stratify_groups(loads: Loads, folds: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """`(G,)` fold of each group, none of the k folds empty; needs G ≥ k.

    Groups with equal counts are first dealt round in full rounds, which unbalances nothing; only what is
    left over is placed one by one.
    """
    fold = _deal_equals(loads, folds, rng)
    _place_rest(loads, fold, folds, rng)
    _fill_empty(loads, fold, folds)
    return fold


def _deal_equals(loads: Loads, folds: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Full rounds of equal groups; -1 for the groups left over.

    Equal rows are found by a random product that wraps at 64 bits. Two different rows that met in it would
    only be dealt as if they were equal.
    """
    factors = rng.integers(1, 2**62, loads.wanted.size, dtype=np.int64)
    words = np.asarray(loads.rows.astype(np.int64) @ factors)
    shuffled = rng.permutation(loads.groups)
    order = shuffled[np.argsort(words[shuffled], kind="stable")]
    _, starts, counts = np.unique(words[order], return_index=True, return_counts=True)
    rank = np.arange(order.size) - np.repeat(starts, counts)
    in_full_round = rank < np.repeat(counts - counts % folds, counts)
    fold = np.full(loads.groups, -1, dtype=np.intp)
    fold[order] = np.where(in_full_round, rank % folds, -1)
    return fold


def _place_rest(loads: Loads, fold: NDArray[np.intp], folds: int, rng: np.random.Generator) -> None:
    """Place the groups at -1: class by class, the one with the fewest groups left first."""
    dealt = np.flatnonzero(fold >= 0)
    missing = loads.wanted - Loads(loads.rows[dealt], loads.wanted, loads.weights).sum_folds(
        fold[dealt], folds
    )
    rest = rng.permutation(np.flatnonzero(fold < 0))
    rows = loads.rows[rest]
    by_class = rows.tocsc()
    left = np.bincount(rows.indices, minlength=loads.wanted.size).astype(np.float64)
    left[left == 0] = np.inf
    placed = np.zeros(rest.size, dtype=np.bool_)
    while np.isfinite(left).any():
        column = int(np.argmin(left))
        part = slice(by_class.indptr[column], by_class.indptr[column + 1])
        members, amounts = by_class.indices[part], by_class.data[part]
        for member in members[np.argsort(-amounts, kind="stable")].tolist():
            if placed[member]:
                continue
            placed[member] = True
            cells = slice(rows.indptr[member], rows.indptr[member + 1])
            columns, counts = rows.indices[cells], rows.data[cells]
            chosen = _choose_fold(missing, column, columns, loads.weights[columns] * counts)
            missing[chosen, columns] -= counts
            left[columns] -= 1
            fold[rest[member]] = chosen
        left[left <= 0] = np.inf


def _choose_fold(
    missing: NDArray[np.float64],
    column: int,
    columns: NDArray[np.int32],
    pull: NDArray[np.float64],
) -> int:
    """The fold that lacks the class most; among equals the one whose whole deviation falls most."""
    want = missing[:, column]
    gain = missing[:, columns] @ pull
    return int(np.argmax(np.where(want >= want.max() - _TIE, gain, -np.inf)))


def _fill_empty(loads: Loads, fold: NDArray[np.intp], folds: int) -> None:
    """Give each empty fold the smallest group of the fold with the most groups."""
    held = np.bincount(fold, minlength=folds)
    sizes = loads.rows[:, [loads.wanted.size - 1]].toarray()[:, 0]
    for empty in np.flatnonzero(held == 0).tolist():
        giver = int(np.argmax(held))
        members = np.flatnonzero(fold == giver)
        fold[members[np.argmin(sizes[members])]] = empty
        held[giver] -= 1
        held[empty] += 1
