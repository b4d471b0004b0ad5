"""DICOM files: what their headers say of images and of where they lie.

Names of patients are never read: of everything that tells who a person is only PatientID is asked for, which
keeps the images of one person together.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import config, dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from core.errors import MaskError
from core.formats.sources.recent import RecentReads
from core.workspace.guarded import check_readable, check_size, decoding_errors

# Values that break a rule of their type are read as they are; pydicom would warn of each of them.
config.settings.reading_validation_mode = config.IGNORE

Point = tuple[float, float, float]
Orientation = tuple[float, float, float, float, float, float]

_MARK = b"DICM"
_MARK_AT = 128
_PARALLEL = 0.999  # cosine of 2.5 degrees: scanners round directions
HEADER_TAGS = [
    "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "PatientID", "Modality",
    "SeriesNumber", "InstanceNumber", "FrameOfReferenceUID", "Rows", "Columns", "NumberOfFrames",
    "SamplesPerPixel", "BitsAllocated", "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing",
    "ImagerPixelSpacing", "SliceThickness", "SpacingBetweenSlices", "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence", "SegmentSequence", "SegmentationType", "MaximumFractionalValue",
    "ReferencedSeriesSequence",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """One image plane: a file, or one frame of it.

    Attributes:
        file: Relative to the dataset's root.
        number: Of the frame, from 0.
        frames: Frames of the file.
        uid: SOP instance UID of the file.
        series: Series instance UID.
        series_number: What people see of the series; may be empty.
        patient: PatientID; the study where there is none.
        frame_of_reference: UID of the coordinates that positions are in; may be empty.
        instance: InstanceNumber, for images without a position.
        shape: Rows and columns.
        position: Millimetres, of the centre of the first pixel; None where the file does not say.
        orientation: Direction of a row and of a column.
        spacing: Millimetres between rows, columns and slices, NaN where the file does not say.
        thickness: Millimetres of tissue that a slice shows, NaN where unknown.
    """

    file: PurePosixPath
    number: int
    frames: int
    uid: str
    series: str
    series_number: str
    patient: str
    frame_of_reference: str
    instance: int
    shape: tuple[int, int]
    position: Point | None
    orientation: Orientation | None
    spacing: Point
    thickness: float = np.nan

    @property
    def volume(self) -> str:
        """UID of what its slices belong to: the series, or the file where that holds several."""
        return self.series if self.frames == 1 else self.uid

    @property
    def depth(self) -> float:
        """How far along the normal of its plane it lies, in mm; the number of the image where unknown."""
        if self.position is None or self.orientation is None:
            return float(self.instance + self.number)
        return dot(find_normal(self.orientation), self.position)


_frames: RecentReads[list[Frame]] = RecentReads(1 << 14, len)


def is_dicom(path: Path) -> bool:
    """Whether a file has the mark of DICOM, whatever it is called."""
    try:
        with path.open("rb") as file:
            head = file.read(_MARK_AT + len(_MARK))
    except OSError:
        return False
    return head[_MARK_AT:] == _MARK


def read_dataset(root: Path, file: PurePosixPath, tags: Sequence[str] = HEADER_TAGS) -> Dataset:
    """Read some elements of a DICOM file, never its pixels.

    Raises:
        MaskError: It is no DICOM file, or a damaged one.
        DatasetError: It is missing, empty, or may not be read.
    """
    check_readable(root / file, root)
    with dicom_errors(str(file)):
        return dcmread(root / file, stop_before_pixels=True, specific_tags=list(tags))


def list_frames(dataset: Dataset, file: PurePosixPath) -> list[Frame]:
    """The image planes of a file.

    Raises:
        MaskError: An element has no sensible value.
    """
    with dicom_errors(str(file)):
        count = int(dataset.get("NumberOfFrames") or 1)
        check_size(int(dataset.Rows), int(dataset.Columns), 1, str(file))
        if not 1 <= count <= 1_000_000:
            raise MaskError(f"{file}: its header promises {count} frames; copy it again from its source.")
        return [_read_frame(dataset, file, number, count) for number in range(count)]


def read_frames(root: Path, file: PurePosixPath) -> list[Frame]:
    """The image planes of a file; remembered, because the frames of one file are asked for one by one.

    Raises:
        DatasetError: As `read_dataset` and `list_frames`.
    """
    with dicom_errors(str(file)):
        return _frames.get(root / file, lambda: list_frames(read_dataset(root, file), file), str(file))


def find_group(dataset: Dataset, number: int, name: str) -> Dataset | None:
    """A functional group of one frame: its own, else the one that all frames share; None if there is none."""
    own = dataset.get("PerFrameFunctionalGroupsSequence") or []
    shared = dataset.get("SharedFunctionalGroupsSequence") or []
    for groups in (*own[number : number + 1], *shared[:1]):
        sequence = groups.get(name)
        if sequence:
            return Dataset(sequence[0])
    return None


def find_normal(orientation: Orientation) -> Point:
    """The direction in which slices follow each other."""
    a, b, c, d, e, f = orientation
    return b * f - c * e, c * d - a * f, a * e - b * d


def dot(first: Sequence[float], second: Sequence[float]) -> float:
    """The scalar product; of three numbers it takes NumPy ten times as long."""
    return sum(a * b for a, b in zip(first, second, strict=True))


def read_point(value: Any) -> Point | None:
    """A position of three numbers; None where there is none."""
    numbers = [float(part) for part in value] if value is not None and len(value) == 3 else []
    return (numbers[0], numbers[1], numbers[2]) if numbers and np.isfinite(numbers).all() else None


def read_orientation(value: Any) -> Orientation | None:
    """Two directions of length 1; None where there is none."""
    numbers = [float(part) for part in value] if value is not None and len(value) == 6 else []
    if not numbers or not np.isfinite(numbers).all() or not np.any(np.cross(numbers[:3], numbers[3:])):
        return None
    return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])


@contextmanager
def dicom_errors(name: str) -> Iterator[None]:
    """Turn whatever reading DICOM raises into a `MaskError` that names the file."""
    with decoding_errors(name):
        try:
            yield
        except InvalidDicomError as error:
            raise MaskError(f"{name}: this is no DICOM file; replace or remove it.") from error


def are_parallel(frames: Sequence[Frame]) -> bool:
    """Whether all frames say where they lie, and face one way: only then one lies before another."""
    first = frames[0].orientation
    if first is None or any(frame.position is None or frame.orientation is None for frame in frames):
        return False
    normals = [find_normal(frame.orientation or first) for frame in frames]
    return all(dot(normals[0], normal) > _PARALLEL for normal in normals)


def order_frames(frames: Sequence[Frame]) -> list[Frame]:
    """Frames along their normal; by their numbers where that would order nothing, see `are_parallel`."""
    lie = are_parallel(frames)

    def place(frame: Frame) -> tuple[float, str, int]:
        return frame.depth if lie else float(frame.instance + frame.number), str(frame.file), frame.number

    return sorted(frames, key=place)


def find_step(frames: Sequence[Frame]) -> float:
    """Millimetres between slices: as they lie, else as the file says; NaN where it does not.

    Their thickness is no distance: slices may overlap, or lie apart.
    """
    if len(frames) > 1 and are_parallel(frames):
        return float(np.median(np.diff([frame.depth for frame in frames])))
    return frames[0].spacing[2]


def find_affine(frames: Sequence[Frame]) -> NDArray[np.float64]:
    """`(4, 4)` from (row, column, slice) to RAS+ millimetres; DICOM itself counts towards left and back.

    Where files do not say where they lie, rows and columns follow the axes (PS3.3 C.7.6.2.1.1), and
    slices are taken to touch.
    """
    first, last = frames[0], frames[-1]
    orientation = first.orientation or (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    step = find_step(frames)
    known = (*first.spacing[:2], step if step > 0 else first.thickness)
    sides = [side if side > 0 else 1.0 for side in known]  # NaN is not
    across = np.array(find_normal(orientation)) * sides[2]
    if len(frames) > 1 and first.position is not None and last.position is not None:
        across = np.subtract(last.position, first.position) / (len(frames) - 1)
    affine = np.eye(4)
    affine[:3, 0] = np.array(orientation[3:]) * sides[0]
    affine[:3, 1] = np.array(orientation[:3]) * sides[1]
    affine[:3, 2] = across
    affine[:3, 3] = first.position or (0.0, 0.0, 0.0)
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine


def _read_frame(dataset: Dataset, file: PurePosixPath, number: int, count: int) -> Frame:
    plane = find_group(dataset, number, "PlanePositionSequence") or dataset
    turned = find_group(dataset, number, "PlaneOrientationSequence") or dataset
    measures = find_group(dataset, number, "PixelMeasuresSequence") or dataset
    pixels = measures.get("PixelSpacing") or dataset.get("ImagerPixelSpacing") or (np.nan, np.nan)
    between = measures.get("SpacingBetweenSlices") or np.nan  # of some gamma cameras negative
    return Frame(
        file=file,
        number=number,
        frames=count,
        uid=str(dataset.get("SOPInstanceUID") or ""),
        series=str(dataset.get("SeriesInstanceUID") or ""),
        series_number=str(dataset.get("SeriesNumber") or ""),
        patient=str(dataset.get("PatientID") or dataset.get("StudyInstanceUID") or ""),
        frame_of_reference=str(dataset.get("FrameOfReferenceUID") or ""),
        instance=int(dataset.get("InstanceNumber") or 0),
        shape=(int(dataset.Rows), int(dataset.Columns)),
        position=read_point(plane.get("ImagePositionPatient")),
        orientation=read_orientation(turned.get("ImageOrientationPatient")),
        spacing=(float(pixels[0]), float(pixels[1]), abs(float(between))),
        thickness=float(measures.get("SliceThickness") or np.nan),
    )
