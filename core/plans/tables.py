"""The rows that a balance is solved on: label vectors, pixel shares, or both side by side."""

from core import balancing
from core.domain.balance import Quantity
from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.errors import TargetError
from core.statistics import compute_image_shares


def label_table(dataset: ScannedDataset) -> LabelTable:
    """The label vectors of a dataset, equal ones grouped; background takes no part."""
    columns = dataset.balanced_columns
    return balancing.group_label_vectors(
        dataset.presence[:, columns],
        [dataset.classes[i].name for i in columns],
        [sample.id for sample in dataset.samples],
    )


def pixel_table(dataset: ScannedDataset) -> LabelTable:
    """The share of each image's pixels that each class covers, one row an image; background takes no part.

    Raises:
        TargetError: the dataset has labels only, so that nothing is known of pixels.
    """
    if dataset.pixels is None or dataset.totals is None:
        raise TargetError(
            "This dataset has labels and no masks, so its pixel shares are unknown. Balance presence instead."
        )
    columns = dataset.balanced_columns
    return balancing.build_share_table(
        compute_image_shares(dataset.pixels[:, columns], dataset.totals),
        [dataset.classes[column].name for column in columns],
        [sample.id for sample in dataset.samples],
    )


def quantity_table(dataset: ScannedDataset, quantity: Quantity) -> LabelTable:
    """The rows that a spec of this quantity is solved on; columns of pixel shares end in " (pixels)".

    Raises:
        TargetError: pixels are asked for, and the dataset has none.
    """
    if quantity == "presence":
        return label_table(dataset)
    presence = label_table(dataset) if quantity == "both" else None
    return balancing.join_tables(presence, pixel_table(dataset))
