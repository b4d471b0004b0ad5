"""What leaves a review, as background jobs: exports, bundles, and the next version of a dataset."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from core.domain.review import ReviewSpec
from core.domain.review_export import (
    NewDatasetRequest,
    OpenBundleRequest,
    ReviewBundleRequest,
    ReviewExportRequest,
)
from core.domain.scan import ScannedDataset
from core.errors import ReviewError
from core.formats.dataset_file import DATASET_FILE, read_dataset_file, write_dataset_file
from core.formats.result_file import write_result_file
from core.formats.whole import scan_dataset
from core.formats.wording import say_count
from core.inference.sources import KeptPredictions
from core.plans.versions import VERSIONS, keep_version
from core.reports.bundles.opening import open_as_review
from core.reports.bundling import write_bundle
from core.reports.reviewed import ReviewedSet, check_any, count_left_out, find_reviewed
from core.reports.sources import CaseSource, open_source
from core.reviews.opening import read_review
from core.reviews.store import ReviewStore
from core.workspace.database import workspace_database
from core.workspace.paths import dataset_id, workspace

Report = Callable[[int, int, str], None]
StopAsked = Callable[[], bool]


def run_review_export(arguments: Mapping[str, str], report: Report, should_stop: StopAsked) -> dict[str, str]:
    """Write what `arguments["request"]`, a `ReviewExportRequest` in JSON, asks for."""
    from core.reports.exporting import export_reviewed  # COCO, DICOM and NIfTI take a second to load

    request = ReviewExportRequest.model_validate_json(arguments["request"])
    reviewed = _find(request.review, request.app_version, request.settled_only, request.rejected_classes)
    written = export_reviewed(reviewed, request, _find_root(reviewed.source), report, should_stop)
    said = list(written.notes)
    if request.format != "decisions":
        said = [f"{say_count(written.cases, 'case')} written.", *said, *_say_doubts(reviewed)]
    return {"folder": str(written.folder), "cases": str(written.cases), "message": " ".join(said)}


def run_review_bundle(arguments: Mapping[str, str], report: Report, should_stop: StopAsked) -> dict[str, str]:
    """Write what `arguments["request"]`, a `ReviewBundleRequest` in JSON, asks for."""
    request = ReviewBundleRequest.model_validate_json(arguments["request"])
    store = _store(request.app_version)
    review = read_review(store, request.review)
    cases = write_bundle(store, review, open_source(review.spec), request, report, should_stop)
    size = request.file.stat().st_size
    text = f"{say_count(cases, 'case')} bundled, {size / 2**20:.1f} MiB."
    return {"file": str(request.file), "cases": str(cases), "message": text}


def run_review_open(arguments: Mapping[str, str], report: Report, should_stop: StopAsked) -> dict[str, str]:
    """Open the bundle that `arguments["request"]`, an `OpenBundleRequest` in JSON, names."""
    request = OpenBundleRequest.model_validate_json(arguments["request"])
    store = _store(request.app_version)
    try:
        review = open_as_review(store, request.file, request.name, request.identity, report, should_stop)
    finally:
        if request.uploaded:
            request.file.unlink(missing_ok=True)
    return {"review": review.id, "message": f"{review.spec.title} is ready."}


def run_review_dataset(
    arguments: Mapping[str, str], report: Report, should_stop: StopAsked
) -> dict[str, str]:
    """Write what `arguments["request"]`, a `NewDatasetRequest` in JSON, asks for, and open it here."""
    from core.reports.new_version import write_new_dataset

    request = NewDatasetRequest.model_validate_json(arguments["request"])
    reviewed = _find(request.review, request.app_version)
    check_any(reviewed)
    source, spec = reviewed.source, reviewed.review.spec
    old = _scan_old(source, spec, report, should_stop) if isinstance(source, KeptPredictions) else None
    written = write_new_dataset(reviewed, old, request, report, should_stop)
    opened = _open(request.folder, report, should_stop)
    counted = " and ".join(f"{count:,} {origin}" for origin, count in sorted(written.samples.items()))
    return {
        "folder": str(written.folder),
        "dataset": opened,
        "before": "" if old is None else dataset_id(old.spec.root),
        "samples": json.dumps(dict(written.samples)),
        "message": " ".join([f"A dataset of {counted} masks.", *written.notes, *_say_doubts(reviewed)]),
    }


def _store(app_version: str) -> ReviewStore:
    return ReviewStore(workspace_database(), workspace().reviews, app_version)


def _find(
    review_id: str, app_version: str, settled_only: bool = True, rejected_classes: bool = False
) -> ReviewedSet:
    store = _store(app_version)
    review = read_review(store, review_id)
    return find_reviewed(store, review, open_source(review.spec), settled_only, rejected_classes)


def _find_root(source: CaseSource) -> Path | None:
    """Where the images of a review lie; None where they came in a bundle."""
    if not isinstance(source, KeptPredictions):
        return None
    return source.source.images if source.source.dataset is None else source.source.dataset.root


def _say_doubts(reviewed: ReviewedSet) -> list[str]:
    """What is not in the masks, and what is in them though a reader did not like it."""
    said = []
    if rejected := sum(bool(item.rejected) for item in reviewed.cases):
        said.append(
            f"In {say_count(rejected, 'case')} a reader rejected a class of the mask; cases.csv names it."
        )
    if counts := count_left_out(reviewed.left_out):
        said.append(
            f"Left out: {', '.join(f'{count:,} {state}' for state, count in sorted(counts.items()))}."
        )
    return said


def _scan_old(
    source: KeptPredictions, spec: ReviewSpec, report: Report, should_stop: StopAsked
) -> ScannedDataset | None:
    """The dataset that was predicted; None where mere images were.

    Raises:
        ReviewError: It is another one by now.
    """
    answers = source.source.dataset
    if answers is None:
        return None
    cache = workspace().dataset(dataset_id(answers.root)) / "counts.cache"
    dataset = scan_dataset(
        answers, cache, lambda done, total: report(done, total, "Checking the dataset"), should_stop
    )
    if dataset.fingerprint != spec.dataset_hash:
        raise ReviewError(
            f"{answers.name} has changed since this review was opened, so old and new masks would not fit "
            "together; put its files back as they were, or review new predictions."
        )
    return dataset


def _open(folder: Path, report: Report, should_stop: StopAsked) -> str:
    """Make a written dataset known to this workspace, scanned; returns its id."""
    spec = read_dataset_file(folder / DATASET_FILE)
    opened = dataset_id(spec.root)
    place = workspace().dataset(opened)
    write_dataset_file(place / DATASET_FILE, spec)
    scanned = scan_dataset(
        spec,
        place / "counts.cache",
        lambda done, total: report(done, total, "Reading the new masks"),
        should_stop,
    )
    write_result_file(place / "scan.npz", scanned)
    keep_version(place / VERSIONS, scanned, datetime.now(UTC))
    return opened
