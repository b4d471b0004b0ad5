"""Copies as tables: per combination and per image; a page of a million lines costs what a page costs."""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.plans.outcome import WholeBalance

ImageOrder = Literal["most", "fewest", "name"]
Which = Literal["all", "duplicated", "once", "dropped"]

_NO_CLASS = "no class"


def group_table(
    table: LabelTable, whole: WholeBalance, words: str = "", most: int | None = None
) -> pd.DataFrame:
    """One line a label vector, most copies first: combination, images, copies, copies_per_image, change.

    `change` is copies minus images; the index is the row of `table.vectors`.

    Args:
        table: The label vectors, also where pixel shares were balanced.
        whole: Copies of the same images.
        words: As of `find_combinations`.
        most: Lines at most; None: all.
    """
    copies = count_copies(table, whole.copies)
    found = find_combinations(table, words)
    rows = found[np.argsort(-copies[found], kind="stable")][:most]
    images, counted = table.multiplicities[rows], copies[rows]
    return pd.DataFrame(
        {
            "combination": _name_combinations(table, rows),
            "images": images,
            "copies": counted,
            "copies_per_image": counted / np.maximum(images, 1),
            "change": counted - images,
        },
        index=rows,
    )


def find_combinations(table: LabelTable, words: str) -> NDArray[np.intp]:
    """Rows of `table.vectors` that hold, for each part of `a + b`, a class whose name contains it.

    Capitals count alike. Empty words find all, the words "no class" the row without any.
    """
    chosen = np.ones(len(table.vectors), dtype=np.bool_)
    names = [name.casefold() for name in table.class_names]
    for part in filter(None, (text.strip().casefold() for text in words.split("+"))):
        columns = [place for place, name in enumerate(names) if part in name]
        holds = table.vectors[:, columns].any(axis=1)
        chosen &= holds | ~table.vectors.any(axis=1) if part in _NO_CLASS else holds
    return np.flatnonzero(chosen)


def count_copies(table: LabelTable, copies: NDArray[np.int64]) -> NDArray[np.int64]:
    """`(K,)` int64 copies of each label vector, from `(N,)` copies of each image."""
    counted = np.bincount(table.row_of_sample, weights=copies, minlength=len(table.vectors))
    return counted.astype(np.int64)


def find_images(
    table: LabelTable, whole: WholeBalance, words: str = "", which: Which = "all", order: ImageOrder = "most"
) -> NDArray[np.intp]:
    """Positions of the images that a filter leaves, in the wanted order; equal ones in the dataset's.

    Args:
        table: The label vectors.
        whole: Copies of the same images.
        words: Part of an image's id, or of its classes as of `find_combinations`.
        which: By the number of copies.
        order: Most or fewest copies first, or by id.
    """
    copies = whole.copies
    chosen = {"all": copies >= 0, "duplicated": copies > 1, "once": copies == 1, "dropped": copies == 0}[
        which
    ]
    if words:
        part = words.casefold()
        in_id = np.fromiter((part in name.casefold() for name in table.sample_ids), np.bool_, copies.size)
        in_classes = np.isin(table.row_of_sample, find_combinations(table, words))
        chosen = chosen & (in_id | in_classes)
    found = np.flatnonzero(chosen)
    if order == "name":
        ids = table.sample_ids
        return np.array(sorted(found.tolist(), key=ids.__getitem__), dtype=np.intp)
    return found[np.argsort(copies[found] if order == "fewest" else -copies[found], kind="stable")]


def image_table(
    dataset: ScannedDataset, table: LabelTable, whole: WholeBalance, positions: NDArray[np.intp] | None = None
) -> pd.DataFrame:
    """One line an image: image, copies, combination, group; the index is its position.

    Args:
        dataset: The scanned dataset.
        table: Its label vectors.
        whole: Copies of its images.
        positions: The images, in order; None: all, most copies first.
    """
    places = find_images(table, whole) if positions is None else positions
    rows, row_of = np.unique(table.row_of_sample[places], return_inverse=True)
    words = np.array(_name_combinations(table, rows), dtype=object)
    return pd.DataFrame(
        {
            "image": [table.sample_ids[place] for place in places.tolist()],
            "copies": whole.copies[places],
            "combination": words[row_of] if len(words) else [],
            "group": [dataset.samples[place].group for place in places.tolist()],
        },
        index=places,
    )


def _name_combinations(table: LabelTable, rows: NDArray[np.intp]) -> list[str]:
    names = np.array(table.class_names, dtype=object)
    return [" + ".join(names[row.astype(np.bool_)]) or _NO_CLASS for row in table.vectors[rows]]
