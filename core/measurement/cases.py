"""All measures of one case, as the table and the CSV file show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.masks import LabelMask
from core.measurement.organs import find_pairs, measure_chest, measure_halves, measure_pair
from core.measurement.shapes import Measure, measure_region

_LUNGS = {"lung", "lungs", "both lungs"}
_HEART = {"heart", "cardiac silhouette"}


@dataclass(frozen=True, slots=True)
class ClassMeasures:
    """The measures of one class; `name` is that of the class, or of the organs that are compared."""

    name: str
    measures: tuple[Measure, ...]


def measure_case(
    mask: LabelMask, names: Sequence[str], spacing: Sequence[float] | None, classes: Sequence[int]
) -> list[ClassMeasures]:
    """Measure every class of a mask, and what can be compared between them.

    Args:
        mask: Of one picture.
        names: Of its classes, as positions in the mask count them.
        spacing: mm between rows and between columns; None: not known.
        classes: Positions to measure: all but the background.
    """
    found = [
        ClassMeasures(names[position], tuple(measure_region(mask.region(position), spacing)))
        for position in classes
    ]
    shown = [names[position] for position in classes]
    pairs = [(classes[left], classes[right]) for left, right in find_pairs(shown)]
    between = [
        measure_pair(f"{names[left]} and {names[right]}:", mask.region(left), mask.region(right))
        for left, right in pairs
    ]
    between += _measure_chest(mask, names, spacing, classes, pairs)
    return [*found, ClassMeasures("between organs", tuple(between))] if between else found


def _measure_chest(
    mask: LabelMask,
    names: Sequence[str],
    spacing: Sequence[float] | None,
    classes: Sequence[int],
    pairs: Sequence[tuple[int, int]],
) -> list[Measure]:
    whole = next((place for place in classes if names[place].strip().lower() in _LUNGS), None)
    both = [pair for pair in pairs if all("lung" in names[side].lower() for side in pair)]
    if whole is not None:
        lungs = mask.region(whole)
    elif both:
        lungs = mask.region(both[0][0]) | mask.region(both[0][1])
    else:
        return []
    heart = next((place for place in classes if names[place].strip().lower() in _HEART), None)
    columns = None if spacing is None else spacing[1]
    measures = measure_chest(lungs, None if heart is None else mask.region(heart), columns)
    return [measure_halves(lungs), *measures] if not both else measures
