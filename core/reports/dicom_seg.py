"""Reviewed masks as DICOM segmentations (BINARY), one file a series of source images."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from core.formats.sources.dicom_files import Frame, are_parallel, dicom_errors, order_frames, read_frames
from core.reports.context import ExportContext, Written
from core.reports.dicom_codes import find_codes
from core.reports.fitting import list_slices
from core.reports.reviewed import ReviewedCase

_MAKER, _PRODUCT = "Counterpoise", "Counterpoise"
_SERIES_NUMBER = 9000  # beyond those of scanners, so that viewers list it last
_MOST_NAMED = 5  # series that a message names


_Image = tuple[Frame, ReviewedCase]


class _LeftOutError(Exception):
    """Why one series cannot be written, a sentence; the others can."""


def write_dicom_seg(context: ExportContext) -> Written:
    """`segmentations/NAME.dcm` for each series.

    A segment is a class. It is AUTOMATIC where every mask shows the class as the model drew it, and
    SEMIAUTOMATIC where a person changed it on any image of the series. Frames without a segment are left out,
    as is usual; an image that was reviewed and found empty is still among the referenced ones. A series that
    cannot be written is left out, and said to be.

    Raises:
        ReviewError: The images of the review are no DICOM files, carry no UIDs, or no series can be written.
    """
    spec, series = _find_series(context)
    files: dict[int, str] = {}
    notes: list[str] = []
    done = 0
    for number, images in enumerate(series, start=1):
        path = f"segmentations/series_{number:04}.dcm"
        try:
            place_bytes(context.folder / path, _encode_series(context, spec, images, done))
            files |= {reviewed.case.position: path for _, reviewed in images}
        except _LeftOutError as error:
            notes.append(str(error))
        done += len(images)
    if not files:
        raise ReviewError(f"No segmentation was written. {notes[0]}")
    if (more := len(notes) - _MOST_NAMED) > 0:
        notes = [*notes[:_MOST_NAMED], f"And {more:,} more series; cases.csv lists them."]
    return Written(files, tuple(notes))


def _find_series(context: ExportContext) -> tuple[DatasetSpec, list[list[_Image]]]:
    """The reviewed images of each series."""
    spec, slices = list_slices(context.reviewed, "dicom_seg")
    series: dict[str, dict[Frame, ReviewedCase]] = {}
    for item, sample in slices:
        if sample is None or sample.image is None or not sample.part:
            raise ReviewError(
                f"{item.case.sample}: the DICOM image that this mask was drawn on is not in the dataset; a "
                "DICOM segmentation has to name it. Add the image, or choose another format."
            )
        frame = read_frames(spec.root, sample.image)[int(sample.part)]
        if not frame.uid or not frame.series:
            raise ReviewError(f"{sample.image} carries no UIDs, so no segmentation can name it.")
        # highdicom takes many files of one frame, or one file of many
        series.setdefault(frame.volume, {})[frame] = item
    return spec, [[(frame, images[frame]) for frame in _order(images)] for images in series.values()]


def _order(images: Mapping[Frame, ReviewedCase]) -> list[Frame]:
    """As they lie; the frames of one file in its own order, which is DICOM's rule."""
    several = any(frame.frames > 1 for frame in images)
    return sorted(images, key=lambda frame: frame.number) if several else order_frames(list(images))


def _encode_series(context: ExportContext, spec: DatasetSpec, images: Sequence[_Image], done: int) -> bytes:
    """The file of one series; `done` says how many cases were written before.

    Raises:
        _LeftOutError: It cannot be written.
    """
    _check_series([frame for frame, _ in images])
    first = images[0][0]
    masks = []
    for number, (_, reviewed) in enumerate(images):
        context.step(done + number)
        masks.append(context.reviewed.read_mask(reviewed))
    wanted = [mask.stack()[list(context.places)] for mask in masks]
    stack = np.moveaxis(np.stack(wanted), 1, -1)  # (F, S, H, W) -> (F, H, W, S)
    if not stack.any():
        raise _LeftOutError(
            f"{first.file} was left out: no wanted class is on any reviewed image of its series."
        )
    with dicom_errors(str(first.file)):
        files = dict.fromkeys(frame.file for frame, _ in images)
        sources = [_read_source(spec.root / file) for file in files]
    described = _describe(context, images, masks)
    with _building(str(first.file)):
        return _encode(_build(context, described, sources, stack))


def _check_series(frames: Sequence[Frame]) -> None:
    """Raise where one segmentation cannot be drawn on the images of a series.

    Raises:
        _LeftOutError: Why.
    """
    first = frames[0]
    if 1 < first.frames != len(frames):
        raise _LeftOutError(
            f"{first.file} was left out: {len(frames)} of its {first.frames} frames have a mask, and the "
            "others would look empty."
        )
    if len(frames) > 1 and any(frame.position is None or frame.orientation is None for frame in frames):
        raise _LeftOutError(
            f"{first.file} was left out: not all images of its series say where they lie, which a DICOM "
            "segmentation takes over from them."
        )
    if len(frames) > 1 and not are_parallel(frames):
        raise _LeftOutError(
            f"{first.file} was left out: the images of its series face different ways, and a DICOM "
            "segmentation has one orientation."
        )


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
        raise _LeftOutError(
            f"{name} was left out: no DICOM segmentation can be made on its series "
            f"({str(error).rstrip('.')}). Repair the headers of its images, or choose another format."
        ) from error


def _build(
    context: ExportContext,
    described: Sequence[SegmentDescription],
    sources: Sequence[Dataset],
    stack: NDArray[np.bool_],
) -> Dataset:
    title = context.reviewed.review.spec.title
    return hd.seg.Segmentation(
        source_images=sources,
        pixel_array=stack,
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=described,
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
    context: ExportContext, images: Sequence[_Image], masks: Sequence[LabelMask]
) -> list[SegmentDescription]:
    spec = context.reviewed.review.spec
    algorithm = hd.AlgorithmIdentificationSequence(
        name=spec.title[:64], family=codes.cid7162.ArtificialIntelligence, version=spec.model_hash[:64]
    )
    changed = _find_changed(context, images, masks)
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


def _find_changed(context: ExportContext, images: Sequence[_Image], masks: Sequence[LabelMask]) -> set[int]:
    """Classes that a person drew otherwise than the model, on any of the images."""
    changed: set[int] = set()
    for (_, item), mask in zip(images, masks, strict=True):
        if not item.corrected:
            continue
        predicted = context.reviewed.read_predicted(item.case)
        changed |= {p for p in context.places if not np.array_equal(mask.region(p), predicted.region(p))}
    return changed


def _encode(content: Dataset) -> bytes:
    buffer = BytesIO()
    content.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
