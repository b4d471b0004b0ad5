"""Reviewed masks as DICOM segmentations (BINARY), one file a series of source images."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
from highdicom.seg import SegmentAlgorithmTypeValues, SegmentationTypeValues, SegmentDescription
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from core.data.placing import place_bytes
from core.domain.dataset import DatasetSpec
from core.domain.masks import LabelMask
from core.errors import ReviewError
from core.formats.sources.dicom_files import Frame, dicom_errors, read_frames
from core.inference.sources import KeptPredictions
from core.reports.context import ExportContext
from core.reports.dicom_codes import find_codes
from core.reports.masks import write_cases
from core.reports.reviewed import ReviewedCase

_MAKER, _PRODUCT = "Counterpoise", "Counterpoise"
_SERIES_NUMBER = 9000  # beyond those of scanners, so that viewers list it last


@dataclass
class _Series:
    """The reviewed images of one series, by the frame that they are."""

    images: dict[tuple[str, int], tuple[Frame, ReviewedCase]] = field(default_factory=dict)


def write_dicom_seg(context: ExportContext) -> list[str]:
    """`segmentations/NAME.dcm` for each series, and `cases.csv`.

    A segment is a class. It is AUTOMATIC where every mask shows the class as the model drew it, and
    SEMIAUTOMATIC where a person changed it on any image of the series. Frames without a segment are left out,
    as is usual; an image that was reviewed and found empty is still among the referenced ones.

    Raises:
        ReviewError: The images of the review are no DICOM files, or carry no UIDs.
    """
    spec, series = _find_series(context)
    files: dict[int, str] = {}
    notes: list[str] = []
    done = 0
    for number, item in enumerate(series, start=1):
        chosen = _order(item)
        if gap := _find_gap(chosen):
            notes.append(gap)
            done += len(chosen)
            continue
        masks = []
        for _, reviewed in chosen:
            context.step(done)
            masks.append(context.reviewed.read_mask(reviewed))
            done += 1
        path = f"segmentations/series_{number:04}.dcm"
        note = _write_series(context, spec, chosen, masks, context.folder / path)
        if note:
            notes.append(note)
        else:
            files |= {reviewed.case.position: path for _, reviewed in chosen}
    if not files:
        raise ReviewError(f"No segmentation was written. {notes[0]}")
    write_cases(context, files)
    return notes


def _find_series(context: ExportContext) -> tuple[DatasetSpec, list[_Series]]:
    source = context.reviewed.source
    spec = source.source.dataset if isinstance(source, KeptPredictions) else None
    if spec is None or spec.format != "dicom_seg" or not isinstance(source, KeptPredictions):
        raise ReviewError(
            "A DICOM segmentation names the DICOM images that it was drawn on, and the images of this review "
            "are no DICOM files; choose another format, or review a dataset of DICOM images."
        )
    series: dict[str, _Series] = {}
    for item in context.reviewed.cases:
        sample = source.sample(item.case.position).sample
        if sample is None or sample.image is None or not sample.part:
            raise ReviewError(
                f"{item.case.sample}: the DICOM image that this mask was drawn on is not in the dataset; a "
                "DICOM segmentation has to name it. Add the image, or choose another format."
            )
        frame = read_frames(spec.root, sample.image)[int(sample.part)]
        if not frame.uid or not frame.series:
            raise ReviewError(f"{sample.image} carries no UIDs, so no segmentation can name it.")
        # highdicom takes many files of one frame, or one file of many
        uid = frame.series if frame.frames == 1 else frame.uid
        found = series.setdefault(uid, _Series())
        found.images[frame.uid, frame.number] = frame, item
    return spec, list(series.values())


def _order(series: _Series) -> list[tuple[Frame, ReviewedCase]]:
    """The images of a series as they lie; the frames of one file in its own order, which is DICOM's rule."""

    def place(item: tuple[Frame, ReviewedCase]) -> tuple[float, str, int]:
        frame = item[0]
        return (0.0 if frame.frames > 1 else frame.depth, str(frame.file), frame.number)

    return sorted(series.images.values(), key=place)


def _find_gap(chosen: Sequence[tuple[Frame, ReviewedCase]]) -> str:
    """Why the frames of one file cannot be written; empty where they can, or where each is its own file."""
    first = chosen[0][0]
    if len(chosen) == first.frames or first.frames == 1:
        return ""
    return (
        f"{first.file} was left out: {len(chosen)} of its {first.frames} frames have a mask, and the others "
        "would look empty."
    )


def _write_series(
    context: ExportContext,
    spec: DatasetSpec,
    chosen: Sequence[tuple[Frame, ReviewedCase]],
    masks: Sequence[LabelMask],
    path: Path,
) -> str:
    """Write one file; returns why it was not written, or nothing."""
    files = list(dict.fromkeys(frame.file for frame, _ in chosen))
    wanted = [mask.stack()[list(context.places)] for mask in masks]
    stack = np.moveaxis(np.stack(wanted), 1, -1)  # (F, S, H, W) -> (F, H, W, S)
    if not stack.any():
        return f"{files[0]} was left out: no wanted class is on any reviewed image of its series."
    with dicom_errors(str(files[0])):
        sources = [_read_source(spec.root / file) for file in files]
    with _building(str(files[0])):
        content = _encode(_build(context, chosen, masks, sources, stack))
    place_bytes(path, content)
    return ""


def _read_source(path: Path) -> Dataset:
    """The header of a source image; an empty character set, which highdicom refuses, means none."""
    source = dcmread(path, stop_before_pixels=True)
    if not source.get("SpecificCharacterSet"):
        source.pop("SpecificCharacterSet", None)
    return source


@contextmanager
def _building(name: str) -> Iterator[None]:
    """Turn what highdicom says of source images that it cannot use into a sentence."""
    try:
        with warnings.catch_warnings():
            # It warns of odd values (a name of one word) that it copies from the source, as it should
            warnings.simplefilter("ignore")
            yield
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise ReviewError(
            f"No DICOM segmentation can be made on the series of {name} ({error}). Choose another format, or "
            "repair the headers of its images."
        ) from error


def _build(
    context: ExportContext,
    chosen: Sequence[tuple[Frame, ReviewedCase]],
    masks: Sequence[LabelMask],
    sources: Sequence[Dataset],
    stack: NDArray[np.bool_],
) -> Dataset:
    title = context.reviewed.review.spec.title
    return hd.seg.Segmentation(
        source_images=sources,
        pixel_array=stack,
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=_describe(context, chosen, masks),
        series_instance_uid=hd.UID(),
        series_number=_SERIES_NUMBER,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer=_MAKER,
        manufacturer_model_name=_PRODUCT,
        software_versions=context.app_version,
        device_serial_number=context.reviewed.review.id[:16],
        content_description=title[:64],
        content_label="REVIEWED",
        transfer_syntax_uid=ExplicitVRLittleEndian,
        series_description=f"Reviewed: {title}"[:64],
    )


def _describe(
    context: ExportContext, chosen: Sequence[tuple[Frame, ReviewedCase]], masks: Sequence[LabelMask]
) -> list[SegmentDescription]:
    spec = context.reviewed.review.spec
    algorithm = hd.AlgorithmIdentificationSequence(
        name=spec.title[:64], family=codes.cid7162.ArtificialIntelligence, version=spec.model_hash[:64]
    )
    changed = _find_changed(context, chosen, masks)
    described = []
    for number, place in enumerate(context.places, start=1):
        name = context.classes[place].name
        found = find_codes(name)
        kind = (
            SegmentAlgorithmTypeValues.SEMIAUTOMATIC
            if place in changed
            else SegmentAlgorithmTypeValues.AUTOMATIC
        )
        description = SegmentDescription(
            segment_number=number,
            segment_label=name[:64],
            segmented_property_category=found.category,
            segmented_property_type=found.kind,
            algorithm_type=kind,
            algorithm_identification=algorithm,
            tracking_uid=hd.UID(),
            tracking_id=f"{name[:50]} {number}",
        )
        if found.side is not None:
            kinds: Any = description.SegmentedPropertyTypeCodeSequence
            kinds[0].SegmentedPropertyTypeModifierCodeSequence = [hd.sr.CodedConcept.from_code(found.side)]
        described.append(description)
    return described


def _find_changed(
    context: ExportContext, chosen: Sequence[tuple[Frame, ReviewedCase]], masks: Sequence[LabelMask]
) -> set[int]:
    """Classes that a person drew otherwise than the model, on any of the images."""
    changed: set[int] = set()
    for (_, item), mask in zip(chosen, masks, strict=True):
        if not item.corrected:
            continue
        predicted = context.reviewed.read_predicted(item.case)
        changed |= {p for p in context.places if not np.array_equal(mask.region(p), predicted.region(p))}
    return changed


def _encode(content: Dataset) -> bytes:
    buffer = BytesIO()
    content.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
