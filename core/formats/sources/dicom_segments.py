"""DICOM segmentations: their segments, where each frame lies, and its pixels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from skimage.color import lab2rgb

from core.errors import DatasetError, MaskError
from core.formats.sources.dicom_files import (
    Frame,
    dicom_errors,
    dot,
    find_group,
    find_normal,
    list_frames,
    read_dataset,
)
from core.formats.sources.dicom_pixels import decode
from core.formats.sources.recent import RecentReads

BACKGROUND_KEY = "background"
_HALF = 0.5
_TYPES = ("BINARY", "FRACTIONAL", "LABELMAP")
_NEAR = 0.1  # parts of a pixel by which positions may differ: they are stored as rounded text
_TURNED = 1e-3  # cosines may differ by so much
_KEPT_BYTES = 512 << 20
_SIZE_TAGS = ("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "BitsAllocated")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its number in the file, its name, and the colour that its maker chose."""

    number: int
    label: str
    colour: str | None


@dataclass(frozen=True, slots=True)
class SegmentFrame:
    """One frame of a segmentation.

    Attributes:
        number: From 0.
        segment: The segment it shows; None where its values are the segments (LABELMAP).
        sources: SOP instance UID and frame (from 0; None for all) of the images it was drawn on.
        plane: Where it lies.
    """

    number: int
    segment: int | None
    sources: tuple[tuple[str, int | None], ...]
    plane: Frame


@dataclass(frozen=True, slots=True)
class Segmentation:
    """One segmentation file.

    Attributes:
        file: Relative to the dataset's root.
        uid: SOP instance UID.
        kind: `BINARY`, `FRACTIONAL` or `LABELMAP`.
        maximum: The value that stands for 1 in a fractional one.
        segments: In the order of their numbers.
        frames: All frames.
        references: SOP instance UIDs of all images it speaks of.
    """

    file: PurePosixPath
    uid: str
    kind: str
    maximum: int
    segments: tuple[Segment, ...]
    frames: tuple[SegmentFrame, ...]
    references: frozenset[str]


_headers: RecentReads[Segmentation] = RecentReads(1 << 12, lambda _: 1)
_pixels: RecentReads[NDArray[Any]] = RecentReads(_KEPT_BYTES, lambda pixels: pixels.nbytes)


def read_segmentation(root: Path, file: PurePosixPath) -> Segmentation:
    """What a segmentation says, without its pixels.

    Raises:
        MaskError: It is damaged, or of a kind that is not read.
        DatasetError: It is missing, empty, or may not be read.
    """
    with dicom_errors(str(file)):
        return _headers.get(root / file, partial(_read, root, file), str(file))


def read_layers(
    root: Path, segmentation: Segmentation, image: Frame, threshold: float | None
) -> dict[int, NDArray[np.bool_]]:
    """Where each segment lies on an image: number to `(H, W)`; segments that are not there are left out.

    Args:
        root: The dataset's root.
        segmentation: The file.
        image: The image plane.
        threshold: Fractional ones: at or above this share is the segment; None: a half.

    Raises:
        MaskError: A frame lies elsewhere than the image it was drawn on, or the file is damaged.
    """
    frames = [frame for frame in segmentation.frames if _shows(segmentation, frame, image)]
    if not frames:
        return {}
    pixels = _read_stored(root, segmentation)
    layers: dict[int, NDArray[np.bool_]] = {}
    for frame in frames:
        _check_place(segmentation, frame, image)
        for number, layer in _split(segmentation, pixels[frame.number], frame, threshold).items():
            layers[number] = layers[number] | layer if number in layers else layer
    return layers


def name_keys(segmentations: Sequence[Segmentation]) -> list[dict[int, str]]:
    """The class key of each segment by its number, file by file: its label; background has none.

    Segments of one label in one file are one class. The same label in a further file about the same images
    is someone else's, or another look: it becomes a class of its own, `Liver (2)`.
    """
    seen: dict[str, int] = {}
    keys = []
    for item in segmentations:
        labels = {segment.label for segment in item.segments}
        for label in labels:
            seen[label] = seen.get(label, 0) + 1
        ends = {label: f" ({seen[label]})" if seen[label] > 1 else "" for label in labels}
        keys.append(
            {
                segment.number: f"{segment.label}{ends[segment.label]}"
                for segment in item.segments
                if not _is_background(item, segment)
            }
        )
    return keys


def _is_background(segmentation: Segmentation, segment: Segment) -> bool:
    """What no segment covers is the background already."""
    zero = segmentation.kind == "LABELMAP" and segment.number == 0
    return zero or segment.label.lower() == BACKGROUND_KEY


def _read(root: Path, file: PurePosixPath) -> Segmentation:
    dataset = read_dataset(root, file)
    with dicom_errors(str(file)):
        kind = str(dataset.get("SegmentationType") or "")
        if kind not in _TYPES:
            raise MaskError(
                f"{file}: its segmentation type is {kind or 'not said'}; {', '.join(_TYPES)} are read."
            )
        planes = list_frames(dataset, file)
        segments = sorted(map(_read_segment, dataset.SegmentSequence), key=lambda item: item.number)
        frames = tuple(_read_frame(dataset, plane, kind) for plane in planes)
        named = {uid for frame in frames for uid, _ in frame.sources}
        for series in dataset.get("ReferencedSeriesSequence") or []:
            named |= {str(item.ReferencedSOPInstanceUID) for item in series.ReferencedInstanceSequence}
        return Segmentation(
            file=file,
            uid=str(dataset.get("SOPInstanceUID") or ""),
            kind=kind,
            maximum=int(dataset.get("MaximumFractionalValue") or 255),
            segments=tuple(segments),
            frames=frames,
            references=frozenset(named),
        )


def _read_segment(item: Dataset) -> Segment:
    number = int(item.SegmentNumber)
    kind = item.get("SegmentedPropertyTypeCodeSequence") or []
    label = str(item.get("SegmentLabel") or "").strip() or str(kind[0].CodeMeaning if kind else "")
    label = " ".join(label.split())[:100] or f"Segment {number}"
    return Segment(number, label, _read_colour(item.get("RecommendedDisplayCIELabValue")))


def _read_colour(value: Any) -> str | None:
    """`#rrggbb` of a colour in CIELab with the white of D50, 16 bits each (PS3.3 C.10.7.1.1)."""
    if value is None or len(value) != 3:
        return None
    lightness, a, b = (float(part) / 65535 for part in value)
    lab = np.array([lightness * 100, a * 255 - 128, b * 255 - 128])
    red, green, blue = np.clip(lab2rgb(lab, illuminant="D50") * 255 + 0.5, 0, 255).astype(int)
    return f"#{red:02X}{green:02X}{blue:02X}"


def _read_frame(dataset: Dataset, plane: Frame, kind: str) -> SegmentFrame:
    named = find_group(dataset, plane.number, "SegmentIdentificationSequence")
    if kind != "LABELMAP" and named is None:
        raise MaskError(f"{plane.file}: frame {plane.number + 1} does not say which segment it shows.")
    derived = find_group(dataset, plane.number, "DerivationImageSequence")
    sources = (derived.get("SourceImageSequence") if derived is not None else None) or []
    places: list[tuple[str, int | None]] = []
    for source in sources:
        numbers = source.get("ReferencedFrameNumber")
        listed = [numbers] if isinstance(numbers, (int, str)) else list(numbers or [])
        uid = str(source.ReferencedSOPInstanceUID)
        places += [(uid, int(number) - 1) for number in listed] or [(uid, None)]
    segment = None if kind == "LABELMAP" or named is None else int(named.ReferencedSegmentNumber)
    return SegmentFrame(plane.number, segment, tuple(places), plane)


def _read_stored(root: Path, segmentation: Segmentation) -> NDArray[Any]:
    """`(frames, H, W)` stored values."""

    def read() -> NDArray[Any]:
        dataset = read_dataset(root, segmentation.file, _SIZE_TAGS)
        pixels = decode(root, segmentation.file, dataset, None)
        return pixels if pixels.ndim == 3 else pixels[None]

    return _pixels.get(root / segmentation.file, read)


def _split(
    segmentation: Segmentation, pixels: NDArray[Any], frame: SegmentFrame, threshold: float | None
) -> dict[int, NDArray[np.bool_]]:
    if segmentation.kind == "LABELMAP":
        numbers = {segment.number for segment in segmentation.segments}
        return {int(value): pixels == value for value in np.unique(pixels) if int(value) in numbers}
    level = 1.0
    if segmentation.kind == "FRACTIONAL":
        share = _HALF if threshold is None else threshold
        if not 0 < share <= 1:
            raise DatasetError(
                f"The threshold {share:g} is no share; fractional segmentations are cut above 0 and up to 1, "
                "usually at 0.5."
            )
        level = share * segmentation.maximum
    return {frame.segment or 0: pixels >= level}


def _shows(segmentation: Segmentation, frame: SegmentFrame, image: Frame) -> bool:
    """Whether a frame belongs to an image: by the image it names; where it names none known, by its place."""
    if not frame.sources or image.uid not in segmentation.references:
        return lies_on(frame.plane, image)
    named = [number for uid, number in frame.sources if uid == image.uid]
    if image.number in named or (None in named and image.frames == 1):
        # A frame that was drawn on several images lies on the one at its place.
        return len(frame.sources) == 1 or lies_on(frame.plane, image)
    return None in named and lies_on(frame.plane, image)


def lies_on(plane: Frame, image: Frame) -> bool:
    """Whether two planes of one frame of reference are parallel and at one depth."""
    if plane.file == image.file:
        return plane.depth == image.depth
    if not plane.frame_of_reference or plane.frame_of_reference != image.frame_of_reference:
        return False
    if plane.position is None or image.position is None:
        return False
    if plane.orientation is None or image.orientation is None:
        return False
    normal = find_normal(image.orientation)
    offset = dot(normal, plane.position) - image.depth
    sides = [side for side in image.spacing if side > 0]  # NaN is not
    if abs(offset) > _NEAR * min(sides, default=1.0):
        return False
    return abs(dot(normal, find_normal(plane.orientation))) > 1 - _TURNED


def _check_place(segmentation: Segmentation, frame: SegmentFrame, image: Frame) -> None:
    """Raise where a frame does not lie pixel by pixel on its image."""
    plane, where = frame.plane, f"{segmentation.file}: frame {frame.number + 1}"
    if plane.shape != image.shape:
        sizes = " x ".join(map(str, plane.shape[::-1])), " x ".join(map(str, image.shape[::-1]))
        raise MaskError(
            f"{where} is {sizes[0]} pixels, its image {image.file} {sizes[1]}; resample the segmentation."
        )
    if plane.orientation is not None and image.orientation is not None:
        turned = np.abs(np.subtract(plane.orientation, image.orientation)).max()
        if turned > 10 * _TURNED:
            raise MaskError(f"{where} is turned against its image {image.file}; resample the segmentation.")
    if plane.position is None or image.position is None or image.orientation is None:
        return
    offset = [a - b for a, b in zip(plane.position, image.position, strict=True)]
    axes = (image.orientation[3:], image.orientation[:3], find_normal(image.orientation))
    for axis, side in zip(axes, image.spacing, strict=True):
        if abs(dot(axis, offset)) > _HALF * side:  # never where the side is NaN
            raise MaskError(
                f"{where} lies {math.hypot(*offset):.3g} mm away from its image {image.file}; check that it "
                "was drawn on this image."
            )
