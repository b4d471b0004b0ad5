"""Palettes of colour masks: which colours are classes, and what the colours between them count as.

Anti-aliasing and JPEG put hundreds of in-between colours along every edge. They are not classes; each
counts as the nearest palette colour if that is near enough, and for none otherwise. But a rare colour is
not an in-between one for being rare (rare classes are what balancing is about): only a crowd of colours is
cleaned up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# So many exact colours are taken for classes; beyond it they are a crowd of in-between ones.
MAX_PALETTE = 64
# Euclidean distance in RGB (0..441) within which a colour is a blurred version of a palette colour. The
# palettes of the field keep about 64 apart (multiples of 64 or 128 a channel).
TOLERANCE = 60.0
# A discovered colour of a crowd must fill this share of at least one mask: a flat region, not an edge.
MIN_REGION = 1e-3
# A discovered colour is a blend, not a class, if it lies so near the line between two more frequent ones, and
# is as rare beside both: an edge has few pixels beside the regions that it parts.
_BLEND_DISTANCE = 24.0
_BLEND_SHARE = 0.05
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class ColourUse:
    """How the `(U,)` distinct colours of a set occur.

    Attributes:
        colours: Packed, ascending.
        pixels: Pixels in all files.
        region: Largest share of one file's pixels.
        exact: Whether the colour occurs in a file stored without loss.
    """

    colours: NDArray[np.int64]
    pixels: NDArray[np.int64]
    region: NDArray[np.float64]
    exact: NDArray[np.bool_]


def find_palette(use: ColourUse, known: NDArray[np.int64], complete: bool) -> tuple[NDArray[np.int64], bool]:
    """Return the new colours that are classes, ascending, and whether there are others in between.

    Args:
        use: The colours of the set.
        known: Packed colours that the spec names, as classes or void.
        complete: Whether the spec names classes; a crowd of other colours then adds none.
    """
    new = ~np.isin(use.colours, known)
    exact = new & use.exact
    if exact.sum() <= MAX_PALETTE and (complete or use.exact.any()):
        return use.colours[exact], bool((new & ~use.exact).any())
    return (np.zeros(0, dtype=np.int64) if complete else _find_regions(use, known)), True


def match_colours(colours: NDArray[np.int64], palette: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the position of the nearest palette colour for each colour; -1 beyond `TOLERANCE`."""
    places = np.full(colours.shape, -1, dtype=np.intp)
    if not palette.size:
        return places
    targets = unpack_colours(palette)
    for start in range(0, colours.size, _CHUNK):
        part = unpack_colours(colours[start : start + _CHUNK])
        distances = np.square(part[:, None, :] - targets[None]).sum(axis=2)  # (U, 1, 3) - (1, P, 3) -> (U, P)
        nearest = distances.argmin(axis=1)
        near = distances[np.arange(len(part)), nearest] <= TOLERANCE**2
        places[start : start + _CHUNK] = np.where(near, nearest, -1)
    return places


def unpack_colours(packed: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return `(U, 3)` channels in 0..255 of `(U,)` 0xRRGGBB."""
    return np.stack([packed >> 16, (packed >> 8) & 0xFF, packed & 0xFF], axis=-1).astype(np.float32)


def _find_regions(use: ColourUse, known: NDArray[np.int64]) -> NDArray[np.int64]:
    """Choose the most frequent colours that fill regions and are neither near nor between chosen ones."""
    candidates = np.flatnonzero(use.region >= MIN_REGION)
    candidates = candidates[np.argsort(-use.pixels[candidates], kind="stable")]
    chosen: list[int] = []
    for place in candidates.tolist():
        taken = np.concatenate([known, use.colours[chosen]])
        near = match_colours(use.colours[place : place + 1], taken)[0] >= 0
        if not near and not _is_blend(use, place, chosen):
            chosen.append(place)
        if len(chosen) == MAX_PALETTE:
            break
    return np.sort(use.colours[chosen])


def _is_blend(use: ColourUse, place: int, chosen: Sequence[int]) -> bool:
    """Whether a colour lies between two chosen ones and is rare beside both."""
    frequent = [item for item in chosen if use.pixels[place] < _BLEND_SHARE * use.pixels[item]]
    if len(frequent) < 2:
        return False
    ends = unpack_colours(use.colours[frequent])
    point = unpack_colours(use.colours[place : place + 1])[0]
    first, second = np.triu_indices(len(frequent), 1)
    sides = ends[second] - ends[first]
    along = ((point - ends[first]) * sides).sum(axis=1) / np.square(sides).sum(axis=1)
    nearest = ends[first] + np.clip(along, 0, 1)[:, None] * sides
    return bool((np.square(point - nearest).sum(axis=1) <= _BLEND_DISTANCE**2).any())
