"""Which reviews fit formats that are written whole: volumes and series are put together from their slices."""

from core.domain.dataset import DatasetSpec
from core.domain.review_export import ExportFormat
from core.domain.scan import Sample
from core.errors import ReviewError
from core.inference.sources import KeptPredictions
from core.reports.reviewed import ReviewedCase, ReviewedSet
from core.reports.sources import CaseSource

_REFUSALS: dict[ExportFormat, str] = {
    "nifti": "NIfTI volumes are put together from the slices of NIfTI volumes, and the images of this review "
    "come from other files.",
    "dicom_seg": "A DICOM segmentation names the DICOM images that it was drawn on, and the images of this "
    "review are no DICOM files.",
}


def find_refusal(source: CaseSource, format_: ExportFormat) -> str:
    """Why the cases of a review cannot be written in a format, a sentence; empty where they can."""
    if format_ not in _REFUSALS or _find_dataset(source, format_) is not None:
        return ""
    return _REFUSALS[format_]


def list_slices(
    reviewed: ReviewedSet, format_: ExportFormat
) -> tuple[DatasetSpec, list[tuple[ReviewedCase, Sample | None]]]:
    """The dataset, and what it knows of each reviewed case.

    Raises:
        ReviewError: The cases come from files of another format.
    """
    source = reviewed.source
    spec = _find_dataset(source, format_)
    if spec is None or not isinstance(source, KeptPredictions):
        raise ReviewError(f"{_REFUSALS[format_]} Choose another format.")
    return spec, [(item, source.sample(item.case.position).sample) for item in reviewed.cases]


def _find_dataset(source: CaseSource, format_: ExportFormat) -> DatasetSpec | None:
    spec = source.source.dataset if isinstance(source, KeptPredictions) else None
    return spec if spec is not None and spec.format == format_ else None
