"""A spec on a part of the dataset: what each fold's training part is balanced by."""

import numpy as np
from numpy.typing import NDArray

from core.balancing.grouping import group_label_vectors
from core.balancing.shares import build_share_table
from core.domain.balance import PIXELS, BalanceSpec, ClassTarget
from core.domain.label_table import LabelTable


def restrict_table(table: LabelTable, samples: NDArray[np.integer]) -> LabelTable:
    """The label vectors of some samples, by their positions, grouped anew; all classes are kept."""
    vectors = table.vectors[table.row_of_sample[samples]]
    ids = [table.sample_ids[place] for place in samples.tolist()]
    if vectors.dtype == np.uint8:
        return group_label_vectors(vectors.astype(np.uint8, copy=False), table.class_names, ids)
    return build_share_table(vectors.astype(np.float64, copy=False), table.class_names, ids)


def restrict_spec(table: LabelTable, spec: BalanceSpec, part: LabelTable) -> tuple[BalanceSpec, list[str]]:
    """The spec for a part of the dataset: the same T and price of drift, B in proportion.

    B becomes `B·N_part/N`, rounded to the nearest image (at least 1), so that images are copied as often as
    in the whole; caps and floors that the whole could keep, the part can too. A class that the part lacks
    can only have the target 0. Relative and `min_ess` dials are solved for on the part.

    Args:
        table: The whole dataset.
        spec: What the person asks of it.
        part: Some of its samples, at least one.

    Returns:
        The spec, and a sentence for each class that the part lacks although images of it are asked for.
    """
    bounds = spec.bounds
    if bounds.total is not None:
        total = max(round(bounds.total * len(part.sample_ids) / len(table.sample_ids)), 1)
        bounds = bounds.model_copy(update={"total": total})
    lacking = {name for name, share in zip(part.class_names, part.shares, strict=True) if share == 0}

    def lower(targets: tuple[ClassTarget, ...], ending: str = "") -> tuple[ClassTarget, ...]:
        return tuple(
            item.model_copy(update={"share": 0.0}) if item.name + ending in lacking else item
            for item in targets
        )

    notes = [
        f"'{item.name}' occurs in no image of the training part, so it cannot be raised to "
        f"{100 * item.share:.1f} %; its target there is 0 %."
        for item in spec.column_targets
        if item.share > 0 and item.name in lacking
    ]
    changes = {
        "targets": lower(spec.targets),
        "pixel_targets": lower(spec.pixel_targets, PIXELS),
        "bounds": bounds,
    }
    return spec.model_copy(update=changes), notes
