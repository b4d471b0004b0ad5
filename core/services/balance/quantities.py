"""What is balanced: presence, pixel shares, or both side by side."""

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.domain.balance import BalanceSpec, ClassTarget, Quantity
from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.errors import TargetError
from core.plans.tables import pixel_table
from core.services.balance.targets import pixel_presets, read_target
from core.statistics import compute_pixel_shares


def switch_quantity(dataset: ScannedDataset, spec: BalanceSpec, quantity: Quantity) -> BalanceSpec:
    """The spec with another quantity; targets of either kind, dial and bounds are kept.

    Where there are no targets of pixel shares yet, the first ones raise rare classes by half.

    Raises:
        TargetError: pixels are asked for, and the dataset has none.
    """
    pixel_targets = spec.pixel_targets
    if quantity != "presence" and not pixel_targets:
        pixel_targets = pixel_presets(pixel_table(dataset))["rare-half-more"].targets
    return spec.model_copy(update={"quantity": quantity, "pixel_targets": pixel_targets})


def weigh_alike(table: LabelTable, spec: BalanceSpec) -> BalanceSpec:
    """Weights at which presence and pixel shares make up half of the distance of the original set each.

    Pixel shares are small numbers, and so are their squared misses: without weights they hardly count beside
    presence. All classes' pixels get the same factor, presence the weight 1. A spec of one quantity, or one
    whose targets of either kind are the original shares, is returned as it is.

    Args:
        table: The rows of both quantities; see `quantity_table`.
        spec: Names the targets.
    """
    first = len(spec.targets)
    off = (table.shares - np.array([item.share for item in spec.column_targets])) ** 2
    if spec.quantity != "both" or not (off[:first].sum() and off[first:].sum()):
        return spec
    factor = float(f"{off[:first].sum() / off[first:].sum():.2g}")
    weights = [1.0] * first + [factor] * (len(off) - first)
    return spec.with_column_targets(
        [
            item.model_copy(update={"weight": weight})
            for item, weight in zip(spec.column_targets, weights, strict=True)
        ]
    )


def read_pixel_targets(
    text: str, quantity: Quantity, presence: LabelTable, pixels: LabelTable
) -> tuple[tuple[ClassTarget, ...], tuple[ClassTarget, ...]]:
    """Read the targets of presence and of pixel shares; what is left out keeps its original share.

    Args:
        text: JSON. For `pixels`, class name → share; for `both`, an object with such an object under
            "presence", "pixels", or each.
        quantity: `pixels` or `both`.
        presence: The label table.
        pixels: The table of `pixel_table`.

    Raises:
        TargetError: it is not such an object, names an unknown class, or a share is no number from 0 to 1.
    """
    if quantity == "pixels":
        return read_target("{}", presence), read_target(text, pixels)
    parts = _read_parts(text)
    return (
        read_target(json.dumps(parts.get("presence", {})), presence),
        read_target(json.dumps(parts.get("pixels", {})), pixels),
    )


def compute_all_pixel_shares(
    dataset: ScannedDataset, copies: NDArray[np.int64]
) -> dict[str, dict[str, float]]:
    """Each class's share of all pixels of the set, before and after `(N,)` copies.

    Large images weigh more here than in the mean over images that is balanced; where all images have one
    size both are the same.
    """
    if dataset.pixels is None or dataset.totals is None:
        return {}
    before = compute_pixel_shares(dataset.pixels, dataset.totals)
    after = compute_pixel_shares(dataset.pixels * copies[:, None], dataset.totals * copies)
    return {
        dataset.classes[column].name: {"original": float(before[column]), "achieved": float(after[column])}
        for column in dataset.balanced_columns
    }


def _read_parts(text: str) -> Mapping[str, object]:
    shape = '{"presence": {"disc": 0.4}, "pixels": {"disc": 0.02}}'
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TargetError(f"The target is not JSON ({error}); write it as {shape}.") from error
    if not isinstance(parts, Mapping) or not set(parts) <= {"presence", "pixels"}:
        raise TargetError(f"A target of presence and pixels is one JSON object: {shape}.")
    return parts
