"""Millimetres between pixels and slices: what files say, and what a person gives where they do not."""

from typing import Literal

from core.domain.identity import Identity, Role, check_role
from core.domain.measuring import MOST_MILLIMETRES, CutVolume, PixelSpacing
from core.reports.given_spacing import GivenSpacing, read_given, write_given
from core.reports.kept_measures import measured_folder
from core.reports.sources import CaseSource
from core.reviews.opening import Review
from core.services.reviews.stores import review_store

SpacingOrigin = Literal["file", "given", "unknown", "uneven"]


def find_given(review: Review) -> GivenSpacing | None:
    """The spacing that a person gave for the cases whose files do not say any."""
    return read_given(measured_folder(review_store(), review.id))


def give_spacing(
    review: Review, spacing: PixelSpacing | None, identity: Identity, slices: float | None = None
) -> None:
    """Say the spacing of the cases whose files do not say any; without any it is taken back.

    Args:
        review: The review.
        spacing: mm between rows and columns; None: not given.
        identity: Who gives it.
        slices: mm between the slices of volumes; None: not given.

    Raises:
        AccessError: The person is no researcher.
        WorkspaceError: The workspace cannot be written.
    """
    check_role(identity, Role.RESEARCHER, "give the spacing of a review's images")
    given = None
    if spacing is not None or slices is not None:
        given = GivenSpacing(spacing=spacing, slices=slices, by=identity.name, time=review_store().now())
    write_given(measured_folder(review_store(), review.id), given)


def find_spacing(
    source: CaseSource, position: int, given: GivenSpacing | None
) -> tuple[PixelSpacing | None, SpacingOrigin]:
    """The spacing of a case, and where it comes from: its file first."""
    own = source.spacing(position)
    if own is not None and all(0 < value < MOST_MILLIMETRES for value in own):  # A header may say anything
        return own, "file"
    if given is None or given.spacing is None:
        return None, "unknown"
    return given.spacing, "given"


def find_step(volume: CutVolume, given: GivenSpacing | None) -> tuple[float | None, SpacingOrigin]:
    """Millimetres between the slices of a volume, and where they come from.

    Where slices are not evenly apart no one distance is right, whoever gives it.
    """
    if volume.step is not None:
        return volume.step, "file"
    if not volume.even:
        return None, "uneven"
    if given is None or given.slices is None:
        return None, "unknown"
    return given.slices, "given"
