"""All DICOM files of a folder: image planes, segmentations, and which belong to which."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from threading import Lock

from pydicom.dataset import Dataset
from pydicom.uid import UID

from core.domain.dataset import DatasetSpec
from core.domain.scan import Problem
from core.errors import AppError, MaskError
from core.formats.folders.listing import is_picture, join, list_tree
from core.formats.sources.dicom_files import (
    Frame,
    are_parallel,
    is_dicom,
    list_frames,
    order_frames,
    read_dataset,
)
from core.formats.sources.dicom_segments import Segmentation, lies_on, read_segmentation
from core.formats.wording import describe_error

_SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
_CONTOURS = "1.2.840.10008.5.1.4.1.1.481.3"
_DIRECTORY = "1.2.840.10008.1.3.10"
_SUFFIXES = (".dcm", ".dicom", ".ima")
_KEPT = 4  # datasets whose files are remembered
_UNEVEN = 0.1  # parts of the usual distance by which one between slices may differ


@dataclass(frozen=True, slots=True)
class Series:
    """The planes of one series, in the order in which they lie.

    Attributes:
        uid: Series instance UID.
        frames: From the first along the normal of the slices to the last.
        segmentations: Those that were drawn on it, in the order of their paths.
    """

    uid: str
    frames: tuple[Frame, ...]
    segmentations: tuple[Segmentation, ...]


@dataclass(frozen=True, slots=True)
class DicomIndex:
    """What a folder holds.

    Attributes:
        series: All series of images; those without a segmentation too.
        alone: Segmentations whose images are not there.
        problems: Files that cannot be used.
    """

    series: tuple[Series, ...]
    alone: tuple[Segmentation, ...]
    problems: tuple[Problem, ...]

    @property
    def segmented(self) -> list[Series]:
        """Series with a segmentation."""
        return [item for item in self.series if item.segmentations]


_kept: dict[
    tuple[Path, tuple[str, ...], tuple[str, ...]], tuple[tuple[tuple[str, int], ...], DicomIndex]
] = {}
_lock = Lock()


def index_dicom(spec: DatasetSpec) -> DicomIndex:
    """The DICOM files below the folders of a dataset; headers only, read again where a folder has changed.

    Raises:
        DatasetError: A folder is missing or cannot be read.
    """
    named = {name for pair in spec.folders for name in (pair.images, pair.masks) if name is not None}
    return index_folders(spec.root, tuple(sorted(named)), spec.ignored)


def index_folders(root: Path, folders: Sequence[str], ignored: Sequence[str] = ()) -> DicomIndex:
    """As `index_dicom`, for folders and files to leave out, both relative to the root."""
    key = (root, tuple(folders), tuple(ignored))
    with _lock:
        stamps, index = _kept.get(key, ((), None))
    if index is not None and all(_stamp(root / folder) == stamp for folder, stamp in stamps):
        return index
    walked = {folder: list_tree(root, folder) for folder in folders}
    found = tuple((path, _stamp(root / path)) for listing in walked.values() for path in listing.files)
    files = {
        join(path, name): None
        for listing in walked.values()
        for path, names in listing.files.items()
        for name in names
        if not is_picture(name) and join(path, name) not in ignored
    }
    problems = [problem for listing in walked.values() for problem in listing.problems]
    index = _build(root, [PurePosixPath(file) for file in files], problems)
    with _lock:
        _kept[key] = (found, index)
        while len(_kept) > _KEPT:
            del _kept[next(iter(_kept))]
    return index


def _stamp(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return -1


def _build(root: Path, files: Sequence[PurePosixPath], problems: list[Problem]) -> DicomIndex:
    images: list[Frame] = []
    segmentations: list[Segmentation] = []
    owners: dict[str, PurePosixPath] = {}
    for file in files:
        try:
            found = _read(root, file)
        except AppError as error:
            problems.append(describe_error(str(file), str(error)))
            continue
        if found is None:
            continue
        uid = found.uid if isinstance(found, Segmentation) else found[0].uid
        if uid and owners.setdefault(uid, file) != file:
            text = f"it is the same DICOM object as {owners[uid]} (SOP instance UID {uid})"
            problems.append(Problem(str(file), text, "Remove one of the two."))
        elif isinstance(found, Segmentation):
            segmentations.append(found)
        else:
            images += found
    return _match(images, segmentations, problems)


def _read(root: Path, file: PurePosixPath) -> list[Frame] | Segmentation | None:
    """The planes or the segmentation of one file; None for a file that is none of DICOM's.

    Raises:
        DatasetError: It claims to be DICOM, but cannot be used.
    """
    if not is_dicom(root / file):
        if file.suffix.lower() not in _SUFFIXES:
            return None
        raise MaskError(f"{file}: this is no DICOM file (its mark is not there); replace or remove it.")
    dataset = read_dataset(root, file)
    kind = str(dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID") or "")
    if kind == _DIRECTORY:
        return None
    if kind in _SEGMENTATIONS:
        return read_segmentation(root, file)
    if kind == _CONTOURS:
        raise MaskError(f"{file}: contours (RTSTRUCT) are not read; convert them to a DICOM segmentation.")
    if "Rows" not in dataset or "Columns" not in dataset:
        raise MaskError(f"{file}: this DICOM file holds no image ({_say_kind(dataset, kind)}); leave it out.")
    return list_frames(dataset, file)


def _say_kind(dataset: Dataset, kind: str) -> str:
    name = UID(kind).name if kind else ""
    return name if name and name != kind else str(dataset.get("Modality") or "of an unknown kind")


def _match(
    images: Sequence[Frame], segmentations: Sequence[Segmentation], problems: list[Problem]
) -> DicomIndex:
    by_series: dict[str, list[Frame]] = {}
    series_of: dict[str, str] = {}
    for frame in images:
        by_series.setdefault(frame.series, []).append(frame)
        series_of[frame.uid] = frame.series
    drawn_on: dict[str, list[Segmentation]] = {}
    alone = []
    for item in segmentations:
        named = sorted({series_of[uid] for uid in item.references if uid in series_of})
        found = named or _find_by_place(item, by_series)
        for uid in found:
            drawn_on.setdefault(uid, []).append(item)
        if not found:
            alone.append(item)
    series = []
    for uid, frames in by_series.items():
        ordered = tuple(order_frames(frames))
        series.append(
            Series(uid, ordered, tuple(sorted(drawn_on.get(uid, ()), key=lambda item: str(item.file))))
        )
        if uid in drawn_on:
            problems += _find_gaps(ordered)
    return DicomIndex(tuple(series), tuple(alone), tuple(problems))


def _find_by_place(item: Segmentation, by_series: dict[str, list[Frame]]) -> list[str]:
    """The one series on which most of the frames lie, of equals the first by path."""
    hits: Counter[str] = Counter()
    for uid, frames in by_series.items():
        near = [
            frame for frame in frames if frame.frame_of_reference == item.frames[0].plane.frame_of_reference
        ]
        hits[uid] = sum(any(lies_on(part.plane, frame) for frame in near) for part in item.frames)
    best = max(hits, key=lambda uid: hits[uid], default="")
    return [best] if best and hits[best] else []


def _find_gaps(frames: Sequence[Frame]) -> list[Problem]:
    """Slices that are missing, or lie twice in one place."""
    steps = [b.depth - a.depth for a, b in pairwise(frames)]
    if len(steps) < 2 or not are_parallel(frames):
        return []
    usual = sorted(steps)[len(steps) // 2]
    odd = next((place for place, step in enumerate(steps) if abs(step - usual) > _UNEVEN * usual), None)
    if odd is None:
        return []
    text = (
        f"the slices of its series do not follow evenly: {steps[odd]:.3g} mm lie between "
        f"{frames[odd].file} and this one, {usual:.3g} mm elsewhere"
    )
    return [Problem(str(frames[odd + 1].file), text, "They are used; check that no slice is missing.")]
