"""What cannot be balanced is refused, with the rule and the next step."""

import math

from core.balancing.targets import check_names, join_names
from core.domain.balance import BalanceSpec, Bounds, Drift
from core.domain.label_table import LabelTable
from core.errors import InfeasibleError, TargetError


def check_spec(table: LabelTable, spec: BalanceSpec) -> None:
    """Refuse what no solver could answer.

    Raises:
        TargetError: Empty dataset, no class, target outside 0…1 or for an unknown class, a class that never
            occurs with a target above 0, a drift dial out of range.
        InfeasibleError: A size, cap and floor that no whole number of copies satisfies together.
    """
    _check_table(table)
    check_names(table, spec.column_targets)
    _check_targets(table, spec)
    _check_drift(spec.drift)
    _check_wish(len(table.row_of_sample), spec)
    check_bounds(len(table.row_of_sample), spec.bounds)


def check_bounds(images: int, bounds: Bounds) -> None:
    """Refuse bounds that contradict each other, for `images` originals.

    Raises:
        InfeasibleError: Naming the least or greatest size that is possible.
    """
    total = images if bounds.total is None else bounds.total
    if total < 1:
        raise InfeasibleError(f"The balanced set shall hold {total} images; it needs at least 1. Enlarge it.")
    if bounds.max_copies is not None and bounds.max_copies < 1:
        raise InfeasibleError(
            f"At most {bounds.max_copies} copies of one image leave no images at all. Allow at least 1 copy."
        )
    if bounds.keep_originals and total < images:
        raise InfeasibleError(
            f"Keeping all {images} originals needs a balanced set of at least {images} images, but its "
            f"size is set to {total}. Raise the size to {images}, or allow originals to be dropped."
        )
    if bounds.max_copies is not None and bounds.max_copies * images < total:
        needed, limit = -(-total // images), bounds.max_copies * images
        cap = "1 copy" if bounds.max_copies == 1 else f"{bounds.max_copies} copies"
        raise InfeasibleError(
            f"{images} images with at most {cap} of each make no more than {limit}, but the size is set to "
            f"{total}. Allow {needed} copies of each, or lower the size to {limit}."
        )


def _check_table(table: LabelTable) -> None:
    if len(table.row_of_sample) == 0:
        raise TargetError(
            "The dataset holds no usable image, so there is nothing to balance. Scan a dataset with images."
        )
    if not table.class_names:
        raise TargetError(
            "The dataset has no class to balance: every value is background or void. Give at least one value "
            "the role class."
        )


def _check_targets(table: LabelTable, spec: BalanceSpec) -> None:
    for item in spec.column_targets:
        if not (math.isfinite(item.share) and 0 <= item.share <= 1):
            raise TargetError(
                f"The target of class '{item.name}' is {item.share}; a share is a number from 0 to 1 (0.25 "
                "for 25 %). Correct it."
            )
    occurs = dict(zip(table.class_names, table.shares > 0, strict=True))
    absent = [item.name for item in spec.column_targets if item.share > 0 and not occurs[item.name]]
    if absent:
        one = len(absent) == 1
        raise TargetError(
            f"{join_names(absent)} {'occurs' if one else 'occur'} in no image, so no copying can raise "
            f"{'its' if one else 'their'} share: the target can only be 0 %. Set it to 0 %, or add images "
            f"that hold {'it' if one else 'them'}."
        )


def _check_wish(images: int, spec: BalanceSpec) -> None:
    """Refuse a wish for fewer copies of an image than B needs on average."""
    if spec.drift.strength != "max_copies":
        return
    most, total = spec.drift.value, spec.bounds.total or images
    if most < 1 or most != round(most):
        raise TargetError(
            f"At most {most:g} copies of one image cannot be counted. Give a whole number from 1."
        )
    if most * images < total:
        raise InfeasibleError(
            f"{total} images from {images} are {total / images:.1f} copies of each on average, so at most "
            f"{most:g} of one cannot be had, whatever γ is; the nearest is {-(-total // images)}. Allow "
            f"that, or lower the size to {most * images:g}."
        )


def _check_drift(drift: Drift) -> None:
    if not (math.isfinite(drift.value) and drift.value >= 0):
        raise TargetError(f"The price of drift is {drift.value}; it is a number from 0 upwards. Correct it.")
    if drift.strength == "min_ess" and drift.value > 1:
        raise TargetError(
            f"The effective sample size to keep is {drift.value:g} of the original; more than all (1) is "
            "impossible. Give a share from 0 to 1."
        )
