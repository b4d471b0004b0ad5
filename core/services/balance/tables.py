"""Copies as tables: per combination and per image."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.services.balance.outcome import WholeBalance


def group_table(table: LabelTable, whole: WholeBalance) -> pd.DataFrame:
    """One line a label vector, most copies first: combination, images, copies, copies_per_image, change.

    `change` is copies minus images; the index is the row of `table.vectors`.

    Args:
        table: The label vectors, also where pixel shares were balanced.
        whole: Copies of the same images.
    """
    names = np.array(table.class_names, dtype=object)
    images = table.multiplicities
    copies = count_copies(table, whole.copies)
    frame = pd.DataFrame(
        {
            "combination": [" + ".join(names[row.astype(bool)]) or "no class" for row in table.vectors],
            "images": images,
            "copies": copies,
            "copies_per_image": copies / np.maximum(images, 1),
            "change": copies - images,
        }
    )
    return frame.sort_values("copies", ascending=False, kind="stable")


def count_copies(table: LabelTable, copies: NDArray[np.int64]) -> NDArray[np.int64]:
    """`(K,)` int64 copies of each label vector, from `(N,)` copies of each image."""
    counted = np.bincount(table.row_of_sample, weights=copies, minlength=len(table.vectors))
    return counted.astype(np.int64)


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
