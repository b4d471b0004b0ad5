"""Target vectors: read from what a person gives, completed, checked."""

import math
from collections.abc import Mapping, Sequence

from core.domain.balance import ClassTarget
from core.domain.label_table import LabelTable
from core.errors import TargetError


def build_targets(
    shares: Mapping[str, float], weights: Mapping[str, float] | None = None
) -> tuple[ClassTarget, ...]:
    """Targets from class name → share, as a person's file or table gives them.

    Raises:
        TargetError: If a share is not a number in 0…1, or a weight not a number above 0.

    >>> build_targets({"disc": 1.0})
    (ClassTarget(name='disc', share=1.0, weight=1.0),)
    """
    weights = weights or {}
    for name, share in shares.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise TargetError(
                f"The target of class '{name}' is {share!r}; a share is a number from 0 to 1 (0.25 for 25 %). Correct it."
            )
    for name, weight in weights.items():
        if not isinstance(weight, int | float) or not (math.isfinite(weight) and weight > 0):
            raise TargetError(
                f"The weight of class '{name}' is {weight!r}; a weight is a number above 0. Use 1 for no preference."
            )
    return tuple(
        ClassTarget(name=name, share=float(share), weight=float(weights.get(name, 1.0)))
        for name, share in shares.items()
    )


def complete_targets(table: LabelTable, targets: Sequence[ClassTarget]) -> tuple[ClassTarget, ...]:
    """One target for each class of the table, in its order; a class without one keeps its original share.

    Raises:
        TargetError: If a target names a class that the table does not hold.
    """
    check_names(table, targets)
    given = {item.name: item for item in targets}
    return tuple(
        given.get(name) or ClassTarget(name=name, share=float(share))
        for name, share in zip(table.class_names, table.shares, strict=True)
    )


def check_names(table: LabelTable, targets: Sequence[ClassTarget]) -> None:
    """Refuse targets for classes that the dataset does not have.

    Raises:
        TargetError: Naming them, and the classes that there are.
    """
    unknown = [item.name for item in targets if item.name not in table.class_names]
    if unknown:
        raise TargetError(
            f"{join_names(unknown)} {'is' if len(unknown) == 1 else 'are'} not among the classes of this dataset. "
            f"Its classes are: {', '.join(table.class_names)}. Correct the name or remove the target."
        )


def join_names(names: Sequence[str], limit: int = 6) -> str:
    """Names as people write them: `'a'`, `'a' and 'b'`, `'a', 'b' and 3 more`."""
    quoted = [f"'{name}'" for name in names[:limit]]
    if len(names) > limit:
        return f"{', '.join(quoted)} and {len(names) - limit} more"
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
