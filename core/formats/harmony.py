"""What the numbers of several index masks mean together.

A palette index is a class only while all files share one palette; a 1-bit file says 0 and 1 where its 8-bit
neighbours say 0 and 255. Both are settled here, over the whole set, without reading a file again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.formats.counting import ValueCounts
from core.formats.mask_pixels import MaskPixels

WHITE = 255


@dataclass(frozen=True, slots=True)
class Harmony:
    """How to read the numbers of a set of index masks.

    Attributes:
        white: What 1 means in 1-bit files.
        grey_palettes: Whether palette images count by the grey of their palette, not by index.
        conflict: Two positions in the set whose palettes give one index two colours, and that index; or None.
    """

    white: int
    grey_palettes: bool
    conflict: tuple[int, int, int] | None = None

    def numbers(self, counts: ValueCounts) -> NDArray[np.int64]:
        """Return the `(V,)` numbers that the values of one file mean; two values may mean one number."""
        if counts.bilevel:
            return counts.values * self.white
        if self.grey_palettes and counts.colours is not None:
            return counts.colours & 0xFF
        return counts.values


def find_harmony(masks: Sequence[ValueCounts], keys: Collection[int]) -> Harmony:
    """Decide how the numbers of scalar masks are read together.

    Args:
        masks: Counts of all files; colours take no part.
        keys: The values that the spec names, which win over guesses.
    """
    scalars = [(place, item) for place, item in enumerate(masks) if item.kind == "scalar"]
    plain = [item for _, item in scalars if item.colours is None and not item.bilevel]
    seen = (
        {int(value) for value in np.unique(np.concatenate([item.values for item in plain]))}
        if plain
        else set()
    )
    known = seen | set(keys)
    white = WHITE if WHITE in known and 1 not in known else 1
    palettes = [(place, item) for place, item in scalars if item.colours is not None]
    if not palettes:
        return Harmony(white, False)
    conflict = _find_conflict(palettes)
    greys = _all_grey([item for _, item in palettes])
    if conflict is not None:
        return Harmony(white, True) if greys else Harmony(white, False, conflict)
    return Harmony(white, bool(greys) and bool(plain) and greys <= known and not _indices(palettes) <= known)


def read_numbers(mask: MaskPixels, keys: Collection[int]) -> NDArray[np.int64]:
    """Return the `(H, W)` numbers of one file, read so that they are among `keys` where that is possible."""
    numbers = mask.numbers()
    palette = mask.palette
    known = set(keys)
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


def _indices(palettes: Sequence[tuple[int, ValueCounts]]) -> set[int]:
    return {int(value) for _, item in palettes for value in item.values}


def _all_grey(masks: Sequence[ValueCounts]) -> set[int]:
    """Return the greys of the palettes; empty unless all are grey and each file's are distinct."""
    greys: set[int] = set()
    for item in masks:
        colours = item.colours
        if colours is None or np.unique(colours).size < colours.size:
            return set()
        if not np.array_equal(colours, (colours & 0xFF) * 0x010101):
            return set()
        greys.update(int(value) for value in colours & 0xFF)
    return greys


def _find_conflict(palettes: Sequence[tuple[int, ValueCounts]]) -> tuple[int, int, int] | None:
    """Return two places whose palettes disagree, and the index on which they do."""
    colour_of: dict[int, tuple[int, int]] = {}
    index_of: dict[int, tuple[int, int]] = {}
    for place, item in palettes:
        colours = item.colours if item.colours is not None else item.values
        if np.unique(colours).size < colours.size:
            return (
                None  # Several indices share a colour: these palettes are no legend, the index is what counts
            )
        for value, colour in zip(item.values.tolist(), colours.tolist(), strict=True):
            first, known = colour_of.setdefault(value, (place, colour))
            if known != colour:
                return first, place, value
            first, known = index_of.setdefault(colour, (place, value))
            if known != value:
                return first, place, value
    return None
