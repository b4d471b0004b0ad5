"""Levels of grey masks that were stored as JPEG: what the numbers were before compression moved them.

JPEG leaves a flat area at its level, give or take a few steps, and strews in-between values along edges. A
level is real where values crowd around it; the values of an edge are spread evenly instead. So a level is
found by its crowd, and is present in a file only with a crowd of its own there: the blur between 0 and 255
passes 128 without making it present.
"""

import numpy as np
from numpy.typing import NDArray

_CORE = 8  # A flat area stays within so many steps of its level at the usual qualities
_REACH = 40  # and the ripples beside an edge within so many
_APART = 32  # Levels nearer to each other than this cannot be told apart
_CROWD = 1.3  # How much denser values lie around a level than beside it
_LEAST_SHARE = 5e-4  # of all pixels that a level must hold
_CLEAR_SHARE = 0.85  # of all pixels that must lie near some level
_FINE = 3  # Values so near to each other are one peak
# How far ripples of a level reach, and the share of its pixels that none of them holds so far off.
_RIPPLES = ((_APART, 0.1), (48, 0.03))


def find_levels(values: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the `(L,)` levels of a set, ascending; none where they cannot be told apart.

    Args:
        values: `(V,)` grey values in 0..255.
        counts: `(V,)` pixels of each; values may repeat.
    """
    if not values.size or values.min() < 0 or values.max() > 255:
        return np.zeros(0, dtype=np.int64)
    histogram = np.bincount(values, weights=counts, minlength=256).astype(np.float64)
    levels = _find_peaks(histogram)
    if levels.size < 2 or np.diff(levels).min() < _APART:
        return levels[:0]
    levels = levels[_have_crowds(histogram, levels)]
    if not levels.size:
        return levels
    near = np.abs(np.arange(256)[:, None] - levels).min(axis=1) <= 2 * _CORE
    clear = histogram[near].sum() >= _CLEAR_SHARE * histogram.sum()
    return levels if clear else levels[:0]


def snap_to_levels(
    values: NDArray[np.int64], counts: NDArray[np.int64], levels: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return for each `(V,)` value of one file the nearest level that is present there.

    Args:
        values: Distinct grey values, 0..255.
        counts: `(V,)` pixels of each.
        levels: `(L,)` levels of the set, ascending; at least one.
    """
    histogram = np.bincount(np.clip(values, 0, 255), weights=counts, minlength=256).astype(np.float64)
    present = levels[_have_crowds(histogram, levels)]
    if not present.size:
        present = levels
    nearest: NDArray[np.int64] = present[np.abs(values[:, None] - present).argmin(axis=1)]
    return nearest


def _find_peaks(histogram: NDArray[np.float64]) -> NDArray[np.int64]:
    """Values around which more pixels lie than further off; ripples of a level near by are no peaks."""
    crowds = np.convolve(histogram, np.ones(2 * _FINE + 1), "same")
    peaks: list[int] = []
    for place in np.argsort(-crowds, kind="stable").tolist():
        ripples = [
            share * crowds[peak] for reach, share in _RIPPLES for peak in peaks if abs(peak - place) <= reach
        ]
        least = max([_LEAST_SHARE * histogram.sum(), *ripples])
        around = crowds[max(place - _CORE, 0) : place + _CORE + 1].max()
        if crowds[place] >= max(least, around, 1) and all(abs(peak - place) > _FINE for peak in peaks):
            peaks.append(place)
    fine = [
        max(place - _FINE, 0) + int(histogram[max(place - _FINE, 0) : place + _FINE + 1].argmax())
        for place in peaks
    ]
    return np.unique(np.array(fine, dtype=np.int64))


def _have_crowds(histogram: NDArray[np.float64], levels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether `(L,)` levels hold enough pixels, and those between two others more than an edge strews."""
    crowded = np.zeros(levels.size, dtype=np.bool_)
    least = _LEAST_SHARE * histogram.sum()
    middles = (levels[:-1] + levels[1:]) // 2
    starts = np.maximum(np.concatenate([[0], middles + 1]), levels - _REACH)
    ends = np.minimum(np.concatenate([middles, [255]]), levels + _REACH)
    for place, (level, start, end) in enumerate(zip(levels.tolist(), starts, ends, strict=True)):
        first, last = max(level - _CORE, int(start)), min(level + _CORE, int(end))
        core, all_near = histogram[first : last + 1].sum(), histogram[start : end + 1].sum()
        inner = 0 < place < levels.size - 1
        width, beside = last - first + 1, int(end) - int(start) - (last - first)
        dense = not inner or core * max(beside, 1) >= _CROWD * (all_near - core) * width
        crowded[place] = core >= max(least, 1) and dense
    return crowded
