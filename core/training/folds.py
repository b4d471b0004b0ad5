"""The folds of a run: split by group, checked for leaks, and each training part balanced anew."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.scan import ScannedDataset
from core.domain.training import PlanChoice, SplitSpec
from core.formats.dataset_groups import SampleGroups, find_groups
from core.plans.outcome import solve_part
from core.plans.tables import quantity_table
from core.splitting import check_no_leakage, split_groups
from core.training.run import Assignment


def assign_folds(
    dataset: ScannedDataset,
    split: SplitSpec,
    plan: PlanChoice | None,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[Assignment]:
    """What each fold of a run does with the samples of a dataset.

    Groups are never divided; the plan's spec is solved on the training part alone, its size in proportion.

    Args:
        dataset: The scan.
        split: Folds, or one grouped hold-out.
        plan: The plan; None uses every image of the training part once.
        on_progress: Told (image files compared, image files to compare).
        should_stop: Asked after each file.

    Raises:
        SplitError: The groups cannot fill so many folds, or a split would leak.
        TargetError: The plan's spec cannot be solved on a training part.
        CancelledError: `should_stop` said so.
    """
    groups = find_groups(dataset, split.group_pattern, on_progress, should_stop)
    wished = split.folds or _count_parts(split.holdout)
    # Folds are counted on; of a hold-out only the share is asked for, and the next that can be had will do.
    parts = wished if split.folds else min(wished, max(2, len(np.unique(groups.group))))
    held, notes = _hold_out(dataset, groups, parts, split.seed)
    if parts < wished:
        share = f"{np.mean(held == 0):.0%} of the images are held out, not {split.holdout:.0%}"
        notes = (*notes, f"The images form only {parts} groups, and a group is never divided: {share}.")
    return [_assign(dataset, groups, held, fold, plan, notes) for fold in range(split.folds or 1)]


def _count_parts(holdout: float) -> int:
    """A hold-out is one part of so many; a share above a half takes the larger part of two."""
    return max(2, math.floor(1 / holdout + 0.5))


def _hold_out(
    dataset: ScannedDataset, groups: SampleGroups, parts: int, seed: int
) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """`(N,)` part in which each sample is held out, and which classes cannot be in every part."""
    columns = dataset.balanced_columns
    names = [dataset.classes[column].name for column in columns]
    split = split_groups(dataset.presence[:, columns], names, groups.group, parts, seed)
    notes = tuple(
        f"{item.name} occurs in {item.groups} of the {split.groups} groups only, so some part must lack it."
        for item in split.unsplittable
    )
    return split.fold, notes


def _assign(
    dataset: ScannedDataset,
    groups: SampleGroups,
    held: NDArray[np.intp],
    fold: int,
    plan: PlanChoice | None,
    notes: Sequence[str],
) -> Assignment:
    inside = held == fold
    # Checked for each fold by itself, on exactly what it trains and validates with.
    check_no_leakage(groups.names, groups.hashes, inside.astype(np.intp))
    train, validation = np.flatnonzero(~inside), np.flatnonzero(inside)
    copies = np.zeros(len(inside), dtype=np.int64)
    copies[train] = 1
    said: tuple[str, ...] = ()
    if plan is not None:
        outcome, said = solve_part(quantity_table(dataset, plan.spec.quantity), plan.spec, train)
        copies[train] = outcome.whole.copies
    return Assignment(copies, validation, train, (*notes, *said))
