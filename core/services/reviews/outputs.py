"""What has left a review, and what is being written just now."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from core.domain.review_export import (
    ExportFormat,
    NewDatasetRequest,
    ReviewBundleRequest,
    ReviewExportRequest,
)
from core.errors import AppError
from core.runs.folder import JobKind, RunFolder, list_runs
from core.runs.progress import RunProgress, read_progress

_KINDS: dict[JobKind, type[ReviewExportRequest] | type[ReviewBundleRequest] | type[NewDatasetRequest]] = {
    "review_export": ReviewExportRequest,
    "review_bundle": ReviewBundleRequest,
    "review_dataset": NewDatasetRequest,
}
_MOST = 50  # of the latest runs of each kind, among which those of one review are looked for


@dataclass(frozen=True, slots=True)
class Output:
    """One thing that was, or is being, written out of a review.

    Attributes:
        kind: What it is.
        format: Of an export.
        name: Of a dataset.
        place: The folder or file.
        progress: Of the run that writes it.
        created: When it was asked for, seconds since the epoch.
    """

    kind: Literal["export", "bundle", "dataset"]
    format: ExportFormat | None
    name: str
    place: Path
    progress: RunProgress
    created: float

    @property
    def lost(self) -> bool:
        """Whether what was written is not there any more."""
        return self.progress.state == "finished" and not self.place.exists()


def list_outputs(review_id: str) -> list[Output]:
    """What was written out of a review, the latest first; damaged runs are left out."""
    found = []
    for kind in _KINDS:
        for run in list_runs(kind)[:_MOST]:
            try:
                output = _read(run, kind, review_id)
            except (AppError, ValidationError, KeyError):
                continue
            if output is not None:
                found.append(output)
    return sorted(found, key=lambda item: item.created, reverse=True)


def _read(run: RunFolder, kind: JobKind, review_id: str) -> Output | None:
    spec = run.read_spec()
    request = _KINDS[kind].model_validate_json(spec.arguments["request"])
    if request.review != review_id:
        return None
    progress = read_progress(run)
    if isinstance(request, ReviewBundleRequest):
        return Output("bundle", None, "", request.file, progress, spec.created)
    if isinstance(request, NewDatasetRequest):
        return Output("dataset", None, request.name, request.folder, progress, spec.created)
    return Output("export", request.format, "", request.folder, progress, spec.created)
