"""One case on the desk: what may be shown of it, its pictures, and what may be decided."""

from collections.abc import Sequence
from functools import lru_cache

from core.domain.review import CaseSpec, ReviewSpec
from core.reports.sources import CaseSource, open_source
from core.reviews.opening import Review
from core.services.reviews import planes
from core.services.reviews.board import Board
from core.services.reviews.pictures import CaseForm, CasePictures, Shown, build_case, find_form
from core.services.reviews.planes import PlanePicture, PlaneWish
from core.services.reviews.spacing import find_given
from core.services.reviews.stores import review_store

_MOST_SOURCES = 16


def find_source(review: Review) -> CaseSource:
    """Where images and masks of a review are read; opened once, as it lists every sample.

    Raises:
        AppError: The predictions are gone or damaged.
    """
    return _open(*_key(review))


def find_shown(board: Board, position: int) -> Shown:
    """What the person may see of a case now, and the corrected mask to go on from.

    That is their own, or else what the case has come to. The reference is shown with the model's mask, and
    hidden with it: it would bias a first reading as much.
    """
    seen = board.seen[position]
    own = [item.mask_after for item in board.own(position) if item.mask_after is not None]
    settled = seen.outcome.mask if seen.outcome is not None else None
    mask = own[-1] if own else settled
    return Shown(
        position=position,
        model=seen.model,
        reference=seen.model,
        mask=mask if mask != seen.case.mask_hash else None,
        predicted=seen.case.mask_hash,
        given=find_given(board.review),
    )


def describe_form(board: Board, position: int) -> CaseForm:
    """What a corrected mask of a case must be.

    Raises:
        AppError: The predictions are gone or damaged.
    """
    case = board.cases[position]
    overlapping = _overlaps(*_key(board.review), min(board.cases))
    return find_form(board.review, position, case.sample, (case.height, case.width), overlapping)


def build_pictures(review: Review, shown: Shown, heat: bool = False) -> CasePictures:
    """The pictures of a case, and nothing but what may be seen.

    Args:
        review: The review.
        shown: From `find_shown`.
        heat: Whether confidence and entropy are wanted too.

    Raises:
        AppError: A file of the case is missing or damaged.
    """
    return build_case(review_store(), review, find_source(review), shown, heat)


def build_planes(board: Board, position: int, wishes: Sequence[PlaneWish]) -> tuple[PlanePicture, ...]:
    """Slices of the volume that a case belongs to; the model's mask only where all its cases show it.

    Raises:
        AppError: A file of the volume is missing or damaged.
    """
    seen = {place: item.case.mask_hash for place, item in board.seen.items() if item.model} if wishes else {}
    source = find_source(board.review)
    return planes.build_planes(source, find_shown(board, position), wishes, seen)


def find_refusal(board: Board, case: CaseSpec) -> str:
    """Why the person cannot decide a case, as a sentence; empty where they can."""
    if board.review.closed is not None:
        return "This review is closed; it takes no more decisions."
    assigned = board.seen[case.position].assigned
    asked = any(item.kind == "reader" for item in assigned)
    if asked and all(item.reader != board.identity.id for item in assigned):
        return "This case is assigned to others; you can look at it, not decide it."
    return ""


def _key(review: Review) -> tuple[str, str]:
    """A review's spec never changes; in another workspace an equal one may mean other files."""
    return str(review_store().folder), review.spec.model_dump_json()


@lru_cache(_MOST_SOURCES)
def _open(_workspace: str, spec: str) -> CaseSource:
    return open_source(ReviewSpec.model_validate_json(spec))


@lru_cache(_MOST_SOURCES)
def _overlaps(workspace: str, spec: str, position: int) -> bool:
    """Whether classes overlap: one head predicted all masks of a review, so any case tells."""
    return _open(workspace, spec).read_prediction(position).mask.overlapping
