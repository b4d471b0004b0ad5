"""What readers of a review disagree on, shown side by side, and settled by an adjudicator."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from core.domain.classes import ClassRole, ClassSpec, class_colours
from core.domain.identity import Identity, Role
from core.domain.masks import LabelMask
from core.domain.review import Action, CaseSpec, DecisionRequest
from core.errors import ReviewError
from core.reports.reviewed import ReviewedCase, ReviewedSet
from core.reports.sources import open_source
from core.reviews.agreement import compare_regions
from core.reviews.deciding import decide
from core.reviews.opening import Review
from core.reviews.reading import SeenCase, read_seen_case
from core.reviews.states import Decision
from core.services.pictures import blend
from core.services.reviews.board import see_cases
from core.services.reviews.deciding import build_request
from core.services.reviews.readers import name_adjudicator
from core.services.reviews.stores import review_store

BOTH_COLOUR, FIRST_COLOUR, SECOND_COLOUR = "#8A8F98", "#E69F00", "#56B4E9"
_FILL, _LINE = 0.45, 0.95
_HATCH = 6  # pixels between lines
_ROOM = 0.15  # of the side, around what differs
_SMALLEST = 48  # pixels of a mask: less is no picture


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reader answered, as it stands.

    Attributes:
        reader: Their id.
        name: As they were known then.
        action: `accept`, `correct` or `reject`.
        reason: Of a rejection.
        comment: What else they said.
        mask: Hash of the mask that they stand for; None for a rejection.
        drawn: Whether a person drew that mask, not the model.
    """

    reader: str
    name: str
    action: Action
    reason: str
    comment: str
    mask: str | None
    drawn: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """A case that its readers disagree on, or did.

    Attributes:
        case: The case.
        opinions: Of its readers, in the order in which they came.
        verdicts: Whether some stand for a mask and some for none; else masks differ.
        settled: The adjudicator's word; None while it is open.
        may_settle: Whether the person who asks is its adjudicator.
        may_take_on: Whether they may become it.
    """

    case: CaseSpec
    opinions: tuple[Opinion, ...]
    verdicts: bool
    settled: Opinion | None
    may_settle: bool
    may_take_on: bool


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


def list_conflicts(review: Review, identity: Identity) -> list[Conflict]:
    """The cases that readers disagree on, as far as a person may see their answers; open ones first."""
    found = []
    for seen in see_cases(review.id, identity):
        if seen.outcome is None:
            continue
        standing = [item for item in seen.decisions if not item.superseded and item.settles]
        words = [item for item in standing if item.adjudication]
        readers = [item for item in standing if not item.adjudication]
        masks = {item.mask for item in readers}
        if len(masks) < 2:
            continue
        word = max(words, key=lambda item: item.seq, default=None)
        found.append(
            Conflict(
                case=seen.case,
                opinions=tuple(_to_opinion(item, seen.case) for item in readers),
                verdicts=None in masks,
                settled=None if word is None else _to_opinion(word, seen.case),
                may_settle=_adjudicates(seen, identity),
                may_take_on=_may_take_on(seen, identity),
            )
        )
    return sorted(found, key=lambda conflict: (conflict.settled is not None, conflict.case.position))


def take_on(review_id: str, position: int, identity: Identity) -> None:
    """Become the adjudicator of a case.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: They have read the case, or the review is closed.
    """
    name_adjudicator(review_id, identity.id, identity, position)


def build_word(
    token: str, mask: str | None, reason: str = "", comment: str = "", seconds: float = 0.0
) -> DecisionRequest:
    """The adjudicator's word: the mask to go on with, or none, which rejects the case.

    Raises:
        ReviewError: A rejection lacks its reason, or a text is too long.
    """
    return build_request(
        {
            "token": token,
            "action": "accept" if mask else "reject",
            "reason": reason,
            "comment": comment,
            "seconds": seconds,
            "mask_seen": mask or None,
        }
    )


def settle(review: Review, position: int, identity: Identity, request: DecisionRequest) -> Decision:
    """Settle a case: `accept` the mask that the request names as seen, or `reject` all.

    A mask of the adjudicator's own is drawn and sent at the desk, like any correction.

    Raises:
        AccessError: The person is not the adjudicator of this case.
        ReviewError: The review is closed, or the mask is none of this case.
        WorkspaceError: The database cannot be written.
    """
    seen = read_seen_case(review_store(), review.id, position, identity)
    if not _adjudicates(seen, identity):
        raise ReviewError(
            f"{seen.case.sample}: {identity.name} is not the adjudicator of this case; a researcher names "
            "one under Readers."
        )
    return decide(review_store(), review.id, position, identity, request)


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

    In the difference grey is where both are, orange where only the first is, and hatched sky-blue where only
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
    source = open_source(review.spec)
    cases = ReviewedSet(review_store(), review, source, (), ())
    masks = []
    for digest in (first, second):
        _check_seen(seen, digest)
        masks.append(cases.read_mask(ReviewedCase(seen.case, "open", digest)))
    spacing = source.spacing(position)
    drawn = [place for place, item in enumerate(source.classes) if item.role is ClassRole.CLASS]
    names = [item.name for item in source.classes]
    found = {
        place: compare_regions(masks[0].region(place), masks[1].region(place), spacing) for place in drawn
    }
    scores = {names[place]: (_known(one.dice), _known(one.hd95)) for place, one in found.items()}
    worst = min(drawn, key=lambda place: 2.0 if np.isnan(found[place].dice) else found[place].dice)
    shown = names.index(class_name) if class_name in names else worst
    regions = masks[0].region(shown), masks[1].region(shown)
    window = _find_window(regions[0] | regions[1]) if near else (slice(None), slice(None))
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


def _to_opinion(item: Decision, case: CaseSpec) -> Opinion:
    drawn = item.mask is not None and item.mask != case.mask_hash
    return Opinion(item.reader, item.reader_name, item.action, item.reason, item.comment, item.mask, drawn)


def _adjudicates(seen: SeenCase, identity: Identity) -> bool:
    return any(item.reader == identity.id and item.kind == "adjudicator" for item in seen.assigned)


def _may_take_on(seen: SeenCase, identity: Identity) -> bool:
    concerned = {item.reader for item in seen.assigned} | {item.reader for item in seen.decisions}
    return identity.may(Role.RESEARCHER) and identity.id not in concerned


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
