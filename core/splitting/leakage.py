"""The check that any code may call before it trains: nothing of a test part is in the training part."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import SplitError

_NAMED = 5


def check_no_leakage(
    groups: Sequence[str] | Sequence[int] | NDArray[np.integer],
    hashes: Sequence[str] | None,
    fold: Sequence[int] | NDArray[np.integer],
) -> None:
    """Refuse a split in which a group, or an image's content, is in more than one fold.

    Args:
        groups: `(N,)` group of each sample; the empty text is a group of its own.
        hashes: `(N,)` content hash of each sample's image, empty where it is unknown; None: not checked.
        fold: `(N,)` fold of each sample. For a single split: 0 for training, 1 for test.

    Raises:
        SplitError: Naming the groups or contents that leak, and their folds.
        ValueError: If the lengths disagree; a fault of the caller.
    """
    folds = np.asarray(fold, dtype=np.int64)
    _check_one("group", groups.tolist() if isinstance(groups, np.ndarray) else groups, folds)
    if hashes is not None:
        _check_one("image content", hashes, folds)


def _check_one(what: str, keys: Sequence[object], folds: NDArray[np.int64]) -> None:
    if len(keys) != folds.size:
        raise ValueError(f"{folds.size} folds are given for {len(keys)} samples")
    seen: dict[object, set[int]] = {}
    for key, fold in zip(keys, folds.tolist(), strict=True):
        if key != "":
            seen.setdefault(key, set()).add(fold)
    leaks = [(key, found) for key, found in seen.items() if len(found) > 1]
    if leaks:
        raise SplitError(_describe(what, leaks))


def _describe(what: str, leaks: Sequence[tuple[object, set[int]]]) -> str:
    named = "; ".join(
        f"{key!r} in folds {', '.join(str(fold + 1) for fold in sorted(found))}"
        for key, found in leaks[:_NAMED]
    )
    more = f"; and {len(leaks) - _NAMED} more" if len(leaks) > _NAMED else ""
    many = f"{len(leaks)} {what}s are" if len(leaks) > 1 else f"1 {what} is"
    return (
        f"The split leaks: {many} in more than one fold ({named}{more}), so a model would be tested on what "
        "it was trained on. Split by group again."
    )
