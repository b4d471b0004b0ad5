"""Copies as tables: per combination and per image."""

import numpy as np
import pandas as pd

from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.services.balance.outcome import WholeBalance


def group_table(table: LabelTable, whole: WholeBalance) -> pd.DataFrame:
    """One line a label vector, most copies first: combination, images, copies, copies_per_image, change.

    `change` is copies minus images; the index is the row of `table.vectors`.
    """
    names = np.array(table.class_names, dtype=object)
    images = table.multiplicities
    frame = pd.DataFrame(
        {
            "combination": [" + ".join(names[row.astype(bool)]) or "no class" for row in table.vectors],
            "images": images,
            "copies": whole.group_copies,
            "copies_per_image": whole.group_copies / np.maximum(images, 1),
            "change": whole.group_copies - images,
        }
    )
    return frame.sort_values("copies", ascending=False, kind="stable")


def image_table(dataset: ScannedDataset, table: LabelTable, whole: WholeBalance) -> pd.DataFrame:
    """One line an image, most copies first: image, copies, combination, group; the index is its position."""
    names = np.array(table.class_names, dtype=object)
    words = np.array(
        [" + ".join(names[row.astype(bool)]) or "no class" for row in table.vectors], dtype=object
    )
    frame = pd.DataFrame(
        {
            "image": list(table.sample_ids),
            "copies": whole.copies,
            "combination": words[table.row_of_sample] if len(words) else [],
            "group": [sample.group for sample in dataset.samples],
        }
    )
    return frame.sort_values("copies", ascending=False, kind="stable")
