"""A plan's spec on each fold: solved anew on the training part, never copied over from the whole."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import balancing
from core.domain.balance import BalanceSpec
from core.domain.label_table import LabelTable
from core.services.balance.outcome import Outcome, solve
from core.splitting import Split


@dataclass(frozen=True, slots=True)
class FoldPlan:
    """The balance of one fold's training part.

    Attributes:
        fold: Which fold, from 0.
        train: Positions of the training part's samples in the whole dataset.
        test: Positions of the test part's samples.
        outcome: The balance of the training part; its table holds these samples only.
        copies: `(N,)` int64 copies of every image of the dataset; 0 for the whole test part.
        notes: What the training part could not be asked for, in sentences.
    """

    fold: int
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    outcome: Outcome
    copies: NDArray[np.int64]
    notes: tuple[str, ...]


def solve_folds(table: LabelTable, spec: BalanceSpec, split: Split) -> list[FoldPlan]:
    """Solve the same spec (T, γ, caps) on the training part of each fold, B in proportion.

    Balancing before splitting would put copies of test images into training; so the test part takes no part
    here at all, and stays as it is.

    Args:
        table: The whole dataset.
        spec: What the person asks.
        split: Its folds, over the same samples.

    Raises:
        TargetError: See `solve`.
        InfeasibleError: See `solve`.
    """
    return [_solve_fold(table, spec, split, fold) for fold in range(split.folds)]


def _solve_fold(table: LabelTable, spec: BalanceSpec, split: Split, fold: int) -> FoldPlan:
    train = split.train(fold)
    part = balancing.restrict_table(table, train)
    fold_spec, notes = balancing.restrict_spec(table, spec, part)
    outcome = solve(part, fold_spec)
    copies = np.zeros(len(table.sample_ids), dtype=np.int64)
    copies[train] = outcome.whole.copies
    return FoldPlan(fold, train, split.test(fold), outcome, copies, tuple(notes))
