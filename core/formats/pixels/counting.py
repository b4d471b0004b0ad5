"""Raw counts of the values in one mask file: read once, then good for any choice of classes.

A count says what the file holds, not what it means. What the values of several files mean together (a
palette that differs from file to file, 1-bit files among 8-bit ones) is decided by
`core.formats.masks.harmony`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.formats.pixels.mask_pixels import MaskPixels, pack_colours, packed_pixels, read_mask_pixels

# Distinct values kept of one file. Index masks hold fewer; soft 16-bit masks are counted in steps, and of a
# colour photograph or a JPEG the most frequent colours are kept, the rest as a number of pixels.
MAX_VALUES = 1024
_TABLE_SIZE = 1 << 20  # Ranges up to here are counted in a table, wider ones by sorted runs

ValueKind = Literal["scalar", "colour"]


@dataclass(frozen=True, slots=True)
class ValueCounts:
    """What one mask file holds.

    Attributes:
        values: `(V,)` int64, ascending, distinct: grey values or palette indices (`kind` scalar), or
        colours packed
            as 0xRRGGBB (`kind` colour). A 1-bit file holds 0 and 1.
        counts: `(V,)` int64 pixels of each value. height: Rows. width: Columns. kind: Whether values are
        numbers or colours. lossy: Whether the file's compression changes values (JPEG, lossy WebP). digest:
        blake2b of the file's bytes, 32 hex digits. colours: `(V,)` int64 packed palette colours of the
        values of a palette image, else None. peaks: `(256,)` int64 pixels by their largest channel, for
        colours; else None. (Red on black is half as
            bright as white in luma, but full in its largest channel.)
        rest: Pixels of colours beyond the `MAX_VALUES` most frequent ones.
        bilevel: Whether the file has 1 bit per pixel.
        scale: Stored value per unit of the file: 255 for fractions (float soft masks in [0, 1]), else 1.
        step: Values are floored to multiples of it; 1 unless there were more than `MAX_VALUES` of them.
    """

    values: NDArray[np.int64]
    counts: NDArray[np.int64]
    height: int
    width: int
    kind: ValueKind
    lossy: bool
    digest: str
    colours: NDArray[np.int64] | None = None
    peaks: NDArray[np.int64] | None = None
    rest: int = 0
    bilevel: bool = False
    scale: int = 1
    step: int = 1


def count_values(path: Path, root: Path | None = None) -> ValueCounts:
    """Count the values of one mask file, reading it once.

    Args:
        path: A file of any format and mode; see `core.formats.pixels.mask_pixels`.
        root: When given, the file must lie inside, links followed.

    Raises:
        DatasetError: The file cannot be read; `MaskError` when its content is the reason.
    """
    return count_mask_pixels(read_mask_pixels(path, root))


def count_mask_pixels(mask: MaskPixels) -> ValueCounts:
    """Count the values of decoded pixels."""
    height, width = mask.shape
    pixels = mask.pixels
    if not isinstance(pixels, Image.Image):
        values, counts, step = _count_numbers(pixels)
        return ValueCounts(
            values, counts, height, width, "scalar", mask.lossy, mask.digest, scale=mask.scale, step=step
        )
    if pixels.mode == "RGB":
        values, counts = _count_colours(pixels)
        values, counts, rest = _keep_frequent(values, counts)
        peaks = np.array(mask.peaks().histogram(), dtype=np.int64)
        return ValueCounts(
            values, counts, height, width, "colour", mask.lossy, mask.digest, peaks=peaks, rest=rest
        )
    histogram = np.array(pixels.histogram(), dtype=np.int64)
    values = np.flatnonzero(histogram).astype(np.int64)
    counts = histogram[values]
    palette = mask.palette
    colours = None if palette is None else palette[values]
    bilevel = pixels.mode == "1"
    if bilevel:
        values = values // 255
    return ValueCounts(
        values, counts, height, width, "scalar", mask.lossy, mask.digest, colours=colours, bilevel=bilevel
    )


def _count_numbers(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return distinct values, counts, and the step to which values were floored to keep them few."""
    low, high = int(numbers.min()), int(numbers.max())
    if high - low < _TABLE_SIZE:
        histogram = np.bincount((numbers - low).ravel())
        values = np.flatnonzero(histogram).astype(np.int64)
        counts = histogram[values].astype(np.int64)
        values += low
    else:
        values, counts = _count_runs(numbers.ravel())
    step = 1
    while values.size > MAX_VALUES:
        step *= 2
        coarse = values // step * step
        starts = np.flatnonzero(np.diff(coarse, prepend=coarse[0] - 1))
        values, counts = coarse[starts], np.add.reduceat(counts, starts)
    return values, counts, step


def _count_colours(image: Image.Image) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    few = image.getcolors(maxcolors=MAX_VALUES)
    if few is not None:
        values = pack_colours(np.array([colour for _, colour in few]))
        order = np.argsort(values)
        return values[order], np.array([count for count, _ in few], dtype=np.int64)[order]
    return _count_runs(packed_pixels(image).ravel())


def _count_runs(numbers: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return distinct values and counts; masks are flat, so runs of equal pixels are few beside pixels."""
    changes = np.flatnonzero(numbers[1:] != numbers[:-1]) + 1
    starts = np.concatenate([[0], changes])
    lengths = np.diff(starts, append=numbers.size)
    heads = numbers[starts].astype(np.int64)
    order = np.argsort(heads)
    heads, lengths = heads[order], lengths[order]
    firsts = np.flatnonzero(np.diff(heads, prepend=heads[0] - 1))
    return heads[firsts], np.add.reduceat(lengths, firsts)


def _keep_frequent(
    values: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    if values.size <= MAX_VALUES:
        return values, counts, 0
    kept = np.sort(np.argsort(counts, kind="stable")[-MAX_VALUES:])
    return values[kept], counts[kept], int(counts.sum() - counts[kept].sum())
