"""Colour masks: the colour of a pixel is its class; the palette is given, or discovered over the set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec, FormatName
from core.domain.masks import LabelMask
from core.domain.scan import Problem
from core.errors import DatasetError, MaskError
from core.formats.masks.protocol import CountedMask, CountedSample, Tabulation
from core.formats.masks.tabulation import FlatCounts, flatten, join_classes, look_up
from core.formats.pixels.counting import ValueCounts
from core.formats.pixels.mask_pixels import MaskPixels
from core.formats.pixels.palette import MAX_PALETTE, ColourUse, find_palette, match_colours
from core.formats.wording import describe_unknown, say_count

# In-between pixels alone make a class present only from this share of the image on: the blur between two
# colours may pass near a third one that is not there.
MIN_BLURRED = 1e-4
_GREY = 0x010101


class ColourMasks:
    """One colour per class, as `#rrggbb`; palette images count by their palette's colours."""

    name: FormatName = "colour"
    title = "One colour per class"
    overlapping = False

    def sniff(self, counts: Sequence[ValueCounts]) -> float:
        """How well the counts of some files fit: few colours, some of them real."""
        if not any(item.kind == "colour" for item in counts):
            return 0.0
        colours = {int(value) for item in counts for value in item.values if item.kind == "colour"}
        return 0.9 if len(colours) <= MAX_PALETTE else 0.3

    def tabulate(self, spec: DatasetSpec, samples: Sequence[CountedSample]) -> Tabulation:
        """Turn raw counts into classes, presence and pixels.

        In-between colours of lossy or anti-aliased masks count as the nearest palette colour; see
        `core.formats.pixels.palette`. Of exactly two discovered colours, black is proposed as background.

        Raises:
            DatasetError: A key of the spec is no colour.
        """
        known = {parse_colour(key): key for key in (*spec.void, *(item.key for item in spec.classes))}
        kept, problems = _usable(samples)
        masks = [samples[place].masks[0] for place in kept]
        flat = flatten((_colours(item.counts), item.counts.counts) for item in masks)
        sizes = np.array([item.counts.height * item.counts.width for item in masks], dtype=np.int64)
        lossy = np.array([item.counts.lossy for item in masks], dtype=np.bool_)
        matches = _match(flat, sizes, lossy, np.array(sorted(known), dtype=np.int64), bool(spec.classes))
        keys = [known.get(colour, format_colour(colour)) for colour in matches.palette.tolist()]
        classes = join_classes(spec, keys, _role_of(keys))
        pixels, present = _count(flat, matches, sizes, lossy)
        columns = np.searchsorted(matches.palette, [parse_colour(item.key) for item in classes])
        files = [item.file for item in masks]
        problems += _new_problems(spec, classes, pixels[:, columns], files)
        problems += _blur_problems(flat, matches, masks)
        void = np.setdiff1d(np.arange(len(keys)), columns)
        return Tabulation(
            classes,
            np.array(kept, dtype=np.intp),
            present[:, columns],
            pixels[:, columns],
            sizes - pixels[:, void].sum(axis=1),
            tuple(problems),
        )

    def read(
        self, spec: DatasetSpec, classes: Sequence[ClassSpec], masks: Sequence[tuple[str, MaskPixels]]
    ) -> LabelMask:
        """Turn the colours of one mask into positions into `classes`; void and colours far from all are -1.

        Raises:
            MaskError: The mask holds numbers that are no grey in 0..255.
        """
        colours = _pixel_colours(masks[0][1])
        keys = (*(item.key for item in classes), *(item.key for item in spec.classes), *spec.void)
        palette = np.array(list(dict.fromkeys(map(parse_colour, keys))), dtype=np.int64)
        distinct, inverse = np.unique(colours, return_inverse=True)
        places = match_colours(distinct, palette)
        places[places >= len(classes)] = -1
        return LabelMask(places[inverse].reshape(colours.shape).astype(np.int16), len(classes))


def parse_colour(key: str) -> int:
    """Return 0xRRGGBB of `#rrggbb`.

    Raises:
        DatasetError: It is not written so.
    """
    try:
        if len(key) != 7 or key[0] != "#":
            raise ValueError
        return int(key[1:], 16)
    except ValueError:
        raise DatasetError(
            f"The key {key!r} is no colour; in colour masks keys are written #rrggbb, for example #80ff00."
        ) from None


def format_colour(packed: int) -> str:
    """Return `#rrggbb` of 0xRRGGBB."""
    return f"#{packed:06x}"


def _usable(samples: Sequence[CountedSample]) -> tuple[list[int], list[Problem]]:
    kept, problems = [], []
    for place, sample in enumerate(samples):
        counts = sample.masks[0].counts
        if counts.kind == "scalar" and (counts.values[-1] > 255 or counts.values[0] < 0):
            text = f"the mask holds numbers up to {counts.values[-1]}, not colours"
            step = "Choose the format for index masks, or remove the file."
            problems.append(Problem(sample.masks[0].file, text, step))
        else:
            kept.append(place)
    return kept, problems


def _colours(counts: ValueCounts) -> NDArray[np.int64]:
    if counts.kind == "colour":
        return counts.values
    if counts.colours is not None:
        return counts.colours
    return counts.values * (255 if counts.bilevel else 1) * _GREY


def _pixel_colours(mask: MaskPixels) -> NDArray[np.int64]:
    numbers = mask.numbers()
    if mask.is_colour:
        return numbers
    if mask.palette is not None:
        return mask.palette[numbers]
    if numbers.max() > 255 or numbers.min() < 0:
        raise MaskError(f"the mask holds numbers up to {numbers.max()}, not colours; choose index masks.")
    return numbers * (255 if mask.is_bilevel else 1) * _GREY


@dataclass(frozen=True, slots=True)
class _Matches:
    """The `(P,)` palette; for each of E entries its position there (-1: none) and whether it is blurred."""

    palette: NDArray[np.int64]
    places: NDArray[np.intp]
    blurred: NDArray[np.bool_]


def _match(
    flat: FlatCounts,
    sizes: NDArray[np.int64],
    lossy: NDArray[np.bool_],
    known: NDArray[np.int64],
    complete: bool,
) -> _Matches:
    colours, inverse = np.unique(flat.values, return_inverse=True)
    pixels = np.bincount(inverse, weights=flat.counts, minlength=colours.size).astype(np.int64)
    region = np.zeros(colours.size)
    np.maximum.at(region, inverse, flat.counts / sizes[flat.owners])
    exact = np.zeros(colours.size, dtype=np.bool_)
    exact[inverse[~lossy[flat.owners]]] = True
    found, crowded = find_palette(ColourUse(colours, pixels, region, exact), known, complete)
    palette = np.union1d(found, known).astype(np.int64)
    places = look_up(colours, {colour: place for place, colour in enumerate(palette.tolist())})
    blurred = places < 0
    if crowded:
        places = np.where(blurred, match_colours(colours, palette), places)
    return _Matches(palette, places[inverse], blurred[inverse])


def _count(
    flat: FlatCounts, matches: _Matches, sizes: NDArray[np.int64], lossy: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return `(N, P)` pixels and presence; blurred pixels and lossy files must pass `MIN_BLURRED`."""
    pixels = flat.spread(matches.places, matches.palette.size)
    sharp = np.where(matches.blurred | lossy[flat.owners], -1, matches.places)
    enough = np.maximum(MIN_BLURRED * sizes, 1)[:, None]
    return pixels, (flat.spread(sharp, matches.palette.size) > 0) | (pixels >= enough)


def _role_of(keys: Sequence[str]) -> Callable[[str], ClassRole]:
    background = "#000000" if len(keys) == 2 else None
    return lambda key: ClassRole.BACKGROUND if key == background else ClassRole.CLASS


def _new_problems(
    spec: DatasetSpec, classes: Sequence[ClassSpec], pixels: NDArray[np.int64], files: Sequence[str]
) -> list[Problem]:
    known = {item.key for item in spec.classes}
    problems = []
    for column, item in enumerate(classes):
        if not known or item.key in known:
            continue
        holders = [files[place] for place in np.flatnonzero(pixels[:, column]).tolist()]
        problems.append(describe_unknown(f"colour {item.key}", holders))
    return problems


def _blur_problems(flat: FlatCounts, matches: _Matches, masks: Sequence[CountedMask]) -> list[Problem]:
    rest = sum(item.counts.rest for item in masks)
    near = int(flat.counts[matches.blurred & (matches.places >= 0)].sum())
    far = int(flat.counts[matches.places < 0].sum()) + rest
    if not near and not far:
        return []
    owners = flat.owners[matches.blurred]
    first = int(owners[0]) if owners.size else next(i for i, item in enumerate(masks) if item.counts.rest)
    share = (near + far) / (int(flat.counts.sum()) + rest)
    text = (
        f"{share:.2%} of all pixels have colours between those of the classes (smoothed edges or JPEG): "
        f"{say_count(near, 'pixel counts', 'pixels count')} as the nearest class, {far:,} for none, being "
        "far from every class"
    )
    step = "Check the colours of the classes; masks saved as PNG without smoothing have no such pixels."
    problems = [Problem(masks[first].file, text, step)]
    if matches.palette.size >= MAX_PALETTE:
        text = f"the masks hold more than {MAX_PALETTE} colours; the {MAX_PALETTE} most frequent are listed"
        step = "These look like images; check the mask folder, or name the colours of the classes."
        problems.append(Problem(masks[first].file, text, step))
    return problems
