"""Vectorised steps that all mask formats share: many small count lists to one samples x classes table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec

# More classes than any dataset of the field has; beyond it the masks are photographs or instance numbers.
MAX_CLASSES = 1024


@dataclass(frozen=True, slots=True)
class FlatCounts:
    """The counts of N files end to end: `(E,)` owner file, value and pixel count."""

    owners: NDArray[np.intp]
    values: NDArray[np.int64]
    counts: NDArray[np.int64]
    files: int

    def spread(self, columns: NDArray[np.intp], width: int) -> NDArray[np.int64]:
        """Return `(files, width)` pixels: entries summed by owner and column, -1 left out."""
        used = columns >= 0
        cells = self.owners[used] * width + columns[used]
        # float64 sums of whole numbers are exact below 2^53 pixels.
        pixels = np.bincount(cells, weights=self.counts[used], minlength=self.files * width)
        return pixels.astype(np.int64).reshape(self.files, width)


def flatten(parts: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> FlatCounts:
    """Return the values and counts of each file end to end."""
    pairs = list(parts)
    empty: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
    return FlatCounts(
        owners=np.repeat(np.arange(len(pairs), dtype=np.intp), [values.size for values, _ in pairs]),
        values=np.concatenate([values for values, _ in pairs] or empty),
        counts=np.concatenate([counts for _, counts in pairs] or empty),
        files=len(pairs),
    )


def look_up(values: NDArray[np.int64], table: dict[int, int]) -> NDArray[np.intp]:
    """Return the column of each value; -1 for values that the table does not hold."""
    if not table or not values.size:
        return np.full(values.shape, -1, dtype=np.intp)
    keys = np.array(sorted(table), dtype=np.int64)
    columns = np.array([table[int(key)] for key in keys], dtype=np.intp)
    places = np.minimum(np.searchsorted(keys, values), keys.size - 1)
    return np.where(keys[places] == values, columns[places], -1)


def join_classes(
    spec: DatasetSpec, found: Sequence[str], propose_role: Callable[[str], ClassRole] | None = None
) -> tuple[ClassSpec, ...]:
    """Return the non-void classes: those of the spec in its order, then found keys, named after their key.

    Args:
        spec: The dataset.
        found: Keys that occur in the files.
        propose_role: The role of a found key where the spec names no classes at all; every found value is a
            class otherwise.
    """
    known = {item.key for item in spec.classes}
    names = {item.name for item in spec.classes}
    classes = [item for item in spec.classes if not spec.is_void(item.key)]
    for key in found:
        if key in known or spec.is_void(key):
            continue
        role = propose_role(key) if propose_role and not spec.classes else ClassRole.CLASS
        name = f"class {key}"
        while name in names:
            name = f"{name} (found)"
        names.add(name)
        classes.append(ClassSpec(key=key, name=name, role=role))
    return tuple(classes)
