"""Two masks of a case side by side, and what differs between them, as pictures."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from core.domain.classes import ClassRole, ClassSpec, class_colours
from core.domain.identity import Identity
from core.domain.masks import LabelMask
from core.errors import ReviewError
from core.reports.reviewed import ReviewedCase, ReviewedSet
from core.reviews.agreement import compare_regions
from core.reviews.opening import Review
from core.reviews.reading import SeenCase, read_seen_case
from core.services.pictures import blend
from core.services.reviews.measurements import open_cases
from core.services.reviews.spacing import find_given, find_spacing
from core.services.reviews.stores import review_store

BOTH_COLOUR, FIRST_COLOUR, SECOND_COLOUR = "#8A8F98", "#F0E442", "#56B4E9"
_FILL, _LINE = 0.45, 0.95
_HATCH = 6  # pixels between lines
_ROOM = 0.15  # of the side, around what differs
_SMALLEST = 48  # pixels of a mask: less is no picture


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two masks of one case as PNG bytes, and how far they agree on each class.

    `scores` holds, by class, Dice and HD95, None where there is none; `unit` is that of the distances;
    `shown` is the class whose difference is drawn.
    """

    first: bytes
    second: bytes
    difference: bytes
    scores: dict[str, tuple[float | None, float | None]]
    unit: str
    shown: str


def compare_masks(
    review: Review,
    position: int,
    identity: Identity,
    first: str,
    second: str,
    class_name: str | None = None,
    near: bool = True,
    longest: int = 640,
) -> Comparison:
    """Two masks of a case side by side, and what differs between them.

    In the difference grey is where both are, yellow where only the first is, and hatched sky-blue where only
    the second is.

    Args:
        review: The review.
        position: The case.
        identity: Who looks.
        first: Hash of a mask.
        second: Hash of another.
        class_name: The class whose difference is drawn; None takes the class that they agree on least.
        near: Whether the pictures show only where that class is in either mask.
        longest: Pixels of a picture's longest side.

    Raises:
        ReviewError: The person may not see one of the masks now, or it cannot be read.
        DatasetError: The image cannot be read.
    """
    seen = read_seen_case(review_store(), review.id, position, identity)
    source = open_cases(review)
    cases = ReviewedSet(review_store(), review, source, (), ())
    masks = []
    for digest in (first, second):
        _check_seen(seen, digest)
        masks.append(cases.read_mask(ReviewedCase(seen.case, "open", digest)))
    spacing, _ = find_spacing(source, position, find_given(review))
    drawn = [place for place, item in enumerate(source.classes) if item.role is ClassRole.CLASS]
    names = [item.name for item in source.classes]
    found = {
        place: compare_regions(masks[0].region(place), masks[1].region(place), spacing) for place in drawn
    }
    scores = {names[place]: (_known(one.dice), _known(one.hd95)) for place, one in found.items()}
    worst = min(drawn, key=lambda place: 2.0 if np.isnan(found[place].dice) else found[place].dice)
    shown = names.index(class_name) if class_name in names else worst
    regions = masks[0].region(shown), masks[1].region(shown)
    apart = near and first != second  # equal masks differ nowhere: all of them is what verdicts differ on
    window = _find_window(regions[0] | regions[1]) if apart else (slice(None), slice(None))
    picture = _shrink(source.read_image(position)[window], longest)
    return Comparison(
        _overlay(picture, _cut(masks[0], window), source.classes),
        _overlay(picture, _cut(masks[1], window), source.classes),
        _draw_difference(picture, regions[0][window], regions[1][window]),
        scores,
        "px" if spacing is None else "mm",
        names[shown],
    )


def _find_window(region: NDArray[np.bool_]) -> tuple[slice, slice]:
    """A square around a region with some room, inside the picture; all of it where the region is empty."""
    rows, columns = np.nonzero(region)
    if not rows.size:
        return slice(None), slice(None)
    side = max(int(np.ptp(rows)), int(np.ptp(columns)), _SMALLEST) * (1 + 2 * _ROOM)
    window = []
    for places, size in ((rows, region.shape[0]), (columns, region.shape[1])):
        start = round(max((int(places.min()) + int(places.max()) - side) / 2, 0))
        window.append(slice(min(start, max(size - round(side), 0)), min(start + round(side), size)))
    return window[0], window[1]


def _cut(mask: LabelMask, window: tuple[slice, slice]) -> LabelMask:
    return LabelMask(mask.pixels[(..., *window)], mask.class_count)


def _shrink(picture: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    image = Image.fromarray(np.ascontiguousarray(picture))
    image.thumbnail((longest, longest))
    return np.asarray(image)


def _check_seen(seen: SeenCase, digest: str) -> None:
    """What a person may not see yet is never read for them."""
    shown = {item.mask for item in seen.decisions} | ({seen.case.mask_hash} if seen.model else set())
    if digest not in shown:
        raise ReviewError(
            f"{seen.case.sample}: this mask is none of the case, or it is hidden until you have answered."
        )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _overlay(picture: NDArray[np.uint8], mask: LabelMask, classes: Sequence[ClassSpec]) -> bytes:
    painted = picture.copy()
    drawn = [item.role is ClassRole.CLASS for item in classes]
    blend(painted, mask, class_colours(classes), drawn, opacity=0.3)
    return _encode(painted)


def _draw_difference(
    picture: NDArray[np.uint8], first: NDArray[np.bool_], second: NDArray[np.bool_]
) -> bytes:
    rows = np.arange(picture.shape[0]) * first.shape[0] // picture.shape[0]
    columns = np.arange(picture.shape[1]) * first.shape[1] // picture.shape[1]
    one, other = first[np.ix_(rows, columns)], second[np.ix_(rows, columns)]
    hatched = np.add.outer(np.arange(one.shape[0]), np.arange(one.shape[1])) % _HATCH < 2
    grey = picture.mean(axis=2, keepdims=True)  # Colours of the image would hide those of the difference
    painted = np.repeat(grey, 3, axis=2)
    for region, colour in (
        (one & other, BOTH_COLOUR),
        (one & ~other, FIRST_COLOUR),
        (other & ~one, SECOND_COLOUR),
    ):
        weight = np.where(region, _FILL, 0.0)
        if colour == SECOND_COLOUR:
            weight[region & hatched] = _LINE
        paint = np.array(ImageColor.getrgb(colour), np.float64)
        painted = painted * (1 - weight[..., None]) + paint * weight[..., None]
    return _encode((painted + 0.5).astype(np.uint8))


def _encode(picture: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
