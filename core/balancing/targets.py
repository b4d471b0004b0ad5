"""Target vectors, completed and named rightly."""

from collections.abc import Sequence

from core.domain.balance import ClassTarget
from core.domain.label_table import LabelTable
from core.errors import TargetError


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
            f"{join_names(unknown)} {'is' if len(unknown) == 1 else 'are'} not among the classes of this "
            f"dataset. Its classes are: {', '.join(table.class_names)}. Correct the name or remove the "
            "target."
        )


def join_names(names: Sequence[str], limit: int = 6) -> str:
    """Names as people write them: `'a'`, `'a' and 'b'`, `'a', 'b' and 3 more`."""
    quoted = [f"'{name}'" for name in names[:limit]]
    if len(names) > limit:
        return f"{', '.join(quoted)} and {len(names) - limit} more"
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
