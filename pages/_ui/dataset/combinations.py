"""The commonest label combinations, found without naming all of a million."""

from typing import TYPE_CHECKING

import numpy as np

from core.domain.label_table import LabelTable

if TYPE_CHECKING:
    import pandas as pd

_MOST_LETTERS = 400  # of one combination's name: more is not read, and costs time to send


def most_common(table: LabelTable, most: int, word: str = "") -> "tuple[pd.DataFrame, int]":
    """The first lines of `overview.combination_table`, names, images and share only.

    Args:
        table: All combinations.
        most: How many lines at most.
        word: Only combinations with a class whose name contains it, in whatever case.

    Returns:
        Lines (combination, images, share), and how many there are in all.
    """
    import pandas as pd

    order = np.argsort(-table.multiplicities, kind="stable")
    if word:
        wanted = [word.casefold() in name.casefold() for name in table.class_names]
        order = order[table.vectors[:, wanted].any(axis=1)[order]]
    names = np.array(table.class_names, dtype=object)
    top = order[:most]
    images = table.multiplicities[top]
    lines = pd.DataFrame(
        {
            "combination": [_name(names[row]) for row in table.vectors[top].astype(bool)],
            "images": images,
            "share": images / max(len(table.sample_ids), 1),
        }
    )
    return lines, len(order)


def _name(classes: "np.ndarray[tuple[int], np.dtype[np.object_]]") -> str:
    return " + ".join(classes)[:_MOST_LETTERS] or "no class"
