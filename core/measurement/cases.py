"""All measures of one case, as the table and the CSV file show them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.domain.masks import LabelMask
from core.domain.measuring import OrganChoice
from core.measurement.organs import measure_chest, measure_halves, measure_pair
from core.measurement.shapes import Measure, measure_region

BETWEEN = "between organs"


@dataclass(frozen=True, slots=True)
class ClassMeasures:
    """The measures of one class; `name` is that of the class, or `BETWEEN` for what is compared."""

    name: str
    measures: tuple[Measure, ...]


def measure_case(
    mask: LabelMask,
    names: Sequence[str],
    spacing: Sequence[float] | None,
    classes: Sequence[int],
    organs: OrganChoice,
) -> list[ClassMeasures]:
    """Measure every class of a mask, and compare organs.

    Args:
        mask: Of one picture.
        names: Of its classes, as positions in the mask count them.
        spacing: mm between rows and between columns; None: not known.
        classes: Positions to measure: all but the background.
        organs: Which classes are what; names that the mask does not have are passed over.

    Returns:
        Of equal names, classes and organs the same measures in the same order for every mask.
    """
    found = [
        ClassMeasures(names[position], tuple(measure_region(mask.region(position), spacing)))
        for position in classes
    ]
    regions = {name: place for place, name in enumerate(names)}
    between = [
        measure_pair(f"{left} and {right}:", mask.region(regions[left]), mask.region(regions[right]))
        for left, right in organs.pairs
        if left in regions and right in regions
    ]
    between += [
        measure_halves(f"{name}:", mask.region(regions[name])) for name in organs.doubles if name in regions
    ]
    between += _measure_chest(mask, regions, spacing, organs)
    return [*found, ClassMeasures(BETWEEN, tuple(between))] if between else found


def measure_volume(
    slices: Sequence[LabelMask],
    names: Sequence[str],
    spacing: Sequence[float] | None,
    classes: Sequence[int],
    whole: bool = True,
) -> list[ClassMeasures]:
    """Measure every class of the volume that masks are the slices of; one class is stacked at a time.

    Args:
        slices: D masks of one size, first slice first.
        names: As `measure_case` has them.
        spacing: mm between slices, rows and columns; None: not known.
        classes: Positions to measure.
        whole: Whether no slice is missing. Else only the volume is given, which is then that of a part:
            place, shape and components would depend on what is not there.

    Returns:
        Of equal names and classes the same measures in the same order for every volume.

    >>> bar = LabelMask(np.ones((2, 3), np.int16), 2)
    >>> print(*measure_volume([bar, bar], ["background", "bar"], (3, 1, 0.5), [1])[0].measures[:2], sep=", ")
    volume 12 voxels, volume 18 mm³
    """
    found = []
    for position in classes:
        region = np.stack([mask.region(position) for mask in slices])  # (D, H, W)
        measures = measure_region(region, spacing)
        if not whole:
            measures = [item if item.name == "volume" else replace(item, value=None) for item in measures]
        found.append(ClassMeasures(names[position], tuple(measures)))
    return found


def _measure_chest(
    mask: LabelMask, regions: dict[str, int], spacing: Sequence[float] | None, organs: OrganChoice
) -> list[Measure]:
    if not organs.lungs or any(name not in regions for name in organs.lungs):
        return []
    lungs: NDArray[np.bool_] = np.zeros(mask.shape, np.bool_)
    for name in organs.lungs:
        lungs |= mask.region(regions[name])
    heart = mask.region(regions[organs.heart]) if organs.heart in regions else None
    return measure_chest(lungs, heart, None if spacing is None else spacing[1])
