"""Opening reviews: what can be reviewed, the job that opens one, and those that there are."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from pydantic import ValidationError

from core.domain.balance import ClassTarget
from core.domain.identity import Identity, Role, check_role
from core.domain.review import MaskFolder, ReviewRequest, ReviewSettings
from core.domain.training import PredictRequest
from core.errors import AppError, ReviewError
from core.formats.wording import say_count
from core.inference.applied import open_applied
from core.inference.predictions import read_classes
from core.jobs.submit import start
from core.reviews import opening
from core.reviews.opening import Review
from core.runs.folder import RunFolder, find_run, list_runs
from core.runs.history import read_request
from core.runs.progress import read_progress
from core.services.datasets import find_spec, read_path
from core.services.reviews.stores import review_store
from core.workspace.paths import dataset_id

_LONGEST_NAME = 100
_MOST_RUNS = 50  # of the latest ones, among which the one that opens a review now must be


@dataclass(frozen=True, slots=True)
class ReviewSource:
    """A run whose predictions can be reviewed, or a folder of masks.

    Attributes:
        id: Of the run; of a folder its name.
        title: As lists show it.
        what: What was predicted, in words.
        dataset: Name of the dataset, or of the folder of images.
        dataset_id: As this workspace names it; empty for mere images.
        created: Seconds since the epoch.
        classes: Names of the predicted classes, in their order.
        folder: The masks; None for a run.
        doubt: Whether confidence and entropy are known.
    """

    id: str
    title: str
    what: str
    dataset: str
    dataset_id: str
    created: float
    classes: tuple[str, ...]
    folder: MaskFolder | None = None
    doubt: bool = True


def list_sources() -> list[ReviewSource]:
    """The runs that have predicted something, the latest first; damaged ones are left out."""
    found = []
    for run in list_runs("train"):
        with suppress(AppError, OSError):
            found += _describe_training(run)
    for run in list_runs("predict"):
        with suppress(AppError, OSError, KeyError, ValidationError):
            found += _describe_prediction(run)
    return sorted(found, key=lambda item: item.created, reverse=True)


def find_folder_source(path: str, dataset: str) -> ReviewSource:
    """Masks that lie in a folder, in the layout of `predict`; the job looks at each of them.

    Args:
        path: The folder, as a person typed it.
        dataset: Id of the dataset whose images were predicted.

    Raises:
        ReviewError: There is no such folder, or it has another layout; the sentence says what is missing.
        DatasetError: There is no such dataset in this workspace, or nothing lies at the path.
    """
    folder = read_path(path)
    applied = open_applied(folder)
    spec = find_spec(dataset)
    name = folder.name[-_LONGEST_NAME:] or "masks"
    return ReviewSource(
        id=name,
        title=name,
        what=say_count(len(applied.list_names()), "predicted image"),
        dataset=spec.name,
        dataset_id=dataset,
        created=time.time(),
        classes=applied.classes.names,
        folder=MaskFolder(folder=folder, dataset=spec),
        doubt=applied.doubt,
    )


def start_review(
    title: str,
    source: ReviewSource,
    settings: ReviewSettings,
    identity: Identity,
    second: ReviewSource | None = None,
    targets: tuple[ClassTarget, ...] = (),
) -> str:
    """Open a review in the background; returns the run's id, and that of the review is in its result.

    Args:
        title: Shown in lists.
        source: What is reviewed.
        settings: How cases are ordered and read.
        identity: Who opens it.
        second: Another run on the same images, whose masks are compared.
        targets: T, for the rarity of cases.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: A field breaks a rule.
        RunError: The process cannot be started.
    """
    check_role(identity, Role.RESEARCHER, "open a review")
    try:
        request = ReviewRequest(
            key=uuid4().hex,
            title=title.strip(),
            source_id=source.id,
            folder=source.folder,
            second_id="" if second is None else second.id,
            targets=targets,
            settings=settings,
            identity=identity,
            app_version=review_store().app_version,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise ReviewError(f"The review cannot be opened: {first['loc'][0]}: {first['msg']}.") from error
    return start("review", request)


def find_starting(identity: Identity) -> str | None:
    """The id of the run that opens a review for a person just now; their browser may have been reloaded."""
    for run in list_runs("review")[:_MOST_RUNS]:
        with suppress(AppError, KeyError, ValidationError):
            request = ReviewRequest.model_validate_json(run.read_spec().arguments["request"])
            if request.identity.id == identity.id and not read_progress(run).over:
                return run.id
    return None


def list_reviews() -> list[Review]:
    """All reviews, the latest first."""
    return opening.list_reviews(review_store())


def read_review(review_id: str) -> Review:
    """One review.

    Raises:
        ReviewError: There is none with this id.
    """
    return opening.read_review(review_store(), review_id)


def close_review(review_id: str, identity: Identity) -> Review:
    """Take no more decisions, for good.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: There is no such review.
    """
    return opening.close_review(review_store(), review_id, identity)


def _describe_training(run: RunFolder) -> list[ReviewSource]:
    folder = run.path / "predictions"
    images = _count_lines(folder)
    if not images:
        return []
    request = read_request(run)
    return [
        ReviewSource(
            id=run.id,
            title=request.title,
            what=f"{images} held-out images",
            dataset=request.dataset.name,
            dataset_id=dataset_id(request.dataset.root),
            created=run.read_spec().created,
            classes=read_classes(folder).names,
        )
    ]


def _describe_prediction(run: RunFolder) -> list[ReviewSource]:
    if read_progress(run).state != "finished":
        return []
    spec = run.read_spec()
    request = PredictRequest.model_validate_json(spec.arguments["request"])
    dataset = request.dataset
    return [
        ReviewSource(
            id=run.id,
            title=read_request(find_run(request.run)).title,
            what=f"{_count_lines(request.folder)} images predicted into {request.folder.name}",
            dataset=dataset.name if dataset is not None else request.images.name,
            dataset_id="" if dataset is None else dataset_id(dataset.root),
            created=spec.created,
            classes=read_classes(request.folder).names,
        )
    ]


def _count_lines(folder: Path) -> int:
    """Samples of an index without reading every field of it; 0 where there is none."""
    try:
        return max((folder / "index.csv").read_bytes().count(b"\n") - 1, 0)
    except FileNotFoundError:
        return 0
