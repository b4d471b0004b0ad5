"""The volumes that cases are slices of: which cases lie in one, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.domain.dataset import DatasetSpec
from core.domain.scan import Sample
from core.errors import AppError
from core.formats.sources.dicom_files import Frame, find_affine, find_step, read_frames
from core.formats.sources.nifti_files import find_channels, read_header
from core.inference.sources import KeptPredictions, SourceSample
from core.reports.sources import CaseSource

_MOST_VOXELS = 1 << 28
_MOST_SOURCES = 8
_UNEVEN = 0.1  # of a step: what a slice may lie beside its place


@dataclass(frozen=True, slots=True)
class SliceRow:
    """The cases of one volume.

    Attributes:
        positions: From head to feet (or front to back, right to left, as the slices were scanned).
        height: Rows of each slice.
        width: Columns of each slice.
        step: Millimetres between slices; None where that is not known.
    """

    positions: tuple[int, ...]
    height: int
    width: int
    step: float | None

    def describe(self, position: int) -> tuple[int, int, int, int]:
        """Slices in each of the three planes, and the place of one case among the first."""
        return len(self.positions), self.height, self.width, self.positions.index(position)


@dataclass(frozen=True, slots=True)
class CutVolume:
    """A volume that cases are slices of.

    Attributes:
        name: Its file; of a DICOM series the patient and the series' UID.
        positions: Of the slices that were predicted, first slice first.
        depth: How many slices it has; None where its header cannot be read any more. Of a DICOM series those
            between the first and the last that were predicted, by where they lie.
        step: Millimetres between slices; None where that is not known, or not the same everywhere.
    """

    name: str
    positions: tuple[int, ...]
    depth: int | None
    step: float | None


_rows: dict[Path, dict[int, SliceRow | None]] = {}


def find_slices(source: CaseSource, position: int) -> SliceRow | None:
    """The volume of a case; None where it is no slice, or too little or too much of the volume is there.

    Arranged once for each source: the predictions of a review never change.
    """
    if not isinstance(source, KeptPredictions) or source.source.dataset is None:
        return None
    known = _rows.setdefault(source.folder.path, {})
    while len(_rows) > _MOST_SOURCES:
        _rows.pop(next(iter(_rows)))
    if position not in known:
        row = _find_row(source, source.source.dataset, position)
        known |= dict.fromkeys(row.positions if row is not None else (position,), row)
    return known[position]


def list_volumes(source: CaseSource) -> list[CutVolume]:
    """The volumes that cases are slices of; none where the cases are pictures of their own."""
    if not isinstance(source, KeptPredictions) or source.source.dataset is None:
        return []
    if source.source.dataset.unit != "slice":
        return []
    spec, groups = source.source.dataset, dict[tuple[object, ...], list[SourceSample]]()
    for item in source.source.samples:
        try:
            key = _key(spec, item.sample)
        except AppError:  # Its header cannot be read any more: the volume lacks this slice
            continue
        if key is not None:
            groups.setdefault(key, []).append(item)
    volumes = [_describe_volume(spec, items) for items in groups.values()]
    return [item for item in volumes if item.depth != 1]  # A radiograph is a series too, and no volume


def _describe_volume(spec: DatasetSpec, found: Sequence[SourceSample]) -> CutVolume:
    name = _name_volume(spec, found[0].sample)
    try:
        stack = _arrange(spec, found)
    except AppError:  # As in `find_slices`
        return CutVolume(name, tuple(item.position for item in found), None, None)
    return CutVolume(
        name, tuple(item.position for item in stack.samples), stack.depth, stack.step if stack.even else None
    )


def _name_volume(spec: DatasetSpec, sample: Sample | None) -> str:
    if sample is None or sample.image is None:
        return ""
    if spec.format == "nifti":
        return str(sample.image)
    return f"{sample.group} {read_frames(spec.root, sample.image)[0].series}".strip()


def _find_row(source: KeptPredictions, spec: DatasetSpec, position: int) -> SliceRow | None:
    own = source.sample(position)
    key = _key(spec, own.sample)
    if key is None:
        return None
    found = [item for item in source.source.samples if _key(spec, item.sample) == key]
    sizes = {(item.height, item.width) for item in found}
    if len(found) < 2 or len(sizes) > 1 or len(found) * own.height * own.width > _MOST_VOXELS:
        return None
    try:
        stack = _arrange(spec, found)
    except AppError:  # A header cannot be read any more; the case itself says so where it matters
        return None
    ordered = stack.samples[::-1] if stack.upwards else stack.samples
    return SliceRow(tuple(item.position for item in ordered), own.height, own.width, stack.step)


def _key(spec: DatasetSpec, sample: Sample | None) -> tuple[object, ...] | None:
    """Equal for the slices of one volume; None for what is no slice."""
    if sample is None or not sample.part or sample.image is None:
        return None
    if spec.format == "nifti":
        return (sample.image,)
    if spec.format == "dicom_seg":
        return (sample.group, sample.masks, read_frames(spec.root, sample.image)[0].series)
    return None


@dataclass(frozen=True, slots=True)
class _Stack:
    """Slices by their number, or along the normal of their plane."""

    samples: list[SourceSample]
    upwards: bool
    step: float | None
    even: bool
    depth: int


def _arrange(spec: DatasetSpec, samples: Sequence[SourceSample]) -> _Stack:
    named = [
        (item, item.sample.image, int(item.sample.part))
        for item in samples
        if item.sample and item.sample.image
    ]
    even = True
    if spec.format == "nifti":
        ordered = [item for item, _, _ in sorted(named, key=lambda entry: entry[2])]
        header = read_header(spec.root, find_channels(spec.root, named[0][1])[0])
        axis = header.plane.axes[2]
        direction, step, depth = header.affine[:3, axis], header.spacing[axis], header.shape[axis]
    else:
        framed = [(read_frames(spec.root, image)[part], item) for item, image, part in named]
        framed.sort(key=lambda entry: entry[0].depth)
        ordered, frames = [item for _, item in framed], [frame for frame, _ in framed]
        direction, step = find_affine(frames)[:3, 2], find_step(frames)
        even, depth = _count_places(frames, step)
    upwards = bool(direction[int(np.argmax(np.abs(direction)))] > 0)
    return _Stack(ordered, upwards, float(step) if step > 0 else None, even, depth)


def _count_places(frames: Sequence[Frame], step: float) -> tuple[bool, int]:
    """Whether frames lie whole steps apart, and how many slices there are with those that are missing."""
    if len(frames) < 2 or any(frame.position is None for frame in frames):
        return True, len(frames)
    steps = np.diff([frame.depth for frame in frames]) / step if step > 0 else np.zeros(1)
    whole = np.rint(steps)
    if np.any(whole < 1) or np.any(np.abs(steps - whole) > _UNEVEN):
        return False, len(frames)
    return True, int(whole.sum()) + 1
