"""What compares organs: left with right, heart with chest."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from skimage.measure import label

from core.domain.measuring import OrganChoice
from core.measurement.shapes import Measure

_SIDES = (("left", "right"), ("lt", "rt"), ("l", "r"))
_WORDS = re.compile(r"[^a-z0-9]+")
_BOTH = ({"lungs"}, {"both", "lungs"}, {"lung"}, {"kidneys"}, {"both", "kidneys"})
_HEART = ({"heart"}, {"cardiac", "silhouette"})


def guess_organs(names: Sequence[str]) -> OrganChoice:
    """Which classes are which organs, as far as their names tell; a person has the last word.

    >>> guess_organs(["Lungs", "heart"]).model_dump(exclude_defaults=True)
    {'doubles': ('Lungs',), 'lungs': ('Lungs',), 'heart': 'heart'}
    """
    words = {name: set(_WORDS.sub(" ", name.lower()).split()) for name in names}
    pairs = tuple((names[left], names[right]) for left, right in find_pairs(names))
    doubles = tuple(name for name in names if words[name] in _BOTH)
    lungs = next((pair for pair in pairs if all({"lung", "lungs"} & words[side] for side in pair)), ())
    whole = next((name for name in doubles if {"lung", "lungs"} & words[name]), None)
    heart = next((name for name in names if words[name] in _HEART), "")
    return OrganChoice(pairs=pairs, doubles=doubles, lungs=lungs or ((whole,) if whole else ()), heart=heart)


def find_pairs(names: Sequence[str]) -> list[tuple[int, int]]:
    """Classes that are the left and the right of one organ, by their names: positions, left first.

    >>> find_pairs(["heart", "Right lung", "lung_left", "kidney_L", "kidney_R"])
    [(2, 1), (3, 4)]
    """
    words = [tuple(_WORDS.sub(" ", name.lower()).split()) for name in names]
    pairs = []
    for position, own in enumerate(words):
        for left, right in _SIDES:
            if own.count(left) != 1:
                continue
            rest = sorted(word for word in own if word != left)
            partners = [
                other
                for other, theirs in enumerate(words)
                if theirs.count(right) == 1 and sorted(word for word in theirs if word != right) == rest
            ]
            if rest and len(partners) == 1:
                pairs.append((position, partners[0]))
                break
    return pairs


def measure_pair(name: str, left: NDArray[np.bool_], right: NDArray[np.bool_]) -> Measure:
    """Left size over right size; the spacing cancels. None where one is absent."""
    sizes = int(np.count_nonzero(left)), int(np.count_nonzero(right))
    return Measure(f"{name} left / right", sizes[0] / sizes[1] if all(sizes) else None, "")


def measure_halves(name: str, region: NDArray[np.bool_]) -> Measure:
    """For both organs in one class: size of the smaller of the two largest parts over the larger.

    Which of them is the patient's left does not show in a mask. None for fewer than two components.
    """
    counts = np.sort(np.bincount(label(region, connectivity=region.ndim).ravel())[1:])
    ratio = int(counts[-2]) / int(counts[-1]) if counts.size >= 2 else None
    return Measure(f"{name} smaller / larger of the two largest parts", ratio, "")


def measure_chest(
    lungs: NDArray[np.bool_], heart: NDArray[np.bool_] | None, column_spacing: float | None
) -> list[Measure]:
    """Widths in a frontal chest X-ray, as far as masks tell them.

    The chest's inner width is approximated by the widest row of the lungs, from the outer edge of one to the
    outer edge of the other; the heart's width is that of its bounding box, which is the sum of its farthest
    reaches to either side of any midline. Their ratio is the cardiothoracic ratio (Danzer, The cardiothoracic
    ratio, Am J Med Sci 1919) as masks give it; it supports, and does not replace, one that a radiologist
    measures.

    Args:
        lungs: `(H, W)` bool, both lungs; the image upright, so that rows run across the chest.
        heart: `(H, W)` bool; None where there is no such class.
        column_spacing: mm between columns; None: not known.
    """
    chest = _widest_row(lungs)
    measures = _width("width across both lungs", chest, column_spacing)
    if heart is None:
        return measures
    columns = np.flatnonzero(heart.any(axis=0))
    wide = int(columns[-1] - columns[0]) + 1 if columns.size else None
    ratio = wide / chest if wide is not None and chest is not None else None
    return [
        *measures,
        *_width("width of the heart", wide, column_spacing),
        Measure("cardiothoracic ratio", ratio, ""),
    ]


def _widest_row(region: NDArray[np.bool_]) -> int | None:
    rows = region[region.any(axis=1)]
    if not rows.size:
        return None
    first = rows.argmax(axis=1)
    last = rows.shape[1] - 1 - rows[:, ::-1].argmax(axis=1)
    return int((last - first).max()) + 1


def _width(name: str, pixels: int | None, spacing: float | None) -> list[Measure]:
    known = spacing is not None and np.isfinite(spacing) and spacing > 0
    millimetres = pixels * float(spacing) if pixels is not None and spacing is not None and known else None
    return [
        Measure(name, None if pixels is None else float(pixels), "px"),
        Measure(name, millimetres, "mm"),
    ]
