"""What is measured in the masks of a review: of each case, and of the volumes that cases are slices of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.domain.identity import Identity
from core.domain.measuring import (
    CutVolume,
    MaskToMeasure,
    MeasureRequest,
    OrganChoice,
    PixelSpacing,
    VolumeToMeasure,
    VoxelSpacing,
)
from core.domain.review import SETTLED, CaseSpec, CaseState, ReviewSpec
from core.jobs.submit import start
from core.measurement.organs import guess_organs
from core.reports.given_spacing import GivenSpacing
from core.reports.kept_measures import (
    find_missing,
    list_measured,
    mask_key,
    measured_folder,
    read_measures,
    read_volumes,
    volume_key,
)
from core.reports.measuring import measure
from core.reports.sources import CaseSource, open_source
from core.reports.volumes import list_volumes
from core.reviews.opening import Review
from core.reviews.reading import SeenCase
from core.services.reviews.board import see_cases
from core.services.reviews.spacing import SpacingOrigin, find_given, find_spacing, find_step
from core.services.reviews.stores import review_store

_QUICK_PIXELS = 12_000_000  # of all classes: what one core measures in about two seconds
_PAIR_COST = 0.25  # of measuring one mask of the same size


@dataclass(frozen=True, slots=True)
class MeasuredMask:
    """A mask of the table.

    Attributes:
        case: The case.
        mask: The mask's hash.
        state: What the case has come to, as far as the person may see it.
        drawn: Whether a person drew the mask, not the model.
        spacing: mm between rows and columns; None: not known.
        origin: Where the spacing comes from.
    """

    case: CaseSpec
    mask: str
    state: CaseState
    drawn: bool
    spacing: PixelSpacing | None
    origin: SpacingOrigin

    @property
    def key(self) -> str:
        """What its measures are kept under."""
        return mask_key(self.to_measure())

    def to_measure(self) -> MaskToMeasure:
        """What the measuring is asked."""
        return MaskToMeasure(position=self.case.position, mask=self.mask, spacing=self.spacing)


@dataclass(frozen=True, slots=True)
class MeasuredVolume:
    """A volume of the table.

    Attributes:
        volume: The volume.
        masks: Of those of its slices that have a mask to measure, first slice first.
        step: mm between slices; None: not known, or not the same everywhere.
        step_origin: Where that comes from.
    """

    volume: CutVolume
    masks: tuple[MeasuredMask, ...]
    step: float | None
    step_origin: SpacingOrigin

    @property
    def whole(self) -> bool:
        """Whether every slice of the volume is measured; else its figures are those of a part."""
        return len(self.masks) == self.volume.depth

    @property
    def settled(self) -> int:
        """Slices that readers have accepted or corrected."""
        return sum(item.state in SETTLED for item in self.masks)

    @property
    def spacing(self) -> VoxelSpacing | None:
        """Millimetres between slices, rows and columns; None where one is not known or not the same."""
        within = self.masks[0].spacing
        if self.step is None or within is None:
            return None
        return (self.step, *within) if all(item.spacing == within for item in self.masks) else None

    @property
    def key(self) -> str:
        """What its measures are kept under."""
        return volume_key(self.to_measure())

    def to_measure(self) -> VolumeToMeasure:
        """What the measuring is asked."""
        slices = tuple((item.case.position, item.mask) for item in self.masks)
        return VolumeToMeasure(slices=slices, whole=self.whole, spacing=self.spacing)


@dataclass(frozen=True, slots=True)
class MeasureList:
    """What the table of measurements is about.

    Attributes:
        masks: One a case, by position.
        volumes: Those that the masks are slices of.
        hidden: Cases that are left out because the person is still to read them, blinded.
        without: Cases that are left out because they have no mask to go on with.
        missing: What is not measured yet.
        classes: Names of the classes that are measured.
        quick: Whether a person may wait for what is missing.
    """

    masks: tuple[MeasuredMask, ...]
    volumes: tuple[MeasuredVolume, ...]
    hidden: int
    without: int
    missing: MeasureRequest
    classes: tuple[str, ...]
    quick: bool

    @property
    def left(self) -> int:
        """How many masks and volumes are not measured yet."""
        return len(self.missing.masks) + len(self.missing.volumes)


def propose_organs(review: Review) -> OrganChoice:
    """Which classes seem to be which organs."""
    return guess_organs(measured_classes(review))


def measured_classes(review: Review) -> list[str]:
    """Names of the classes that are measured: all but background and void.

    Raises:
        AppError: The predictions of the review are gone.
    """
    classes = open_cases(review).classes
    return [classes[place].name for place in list_measured(classes)]


def cuts_volumes(review: Review) -> bool:
    """Whether cases of a review are slices of volumes.

    Raises:
        AppError: The predictions of the review are gone.
    """
    return bool(_list_volumes(review.spec))


def list_masks(
    review: Review, identity: Identity, organs: OrganChoice, settled_only: bool = False
) -> MeasureList:
    """The mask of each case to go on with, or the predicted one where there is none yet.

    Args:
        review: The review.
        identity: Who looks: what they may not see yet is left out.
        organs: Which classes are what.
        settled_only: Whether cases that are not settled are left out.

    Raises:
        AppError: The predictions of the review are gone.
    """
    store, source, given = review_store(), open_cases(review), find_given(review)
    seen = see_cases(review.id, identity)
    shown = [item for item in seen if item.outcome is not None and (item.model or item.outcome.mask)]
    masks = []
    for item in shown:
        mask = _choose_mask(item, settled_only)
        if mask is not None and item.outcome is not None:
            spacing, origin = find_spacing(source, item.case.position, given)
            drawn = mask != item.case.mask_hash
            masks.append(MeasuredMask(item.case, mask, item.outcome.state, drawn, spacing, origin))
    volumes = _stack(masks, _list_volumes(review.spec), given)
    wanted = MeasureRequest(
        review=review.id,
        masks=tuple(item.to_measure() for item in masks),
        volumes=tuple(item.to_measure() for item in volumes),
        organs=organs,
    )
    folder = measured_folder(store, review.id)
    kept, stacked = read_measures(folder, source.classes, organs), read_volumes(folder, source.classes)
    missing = find_missing(wanted, kept, {}, stacked)
    measured = list_measured(source.classes)
    return MeasureList(
        masks=tuple(masks),
        volumes=volumes,
        hidden=len(seen) - len(shown),
        without=len(shown) - len(masks),
        missing=missing,
        classes=tuple(source.classes[place].name for place in measured),
        quick=is_quick([item.case for item in masks], missing, len(measured)),
    )


def is_quick(cases: Sequence[CaseSpec], missing: MeasureRequest, classes: int) -> bool:
    """Whether a person may wait for what is missing: about two seconds."""
    sizes = {case.position: case.height * case.width for case in cases}
    pixels: float = sum(sizes[item.position] for item in missing.masks)
    pixels += _PAIR_COST * sum(sizes[item.position] for item in missing.pairs)
    pixels += sum(sizes[position] for item in missing.volumes for position, _ in item.slices)
    return classes * pixels <= _QUICK_PIXELS


def measure_now(review: Review, missing: MeasureRequest) -> list[str]:
    """Measure here and now what is missing; returns a sentence for each mask that could not be read.

    Raises:
        AppError: The predictions of the review are gone.
    """
    return measure(review_store(), review, missing)


def start_measuring(missing: MeasureRequest) -> str:
    """Measure in the background; returns the run's id.

    Raises:
        RunError: The process cannot be started.
    """
    return start("measure", missing)


@lru_cache(maxsize=8)
def _open(spec: ReviewSpec) -> CaseSource:
    return open_source(spec)


@lru_cache(maxsize=8)
def _list_volumes(spec: ReviewSpec) -> tuple[CutVolume, ...]:
    return tuple(list_volumes(_open(spec)))


def _stack(
    masks: Sequence[MeasuredMask], volumes: Sequence[CutVolume], given: GivenSpacing | None
) -> tuple[MeasuredVolume, ...]:
    """The volumes of which any slice has a mask."""
    by_position = {item.case.position: item for item in masks}
    found = []
    for volume in volumes:
        there = tuple(by_position[place] for place in volume.positions if place in by_position)
        if there:
            found.append(MeasuredVolume(volume, there, *find_step(volume, given)))
    return tuple(found)


def open_cases(review: Review) -> CaseSource:
    """Where the cases of a review are read; what it lists is read once a process, it never changes.

    Raises:
        AppError: The predictions of the review are gone.
    """
    return _open(review.spec)


def _choose_mask(item: SeenCase, settled_only: bool) -> str | None:
    outcome = item.outcome
    if outcome is None or outcome.mask is not None or settled_only:
        return None if outcome is None else outcome.mask
    return item.case.mask_hash if item.model and outcome.state not in (*SETTLED, "conflict") else None
