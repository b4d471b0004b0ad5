"""The tables of the dataset page."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.domain.classes import class_colours
from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.plans.tables import label_table
from core.statistics import Cooccurrence, compute_cooccurrence, compute_pixel_shares, compute_presence_shares


def class_table(dataset: ScannedDataset) -> pd.DataFrame:
    """One line a class, background included: key, name, role, index, colour, images, presence, pixel_share.

    Shares are in [0, 1]; `pixel_share` is missing where there are no masks.
    """
    table = pd.DataFrame(
        {
            "key": [item.key for item in dataset.classes],
            "name": [item.name for item in dataset.classes],
            "role": [item.role.value for item in dataset.classes],
            "index": pd.array([item.index for item in dataset.classes], dtype="Int64"),
            "colour": class_colours(dataset.classes),
            "images": dataset.presence.sum(axis=0, dtype=np.int64),
            "presence": compute_presence_shares(dataset.presence),
        }
    )
    if dataset.pixels is not None and dataset.totals is not None:
        table["pixel_share"] = compute_pixel_shares(dataset.pixels, dataset.totals)
    else:
        table["pixel_share"] = np.nan
    return table


def combination_table(dataset: ScannedDataset) -> pd.DataFrame:
    """One line a distinct label vector, the commonest first.

    Combination, images, share, one 0/1 column a class.
    """
    table = label_table(dataset)
    names = np.array(table.class_names, dtype=object)
    order = np.argsort(-table.multiplicities, kind="stable")
    vectors = table.vectors[order]
    frame = pd.DataFrame(
        {
            "combination": [" + ".join(names[row.astype(bool)]) or "no class" for row in vectors],
            "images": table.multiplicities[order],
            "share": table.multiplicities[order] / max(len(table.sample_ids), 1),
        }
    )
    return pd.concat([frame, pd.DataFrame(vectors, columns=list(table.class_names))], axis=1)


def cooccurrence(table: LabelTable) -> tuple[list[str], NDArray[np.int64], NDArray[np.float64]]:
    """Class names, `(C, C)` images that hold both, and `(C, C)` P(column | row).

    NaN for a class never seen.
    """
    found: Cooccurrence = compute_cooccurrence(table.vectors.astype(np.bool_), table.multiplicities)
    return list(table.class_names), found.counts, found.conditional


def samples_with(
    dataset: ScannedDataset, classes: Sequence[str] = (), combination: int | None = None
) -> list[int]:
    """Positions of the samples that hold all the named classes.

    Or have the given line of `combination_table`.
    """
    chosen = np.ones(len(dataset.samples), np.bool_)
    names = [item.name for item in dataset.classes]
    for name in classes:
        chosen &= dataset.presence[:, names.index(name)]
    if combination is not None:
        table = label_table(dataset)
        order = np.argsort(-table.multiplicities, kind="stable")
        chosen &= table.row_of_sample == order[combination]
    return [int(i) for i in np.flatnonzero(chosen)]
