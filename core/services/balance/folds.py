"""A plan's spec on each fold: solved anew on the training part, never copied over from the whole."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.domain.balance import BalanceSpec
from core.domain.label_table import LabelTable
from core.plans.outcome import Outcome, solve_part
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
    return [solve_fold(table, spec, split, fold) for fold in range(split.folds)]


def solve_fold(table: LabelTable, spec: BalanceSpec, split: Split, fold: int) -> FoldPlan:
    """`solve_folds` for one fold, counted from 0.

    Raises:
        TargetError: See `solve`.
        InfeasibleError: See `solve`.
    """
    train = split.train(fold)
    outcome, notes = solve_part(table, spec, train)
    copies = np.zeros(len(table.sample_ids), dtype=np.int64)
    copies[train] = outcome.whole.copies
    return FoldPlan(fold, train, split.test(fold), outcome, copies, notes)


def fold_figures(plans: Sequence[FoldPlan]) -> pd.DataFrame:
    """One line a fold: fold (from 1), test_images, training_images, and what its training part becomes.

    `ess` is the share of the training part that the continuous solution keeps, `worst_miss` the largest
    |achieved − target| over the classes in whole copies; both are shares.
    """
    return pd.DataFrame(
        {
            "fold": [plan.fold + 1 for plan in plans],
            "test_images": [plan.test.size for plan in plans],
            "training_images": [plan.train.size for plan in plans],
            "images": [plan.outcome.whole.total for plan in plans],
            "duplicates": [plan.outcome.whole.duplicates for plan in plans],
            "dropped": [plan.outcome.whole.dropped for plan in plans],
            "max_copies": [plan.outcome.whole.max_copies for plan in plans],
            "ess": [plan.outcome.continuous.ess for plan in plans],
            "worst_miss": [_compute_worst_miss(plan.outcome) for plan in plans],
        }
    )


def fold_copies(table: LabelTable, split: Split, plans: Sequence[FoldPlan]) -> pd.DataFrame:
    """One line an image: image, test_fold (from 1), and its copies in each training part (`copies 1`, …)."""
    frame = pd.DataFrame({"image": list(table.sample_ids), "test_fold": split.fold + 1})
    for plan in plans:
        frame[f"copies {plan.fold + 1}"] = plan.copies
    return frame


def _compute_worst_miss(outcome: Outcome) -> float:
    targets = {item.name: item.share for item in outcome.spec.column_targets}
    names, shares = outcome.table.class_names, outcome.whole.shares.tolist()
    return max(
        (abs(share - targets[name]) for name, share in zip(names, shares, strict=True) if name in targets),
        default=0.0,
    )
