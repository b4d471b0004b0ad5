"""Reviews that the tests of this room share: predictions are written, nothing is trained."""

from pathlib import Path

import numpy as np

from core.domain.identity import Identity, Role
from core.domain.masks import LabelMask
from core.domain.review import DecisionRequest, MaskFolder, ReviewRequest, ReviewSettings
from core.domain.review_export import ExportFormat, ReviewBundleRequest, ReviewExportRequest
from core.domain.scan import ScannedDataset
from core.jobs.review import run_review
from core.jobs.review_export import run_review_bundle, run_review_export
from core.reviews.deciding import decide
from core.reviews.opening import Review, read_review
from core.services.reviews.stores import review_store
from tests.services.reviews.runs import scan_eyes, write_predicted_run

RUTH = Identity(id="id-ruth", name="Ruth", sign_in="password", role=Role.RESEARCHER)
ANN = Identity(id="id-ann", name="Ann", sign_in="password", role=Role.READER)
BEN = Identity(id="id-ben", name="Ben", sign_in="password", role=Role.READER)


def ignore(done: int, total: int, message: str) -> None:
    """Report to nobody."""


def never() -> bool:
    return False


def open_run_review(run_id: str, title: str = "Eyes", settings: ReviewSettings | None = None) -> Review:
    """A review of what a run has predicted, opened as the job does it."""
    request = ReviewRequest(
        key=f"kept-{run_id}",
        title=title,
        source_id=run_id,
        settings=settings or ReviewSettings(),
        identity=RUTH,
        app_version="1.2.3",
    )
    result = run_review({"request": request.model_dump_json()}, ignore, never)
    return read_review(review_store(), result["review"])


def open_folder_review(masks: MaskFolder) -> Review:
    """A review of masks that another program wrote, opened as the job does it."""
    request = ReviewRequest(
        key="masks", title="Masks", source_id="masks", folder=masks, identity=RUTH, app_version="1.2.3"
    )
    result = run_review({"request": request.model_dump_json()}, ignore, never)
    return read_review(review_store(), result["review"])


def open_eyes(
    folder: Path, count: int = 4, settings: ReviewSettings | None = None
) -> tuple[ScannedDataset, Review]:
    """A dataset of small eyes, and a review of predictions that lie one pixel too low."""
    dataset = scan_eyes(folder / "eyes", count)
    return dataset, open_run_review(write_predicted_run(dataset).id, settings=settings)


def answer(
    review: Review,
    position: int,
    action: str = "accept",
    reader: Identity = ANN,
    correction: LabelMask | None = None,
    **more: object,
) -> None:
    """One decision of a reader."""
    reason = {"reason": "wrong"} if action == "reject" else {}
    token = f"{review.id[:8]}-{position}-{reader.id}-{action}-{more.get('class_name', '')}"
    content = {"token": token, "action": action, "seconds": 2.5, **reason, **more}
    request = DecisionRequest.model_validate(content)
    decide(review_store(), review.id, position, reader, request, correction)


def repaint(mask: LabelMask, row: int = 20, value: int = 3) -> LabelMask:
    """A corrected mask: one row drawn anew."""
    pixels = mask.pixels.copy()
    pixels[row] = value
    return LabelMask(pixels.astype(np.int16), mask.class_count)


def export(review: Review, format_: ExportFormat, folder: Path, **more: object) -> dict[str, str]:
    """An export as the job writes it."""
    content = {"review": review.id, "format": format_, "folder": folder, "app_version": "1.2.3", **more}
    request = ReviewExportRequest.model_validate(content)
    return run_review_export({"request": request.model_dump_json()}, ignore, never)


def bundle(review: Review, file: Path, **more: object) -> Path:
    """A bundle as the job writes it."""
    content = {"review": review.id, "file": file, "app_version": "1.2.3", "made_by": "Ruth", **more}
    request = ReviewBundleRequest.model_validate(content)
    run_review_bundle({"request": request.model_dump_json()}, ignore, never)
    return file
