"""Beyond presence: rows of pixel shares, alone or beside presence.

The same problem and the same solvers serve: the mean over images is as linear in the copies as a count is.
Images hardly ever agree in their pixel shares, so each is a row of its own.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.balance import PIXELS
from core.domain.label_table import LabelTable
from core.errors import TargetError


def build_share_table(
    values: NDArray[np.float64], class_names: Sequence[str], sample_ids: Sequence[str]
) -> LabelTable:
    """A table whose rows are the samples themselves.

    Args:
        values: `(N, C)` in [0, 1], such as the share of each image that each class covers.
        class_names: C names of columns.
        sample_ids: N identifiers.

    Raises:
        ValueError: If the lengths disagree or a value is no share; a fault of the caller.
    """
    if values.shape != (len(sample_ids), len(class_names)):
        raise ValueError(
            f"values have shape {values.shape}; {len(sample_ids)} samples × {len(class_names)} classes are "
            "needed"
        )
    if not np.all((values >= 0) & (values <= 1)):
        raise ValueError("a share lies outside 0…1, or is no number")
    return LabelTable(
        class_names=tuple(class_names),
        vectors=np.ascontiguousarray(values, dtype=np.float64),
        multiplicities=np.ones(len(sample_ids), dtype=np.int64),
        row_of_sample=np.arange(len(sample_ids), dtype=np.intp),
        sample_ids=tuple(sample_ids),
    )


def join_tables(presence: LabelTable | None, pixels: LabelTable) -> LabelTable:
    """The columns of presence, if given, then those of pixel shares, whose names end in " (pixels)".

    Raises:
        TargetError: If a class is named like the pixels of another.
    """
    names = [name + PIXELS for name in pixels.class_names]
    if presence is None:
        return build_share_table(pixels.vectors.astype(np.float64), names, pixels.sample_ids)
    clash = next((name for name in presence.class_names if name in names), None)
    if clash is not None:
        raise TargetError(
            f"A class is named '{clash}', which is what the pixels of another are called here. Rename it."
        )
    rows = presence.vectors[presence.row_of_sample].astype(np.float64)
    return build_share_table(
        np.hstack([rows, pixels.vectors]), [*presence.class_names, *names], presence.sample_ids
    )
