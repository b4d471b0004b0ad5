"""Levels of two-level masks: how strongly a pixel says "class", whatever way the file stores it.

A soft, anti-aliased or JPEG mask becomes two-level by a threshold. It is half of the range of the whole
**set**: half of each file's own range would turn the noise of an empty mask into presence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from core.formats.pixels.counting import ValueCounts
from core.formats.pixels.mask_pixels import MaskPixels

# The white of a 1-bit file is the class at every threshold.
CERTAIN = float(2**31)
# A set of 8-bit masks with several levels of which none is as high as this holds noise only: all its masks
# are empty.
NOISE = 32
_FULL = 255
NO_DIGEST = "0" * 32  # A union of files is no file


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where a set is cut: at or above `level` is the class; `noise`: no mask reaches a real level."""

    level: float
    noise: bool = False


def count_levels(counts: ValueCounts) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return `(V,)` levels of one file and their pixel counts.

    The level of a colour is its largest channel (red on black is full there, but below half in luma); palette
    colours count like colours, unless several indices share one level: then the index does.
    """
    if counts.peaks is not None:
        peaks = np.flatnonzero(counts.peaks)
        return peaks.astype(np.float64), counts.peaks[peaks]
    if counts.bilevel:
        return np.multiply(counts.values, CERTAIN, dtype=np.float64), counts.counts
    if counts.colours is not None:
        return _palette_levels(counts.values, counts.colours), counts.counts
    return np.divide(counts.values, counts.scale, dtype=np.float64), counts.counts


def level_image(mask: MaskPixels) -> Image.Image | NDArray[np.float64]:
    """Return the levels of every pixel: a Pillow image of mode L or 1, or `(H, W)` floats."""
    pixels = mask.pixels
    if not isinstance(pixels, Image.Image):
        return pixels / mask.scale
    if mask.is_colour:
        return mask.peaks()
    palette = mask.palette
    if palette is None:
        return pixels
    indices = np.flatnonzero(pixels.histogram())
    table = np.zeros(256, dtype=np.uint8)
    table[indices] = _palette_levels(indices, palette[indices])
    return Image.fromarray(table[np.asarray(pixels)])


def level_array(mask: MaskPixels) -> NDArray[Any]:
    """Return `(H, W)` levels as numbers, bytes where they are."""
    return _as_array(level_image(mask))


def join_levels(masks: Iterable[MaskPixels]) -> MaskPixels:
    """Return the largest level per pixel over several masks of one size, as pixels that can be counted.

    A pixel lies in no mask at a threshold exactly if its largest level is below it: one count serves every
    threshold.
    """
    joined = reduce(_lighter, (level_image(mask) for mask in masks))
    if isinstance(joined, Image.Image):
        return MaskPixels(joined, False, NO_DIGEST)
    scale = 1 if np.array_equal(joined, np.rint(joined)) else _FULL
    return MaskPixels(np.rint(joined * scale).astype(np.int64), False, NO_DIGEST, scale)


def find_threshold(masks: Sequence[ValueCounts], given: float | None) -> Threshold:
    """Return the given threshold, or half of the set's range.

    Args:
        masks: The counts of every mask of the set.
        given: What the person chose; it wins.
    """
    if given is not None:
        return Threshold(given)
    soft = [count_levels(item)[0] for item in masks if not item.bilevel]
    lossy = any(item.lossy for item in masks)
    fractions = any(item.scale != 1 for item in masks)  # 1 is their highest level, not noise
    levels = np.unique(np.concatenate(soft)) if soft else np.zeros(1)
    low, high = float(levels[0]), float(levels[-1])
    if high <= 0:
        return Threshold(1.0)
    if levels.size == 1:
        return Threshold(high / 2)
    if not fractions and 1 <= high < NOISE and (lossy or levels.size > 2):
        return Threshold(_FULL / 2, noise=True)
    return Threshold((low + high) / 2)


def guess_threshold(masks: Sequence[NDArray[Any]]) -> float:
    """Return a threshold where the set is not known: half of the full range that the levels suggest."""
    high = max((float(item[item < CERTAIN].max(initial=0.0)) for item in masks), default=0.0)
    if high <= 1:
        return 0.5
    return _FULL / 2 if high <= _FULL else high / 2


def _palette_levels(indices: NDArray[np.int64], colours: NDArray[np.int64]) -> NDArray[np.float64]:
    levels = np.maximum(np.maximum(colours >> 16, (colours >> 8) & 0xFF), colours & 0xFF)
    distinct = np.unique(levels).size == levels.size and not (levels.size == 1 and levels[0] == 0)
    return (levels if distinct else indices).astype(np.float64)


def _lighter(
    one: Image.Image | NDArray[np.float64], other: Image.Image | NDArray[np.float64]
) -> Image.Image | NDArray[np.float64]:
    if isinstance(one, Image.Image) and isinstance(other, Image.Image):
        if one.mode == other.mode == "1":
            return ImageChops.logical_or(one, other)
        return ImageChops.lighter(one.convert("L"), other.convert("L"))
    larger: NDArray[np.float64] = np.maximum(_as_array(one), _as_array(other), dtype=np.float64)
    return larger


def _as_array(levels: Image.Image | NDArray[np.float64]) -> NDArray[Any]:
    if not isinstance(levels, Image.Image):
        return levels
    array = np.asarray(levels)
    return array * CERTAIN if levels.mode == "1" else array
