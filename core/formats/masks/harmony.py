"""What the numbers of several index masks mean together.

A palette index is a class only while all files share one palette; a 1-bit file says 0 and 1 where its 8-bit
neighbours say 0 and 255; JPEG moves numbers away from their level. All this is settled here, over the whole
set, without reading a file again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.formats.pixels.counting import ValueCounts
from core.formats.pixels.lossy_levels import find_levels, snap_to_levels
from core.formats.pixels.mask_pixels import MaskPixels

WHITE = 255
LEVEL_DISTANCE = 16  # A level so near to a number that the spec names is that number


@dataclass(frozen=True, slots=True)
class Harmony:
    """How to read the numbers of a set of index masks.

    Attributes:
        white: What 1 means in 1-bit files.
        grey_palettes: Whether palette images count by the grey of their palette, not by index.
        conflict: Two positions in the set whose palettes give one index two colours, and that index; or None.
        levels: What the numbers of lossy files are snapped to, ascending; empty where that is not clear.
        blurred: Whether lossy files hold numbers that nothing tells apart from noise.
    """

    white: int
    grey_palettes: bool
    conflict: tuple[int, int, int] | None = None
    levels: tuple[int, ...] = ()
    blurred: bool = False

    def numbers(self, counts: ValueCounts) -> NDArray[np.int64]:
        """Return the `(V,)` numbers that the values of one file mean; two values may mean one number."""
        if counts.bilevel:
            return counts.values * self.white
        if self.grey_palettes and counts.colours is not None:
            return counts.colours & 0xFF
        if counts.lossy and self.levels:
            return snap_to_levels(counts.values, counts.counts, np.array(self.levels, dtype=np.int64))
        return counts.values


def find_harmony(masks: Sequence[ValueCounts], keys: Collection[int]) -> Harmony:
    """Decide how the numbers of scalar masks are read together.

    Args:
        masks: Counts of all files; colours take no part.
        keys: The values that the spec names, which win over guesses.
    """
    scalars = [(place, item) for place, item in enumerate(masks) if item.kind == "scalar"]
    harmony = _settle_palettes(scalars, keys)
    lossy = [item for _, item in scalars if item.lossy]
    if not lossy:
        return harmony
    levels = _find_lossy_levels(lossy, keys)
    many = np.unique(np.concatenate([item.values for item in lossy])).size > 2
    return replace(harmony, levels=levels, blurred=many and not levels and not keys)


def _settle_palettes(scalars: Sequence[tuple[int, ValueCounts]], keys: Collection[int]) -> Harmony:
    plain = [item for _, item in scalars if item.colours is None and not item.bilevel]
    seen = (
        {int(value) for value in np.unique(np.concatenate([item.values for item in plain]))}
        if plain
        else set()
    )
    known = seen | set(keys)
    white = WHITE if WHITE in known and 1 not in known else 1
    legend = _read_legends(scalars)
    if not legend.indices.size:
        return Harmony(white, False)
    conflict = _find_conflict(legend)
    greys = _find_greys(legend)
    if conflict is not None:
        return Harmony(white, True) if greys else Harmony(white, False, conflict)
    indices = set(legend.indices.tolist())
    return Harmony(white, bool(greys) and bool(plain) and greys <= known and not indices <= known)


def read_numbers(mask: MaskPixels, keys: Collection[int]) -> NDArray[np.int64]:
    """Return the `(H, W)` numbers of one file, read so that they are among `keys` where that is possible."""
    numbers = mask.numbers()
    palette = mask.palette
    known = set(keys)
    if mask.lossy and known:
        values, places, counts = np.unique(numbers, return_inverse=True, return_counts=True)
        levels = np.array(sorted(known), dtype=np.int64)
        return snap_to_levels(values, counts, levels)[places].reshape(numbers.shape)
    if mask.is_bilevel:
        return numbers * (WHITE if WHITE in known and 1 not in known else 1)
    if palette is None:
        return numbers
    used = np.flatnonzero(np.bincount(numbers.ravel(), minlength=256))
    colours = palette[used]
    is_grey = bool(np.all(colours == (colours & 0xFF) * 0x010101))
    if is_grey and not set(used.tolist()) <= known and set((colours & 0xFF).tolist()) <= known:
        return (palette & 0xFF)[numbers]
    return numbers


def _find_lossy_levels(masks: Sequence[ValueCounts], keys: Collection[int]) -> tuple[int, ...]:
    """Return the levels of lossy files: those that the spec names, and what else crowds far from them."""
    found = find_levels(
        np.concatenate([item.values for item in masks]), np.concatenate([item.counts for item in masks])
    )
    known = np.array(sorted(keys), dtype=np.int64)
    if known.size and found.size:
        found = found[np.abs(found[:, None] - known).min(axis=1) > LEVEL_DISTANCE]
    levels = np.union1d(known, found)
    return tuple(levels.tolist()) if levels.size > 1 else ()


@dataclass(frozen=True, slots=True)
class _Legend:
    """The used palette entries of all files end to end: `(E,)` place of the file, index, packed colour."""

    places: NDArray[np.int64]
    indices: NDArray[np.int64]
    colours: NDArray[np.int64]


def _read_legends(masks: Sequence[tuple[int, ValueCounts]]) -> _Legend:
    used = [(place, item.values, item.colours) for place, item in masks if item.colours is not None]
    nothing = [np.zeros(0, dtype=np.int64)]
    return _Legend(
        np.repeat([place for place, _, _ in used], [values.size for _, values, _ in used]).astype(np.int64),
        np.concatenate([values for _, values, _ in used] or nothing),
        np.concatenate([colours for _, _, colours in used] or nothing),
    )


def _has_twins(legend: _Legend) -> bool:
    """Whether a file shows several indices in one colour: such palettes are no legend, only indices count."""
    return np.unique(legend.places << 24 | legend.colours).size < legend.places.size


def _find_greys(legend: _Legend) -> set[int]:
    """Return the greys of the palettes; empty unless all colours are grey and each file's are distinct."""
    greys = legend.colours & 0xFF
    if _has_twins(legend) or not np.array_equal(legend.colours, greys * 0x010101):
        return set()
    return set(np.unique(greys).tolist())


def _find_conflict(legend: _Legend) -> tuple[int, int, int] | None:
    """Return two places whose palettes disagree, and the index on which they do."""
    if _has_twins(legend):
        return None
    pairs, firsts = np.unique(legend.indices << 24 | legend.colours, return_index=True)
    for side in (pairs >> 24, pairs & 0xFFFFFF):  # one index in two colours; one colour under two indices
        order = np.argsort(side, kind="stable")
        doubled = np.flatnonzero(side[order][1:] == side[order][:-1])
        if doubled.size:
            one, other = firsts[order[doubled[0]]], firsts[order[doubled[0] + 1]]
            one, other = min(one, other), max(one, other)
            return int(legend.places[one]), int(legend.places[other]), int(legend.indices[other])
    return None
