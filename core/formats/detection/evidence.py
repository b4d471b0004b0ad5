"""What a few pictures of a folder look like: photographs, index masks, colour masks, two-level masks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import DatasetError
from core.formats.pixels.counting import count_mask_pixels
from core.formats.pixels.lossy_levels import find_levels
from core.formats.pixels.mask_pixels import read_mask_pixels

Kind = Literal["photo", "index", "colour", "binary", "unknown"]

_PIXELS = 500_000  # of larger pictures every second, third … row is looked at
_GRID = 24  # side of the outline that tells whether all masks show the same shape
_MANY_VALUES = 64  # distinct values in one file beyond which an index mask would be extraordinary
_MANY_COLOURS = 256
_WHITE = 255
_FLAT = 0.4  # least share of pixels that equal their neighbour in a JPEG mask
_SAME_SHAPE = 0.96  # overlap of every mask with the common shape; organs reach about 0.9


@dataclass(frozen=True, slots=True)
class Look:
    """One picture.

    Attributes:
        values: `(V,)` int64 distinct values, colours packed as 0xRRGGBB; of colours only those on some rows.
        counts: `(V,)` int64 pixels of each.
        colour: Whether the values are colours.
        lossy: Whether JPEG compression changed them.
        flat: Share of pixels that equal their right neighbour, in [0, 1]; near 1 for masks.
        inner_flat: The same among pixels that are neither darkest nor brightest; small where edges are soft.
        bilevel: Whether it has 1 bit a pixel: its 1 is the white of other files.
        pixels: Height times width.
        outline: `(24, 24)` bool, where it is brighter than half of its brightest pixel.
    """

    values: NDArray[np.int64]
    counts: NDArray[np.int64]
    colour: bool
    lossy: bool
    flat: float
    inner_flat: float
    bilevel: bool
    pixels: int
    outline: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a folder's pictures have in common.

    Attributes:
        kind: What they are; `unknown` if none could be read.
        values: All values seen (colours packed as 0xRRGGBB), at most a thousand.
        soft: Two levels with values between them (anti-aliased, or JPEG).
        lossy: At least one was changed by JPEG compression.
        same_shape: All show nearly the same shape, as a camera's field of view does.
        looked: How many were read.
    """

    kind: Kind
    values: tuple[int, ...] = ()
    soft: bool = False
    lossy: bool = False
    same_shape: bool = False
    looked: int = 0


def look_at(path: Path, root: Path) -> Look | None:
    """Read one picture; None if it cannot be read (the scan will say why)."""
    try:
        pixels = read_mask_pixels(path, root)
    except DatasetError:
        return None
    counted = None if pixels.is_colour else count_mask_pixels(pixels)
    numbers = pixels.numbers()
    rows = numbers[:: max(1, numbers.size // _PIXELS)]
    values, counts = (
        np.unique(rows, return_counts=True) if counted is None else (counted.values, counted.counts)
    )
    equal = rows[:, 1:] == rows[:, :-1]
    inner_equal = equal[((rows > numbers.min()) & (rows < numbers.max()))[:, :-1]]
    return Look(
        values=values,
        counts=counts,
        colour=pixels.is_colour,
        lossy=pixels.lossy,
        flat=float(equal.mean()) if equal.size else 1.0,
        inner_flat=float(inner_equal.mean()) if inner_equal.size else 1.0,
        bilevel=pixels.is_bilevel,
        pixels=numbers.size,
        outline=_outline(numbers),
    )


def judge(looks: Sequence[Look]) -> Evidence:
    """Say what the pictures of one folder are."""
    if not looks:
        return Evidence("unknown")
    lossy = any(look.lossy for look in looks)
    # With counts numpy sorts; without it hashes, which is a hundred times slower here.
    values, _ = np.unique(np.concatenate([_packed(look, looks) for look in looks]), return_counts=True)
    kind, soft = _judge_colours(looks, values) if _has_colours(looks) else _judge_numbers(looks, values)
    levels = _lossy_levels(looks) if kind == "index" else ()
    seen = levels or tuple(int(value) for value in values[:1000])
    same = kind == "binary" and _have_same_shape(looks)
    return Evidence(kind, seen, soft, lossy, same, len(looks))


def _has_colours(looks: Sequence[Look]) -> bool:
    return any(look.colour for look in looks)


def _packed(look: Look, looks: Sequence[Look]) -> NDArray[np.int64]:
    """Values of one picture; grey ones as colours, 1-bit ones as bytes, where the others hold such."""
    others = (other for other in looks if not other.bilevel)
    white = look.bilevel and any(other.colour or other.values[-1] == _WHITE for other in others)
    values = look.values * _WHITE if white else look.values
    return values * 0x010101 if not look.colour and _has_colours(looks) else values


def _judge_colours(looks: Sequence[Look], colours: NDArray[np.int64]) -> tuple[Kind, bool]:
    flat = float(np.median([look.flat for look in looks]))
    if any(look.lossy for look in looks):
        if flat < 0.5 and _share_of_clusters(looks, 2) < 0.97:
            return "photo", False
        two_levels = _share_of_clusters(looks, 2) >= 0.97
        return ("binary", True) if two_levels else ("colour", False) if flat > 0.7 else ("photo", False)
    if len(colours) <= 2 and 0 in colours:
        return "binary", False
    few = max(len(look.values) for look in looks) <= _MANY_COLOURS
    return ("colour", False) if flat > 0.8 or (few and flat > 0.4) else ("photo", False)


def _share_of_clusters(looks: Sequence[Look], count: int) -> float:
    """Least share, over the pictures, of pixels in the most frequent coarse colours."""
    shares = []
    for look in looks:
        colours = look.values
        coarse = sum((((colours >> shift) & 0xFF) + 32) // 86 << shift for shift in (0, 8, 16))
        sizes = np.bincount(np.unique(coarse, return_inverse=True)[1], weights=look.counts)
        shares.append(np.sort(sizes)[-count:].sum() / (sizes.sum()))
    return float(min(shares))


def _judge_numbers(looks: Sequence[Look], values: NDArray[np.int64]) -> tuple[Kind, bool]:
    if len(values) <= 2 and 0 in values:
        return "binary", False
    if levels := _lossy_levels(looks):
        return ("binary", True) if len(levels) == 2 else ("index", False)
    if _is_soft(looks, values):
        return "binary", True
    per_file = float(np.median([len(look.values) for look in looks]))
    flat = float(np.median([look.flat for look in looks]))
    return ("photo" if per_file > _MANY_VALUES or (per_file > 24 and flat < 0.5) else "index"), False


def _lossy_levels(looks: Sequence[Look]) -> tuple[int, ...]:
    """The two or more levels that JPEG masks were painted in; empty for other files and for photographs."""
    if not any(look.lossy for look in looks) or float(np.median([look.flat for look in looks])) < _FLAT:
        return ()
    levels = find_levels(
        np.concatenate([look.values for look in looks]), np.concatenate([look.counts for look in looks])
    )
    return tuple(levels.tolist()) if len(levels) > 1 else ()


def _is_soft(looks: Sequence[Look], values: NDArray[np.int64]) -> bool:
    """Two levels and a smooth passage between them.

    Most pixels lie near the darkest or the brightest value of the whole set, many different values lie
    between, and those lie along edges: their neighbours differ. The classes of an index mask lie in areas.
    """
    low, high = int(values[0]), int(values[-1])
    between = values[(values > low + 0.15 * (high - low)) & (values < high - 0.15 * (high - low))]
    if len(between) < 8:
        return False
    inside = total = bright = 0
    for look in looks:
        middle = np.isin(look.values, between)
        inside += int(look.counts[middle].sum())
        bright += int(look.counts[look.values > between[-1]].sum())
        total += int(look.counts.sum())
    edges = [look.inner_flat for look in looks if len(look.values) > 2]
    return inside < 0.1 * total and inside < bright and float(np.median(edges)) < 0.6


def _outline(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    rows = np.linspace(0, numbers.shape[0] - 1, _GRID).astype(int)
    columns = np.linspace(0, numbers.shape[1] - 1, _GRID).astype(int)
    outline: NDArray[np.bool_] = numbers[np.ix_(rows, columns)] > numbers.max() / 2
    return outline


def _have_same_shape(looks: Sequence[Look]) -> bool:
    outlines = np.array([look.outline for look in looks])  # (n, 24, 24)
    common = outlines.mean(axis=0) > 0.5
    if len(looks) < 3 or not 0.05 < common.mean() < 0.999:
        return False
    shared = (outlines & common).sum(axis=(1, 2))
    either = (outlines | common).sum(axis=(1, 2))
    return bool((shared / either).min() >= _SAME_SHAPE)
