"""The reviewed set in the formats of others; each format is one function of the table at the end."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.data.placing import place_bytes
from core.domain.classes import ClassRole
from core.domain.review_export import ExportFormat, ReviewExportRequest
from core.errors import CancelledError, ReviewError
from core.reports.coco import write_coco
from core.reports.context import ExportContext, Written
from core.reports.csv_files import encode_csv
from core.reports.decisions import write_decisions
from core.reports.dicom_seg import write_dicom_seg
from core.reports.folders import check_folder, check_room, new_folder
from core.reports.masks import write_binary_masks, write_index_masks
from core.reports.nifti import write_nifti
from core.reports.provenance import PROVENANCE, describe_review
from core.reports.reviewed import ReviewedSet, check_any
from core.workspace.files import write_atomic

Report = Callable[[int, int, str], None]
CASES_FILE = "cases.csv"
_BYTES_A_PIXEL = 0.25  # flat masks packed as PNG take a tenth of this
_UNPACKED = 2.0  # DICOM keeps a bit a pixel and class, NIfTI packs bytes while they are in memory

WRITERS: dict[ExportFormat, Callable[[ExportContext], Written]] = {
    "index": write_index_masks,
    "binary": write_binary_masks,
    "coco": write_coco,
    "nifti": write_nifti,
    "dicom_seg": write_dicom_seg,
    "decisions": write_decisions,
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        folder: Where.
        cases: Whose masks are in it.
        notes: What a person should know, a sentence each.
    """

    folder: Path
    cases: int
    notes: tuple[str, ...]


def export_reviewed(
    reviewed: ReviewedSet,
    request: ReviewExportRequest,
    dataset_root: Path | None,
    report: Report,
    should_stop: Callable[[], bool],
) -> Exported:
    """Write the reviewed set into a new folder, which appears when all of it is there.

    Args:
        reviewed: The cases.
        request: What is asked.
        dataset_root: Where the images lie, and nothing is ever written; None where they came in a bundle.
        report: Told (cases done, cases in all, sentence).
        should_stop: Asked between cases.

    Raises:
        ReviewError: No case has a mask to write, the folder cannot be used, a class is unknown, or the format
            does not fit the images.
        AppError: A mask or an image cannot be read.
        WorkspaceError: The folder cannot be written, or the disk has too little room.
        CancelledError: `should_stop` said so; nothing is left behind.
    """
    if request.format != "decisions":
        check_any(reviewed)
    check_folder(request.folder, dataset_root)
    places = _find_places(reviewed, request.classes)
    pixels = sum(item.case.height * item.case.width for item in reviewed.cases)
    per_pixel = _UNPACKED if request.format in ("nifti", "dicom_seg") else _BYTES_A_PIXEL
    check_room(request.folder, round(pixels * per_pixel * len(places)))
    total = len(reviewed.cases)

    def step(done: int) -> None:
        if should_stop():
            raise CancelledError("Stopped; nothing was written.")
        report(done, total, "Writing masks")

    with new_folder(request.folder) as folder:
        context = ExportContext(reviewed, folder, places, request.app_version, step)
        written = WRITERS[request.format](context)
        _write_cases(context, written.files)
        about = describe_review(reviewed, request.app_version)
        about |= {"format": request.format, "classes": [reviewed.source.classes[p].name for p in places]}
        about["written_cases"] = len(written.files)
        write_atomic(folder / PROVENANCE, json.dumps(about, indent=2, ensure_ascii=False))
    report(total, total, "")
    return Exported(request.folder, len(written.files), written.notes)


def _write_cases(context: ExportContext, files: Mapping[int, str]) -> None:
    """`cases.csv`: every case of the review, what became of it, and its files; parted by `|`."""
    rows: list[tuple[object, ...]] = [("case", "sample", "state", "mask_hash", "rejected_classes", "files")]
    for item in context.reviewed.cases:
        place, rejected = item.case.position, "|".join(item.rejected)
        rows.append((place, item.case.sample, item.state, item.mask_hash, rejected, files.get(place, "")))
    for case, reason in context.reviewed.left_out:
        rows.append((case.position, case.sample, reason, "", "", ""))
    place_bytes(context.folder / CASES_FILE, encode_csv(rows))


def _find_places(reviewed: ReviewedSet, names: tuple[str, ...]) -> tuple[int, ...]:
    """Positions of the wanted classes; without names all but background and void.

    Raises:
        ReviewError: A name is none of the review's classes.
    """
    classes = reviewed.source.classes
    if not names:
        return tuple(place for place, item in enumerate(classes) if item.role is ClassRole.CLASS)
    known = [item.name for item in classes]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ReviewError(f"The review has no class {unknown[0]!r}; its classes are {', '.join(known)}.")
    return tuple(place for place, name in enumerate(known) if name in names)
