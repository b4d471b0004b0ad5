"""The loop closes: a reviewed set becomes a dataset, ready to balance and train."""

import json
from dataclasses import dataclass
from pathlib import Path

from core.domain.identity import Identity, Role, check_role
from core.domain.review_export import NewDatasetRequest, Unreviewed
from core.jobs.submit import start
from core.reports.folders import check_folder
from core.reviews.opening import read_review
from core.runs.progress import RunProgress
from core.services.reviews.stores import review_store


@dataclass(frozen=True, slots=True)
class NewDatasetReport:
    """What a finished run of `start_new_dataset` has made.

    Attributes:
        folder: Where the dataset lies.
        dataset: Its id in this workspace; it is scanned.
        before: Id of the dataset that was predicted; empty where mere images were.
        samples: How many masks come from where: `accepted`, `corrected`, `reference`.
        message: A sentence or more.
    """

    folder: Path
    dataset: str
    before: str
    samples: dict[str, int]
    message: str


def start_new_dataset(
    review_id: str,
    folder: Path,
    name: str,
    identity: Identity,
    unreviewed: Unreviewed = "leave_out",
    rejected: Unreviewed = "leave_out",
) -> str:
    """Write the reviewed set as a dataset in the background; returns the run's id.

    Args:
        review_id: The review.
        folder: Where to: new or empty.
        name: Title of the new dataset.
        identity: Who asks.
        unreviewed: What becomes of samples that have no outcome, those outside of the review included.
        rejected: What becomes of samples whose prediction was rejected.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: There is no such review, or the folder holds something.
        RunError: The process cannot be started.
    """
    check_role(identity, Role.RESEARCHER, "make a dataset of a review")
    store = review_store()
    review = read_review(store, review_id)
    target = folder.expanduser().absolute()
    check_folder(target)
    request = NewDatasetRequest(
        review=review.id,
        folder=target,
        name=name.strip() or f"{review.spec.title}, reviewed"[:120],
        unreviewed=unreviewed,
        rejected=rejected,
        app_version=store.app_version,
    )
    return start("review_dataset", request)


def read_report(progress: RunProgress) -> NewDatasetReport:
    """What a finished run of `start_new_dataset` has made."""
    result = progress.result
    return NewDatasetReport(
        folder=Path(result["folder"]),
        dataset=result["dataset"],
        before=result["before"],
        samples=json.loads(result["samples"]),
        message=result["message"],
    )
