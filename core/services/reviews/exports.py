"""Writing the reviewed set for other programs, in the background."""

from itertools import count
from pathlib import Path

from core.domain.identity import Identity, Role, check_role
from core.domain.review import SETTLED
from core.domain.review_export import ExportFormat, ReviewExportRequest
from core.errors import ReviewError
from core.jobs.submit import start
from core.reports import fitting
from core.reports.folders import check_folder
from core.reports.sources import open_source
from core.reviews.opening import Review, read_review
from core.reviews.reading import read_outcomes
from core.services.reviews.stores import review_store
from core.workspace.paths import workspace


def find_refusal(review: Review, format_: ExportFormat) -> str:
    """Why a review cannot be written in a format, a sentence; empty where it can."""
    return fitting.find_refusal(open_source(review.spec), format_)


def count_ready(review_id: str) -> tuple[int, int]:
    """Cases that are accepted or corrected, and all cases."""
    outcomes = read_outcomes(review_store(), review_id).values()
    return sum(outcome.mask is not None for outcome in outcomes if outcome.state in SETTLED), len(outcomes)


def suggest_place(review: Review, what: str) -> Path:
    """A folder or file in the workspace that does not exist yet; `what` is how its name ends."""
    stem, dot, ending = what.partition(".")
    names = (f"{stem}{'' if number == 1 else f'_{number}'}{dot}{ending}" for number in count(1))
    places = (workspace().home / "exports" / f"{review.id[:8]}_{name}" for name in names)
    return next(place for place in places if not place.exists())


def start_export(
    review_id: str,
    format_: ExportFormat,
    folder: Path,
    identity: Identity,
    classes: tuple[str, ...] = (),
    settled_only: bool = True,
    rejected_classes: bool = False,
) -> str:
    """Write the reviewed set in the background; returns the run's id.

    Args:
        review_id: The review.
        format_: How.
        folder: Where to: new or empty.
        identity: Who asks.
        classes: Names; empty: all but background and void.
        settled_only: Whether undecided cases are left out; else they go with their prediction.
        rejected_classes: Whether cases go along though a reader has rejected a class of their mask.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: There is no such review, the folder holds something, or the format does not fit.
        RunError: The process cannot be started.
    """
    check_role(identity, Role.RESEARCHER, "write reviewed masks out")
    store = review_store()
    review = read_review(store, review_id)
    if refusal := find_refusal(review, format_):
        raise ReviewError(f"{refusal} Choose another format.")
    target = folder.expanduser().absolute()
    check_folder(target)
    request = ReviewExportRequest(
        review=review.id,
        format=format_,
        folder=target,
        classes=classes,
        settled_only=settled_only,
        rejected_classes=rejected_classes,
        app_version=store.app_version,
    )
    return start("review_export", request)
