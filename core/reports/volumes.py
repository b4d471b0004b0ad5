"""The volumes that cases are slices of: which cases lie in one, in which order, and how far apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.dataset import DatasetSpec
from core.domain.measuring import MOST_MILLIMETRES, CutVolume
from core.domain.scan import Sample
from core.errors import AppError
from core.formats.sources.dicom_files import (
    Frame,
    are_parallel,
    find_affine,
    find_step,
    order_frames,
    read_frames,
)
from core.formats.sources.nifti_files import find_channels, read_header
from core.inference.sources import KeptPredictions, SourceSample
from core.reports.bundles.folder import BundleFolder
from core.reports.sources import CaseSource

_UNEVEN = 0.1  # of a step: what a slice may lie beside its place


@dataclass(frozen=True, slots=True)
class Stack:
    """The slices of one volume that were predicted.

    Attributes:
        samples: First slice first: in the order of the file (NIfTI), or along their normal (DICOM).
        places: The number of each among all slices of the volume, from 0.
        depth: How many slices the volume has; of a DICOM series those between the first and the last that
            were predicted, by where they lie.
        step: Millimetres between slices, the median where they are not even; None where it is not known.
        even: Whether slices lie whole steps apart.
        directions: `(3, 3)` lines of length 1 in RAS+: the way from slice to slice, from row to row and from
            column to column; None where files do not say.
    """

    samples: tuple[SourceSample, ...]
    places: tuple[int, ...]
    depth: int
    step: float | None
    even: bool
    directions: NDArray[np.float64] | None


def list_volumes(source: CaseSource) -> list[CutVolume]:
    """The volumes that cases are slices of; none where the cases are pictures of their own."""
    if isinstance(source, BundleFolder):
        return list(source.manifest.volumes)
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
    volumes = [_describe(spec, items) for items in groups.values()]
    return _tell_apart([item for item in volumes if item is not None])


def find_stack(source: CaseSource, position: int) -> Stack | None:
    """The slices of the volume that a case lies in; None where it is no slice of one.

    Raises:
        AppError: A header cannot be read any more.
    """
    if not isinstance(source, KeptPredictions) or source.source.dataset is None:
        return None
    spec, own = source.source.dataset, source.sample(position).sample
    key = _key(spec, own)
    if key is None or own is None:
        return None
    # Headers are read of those alone that may belong to it: a hospital's dataset has tens of thousands
    near = [
        item
        for item in source.source.samples
        if item.sample and item.sample.group == own.group and item.sample.masks == own.masks
    ]
    return _arrange(spec, [item for item in near if _key(spec, item.sample) == key])


def _key(spec: DatasetSpec, sample: Sample | None) -> tuple[object, ...] | None:
    """Equal for the slices of one volume; None for what is no slice."""
    if sample is None or not sample.part or sample.image is None:
        return None
    if spec.format == "nifti":
        return (sample.image,)
    if spec.format == "dicom_seg":
        return (sample.group, sample.masks, read_frames(spec.root, sample.image)[0].volume)
    return None


def _describe(spec: DatasetSpec, found: Sequence[SourceSample]) -> CutVolume | None:
    """None for what is no volume: a radiograph is a series too, and so are three views that locate others."""
    name, uid = _name(spec, found[0].sample)
    try:
        stack = _arrange(spec, found)
    except AppError:  # The case itself says so where it matters
        return CutVolume(name=name, uid=uid, positions=tuple(item.position for item in found))
    if stack is None or stack.depth == 1:
        return None
    known = stack.even and stack.step is not None and stack.step < MOST_MILLIMETRES
    return CutVolume(
        name=name,
        uid=uid,
        positions=tuple(item.position for item in stack.samples),
        depth=stack.depth,
        step=stack.step if known else None,
        even=stack.even,
    )


def _name(spec: DatasetSpec, sample: Sample | None) -> tuple[str, str]:
    """What people call a volume, and the UID of its series."""
    if sample is None or sample.image is None:
        return "", ""
    if spec.format == "nifti":
        return str(sample.image), ""
    frame = read_frames(spec.root, sample.image)[0]
    number = f"series {frame.series_number}" if frame.series_number else "series"
    return ", ".join(part for part in (sample.group, number) if part), frame.volume


def _tell_apart(volumes: Sequence[CutVolume]) -> list[CutVolume]:
    """Volumes with a number where two have one name: scanners give the number of a series more than once."""
    seen: Counter[str] = Counter()
    found = []
    for volume in volumes:
        seen[volume.name] += 1
        number = f" ({seen[volume.name]})" if seen[volume.name] > 1 else ""
        found.append(volume.model_copy(update={"name": volume.name + number}))
    return found


def _arrange(spec: DatasetSpec, found: Sequence[SourceSample]) -> Stack | None:
    return _arrange_nifti(spec, found) if spec.format == "nifti" else _arrange_dicom(spec, found)


def _arrange_nifti(spec: DatasetSpec, found: Sequence[SourceSample]) -> Stack | None:
    numbers = {int(item.sample.part): item for item in found if item.sample}
    image = found[0].sample.image if found[0].sample else None
    if image is None:
        return None
    header = read_header(spec.root, find_channels(spec.root, image)[0])
    rows, columns, slices = header.plane.axes
    sides = np.array([1, *(-1 if flipped else 1 for flipped in header.plane.flips)])
    places = tuple(sorted(numbers))
    return Stack(
        samples=tuple(numbers[place] for place in places),
        places=places,
        depth=header.shape[slices],
        step=_known(header.spacing[slices]),
        even=True,
        directions=_turn(header.affine[:3, [slices, rows, columns]].T * sides[:, None])
        if header.oriented
        else None,
    )


def _arrange_dicom(spec: DatasetSpec, found: Sequence[SourceSample]) -> Stack | None:
    owners = {
        read_frames(spec.root, item.sample.image)[int(item.sample.part)]: item
        for item in found
        if item.sample and item.sample.image
    }
    frames = order_frames(list(owners))
    parallel = are_parallel(frames)
    if not parallel and all(frame.position is not None for frame in frames):
        return None
    step = _known(find_step(frames))
    places = _find_places(frames, step) if parallel else tuple(range(len(frames)))
    axes = find_affine(frames)[:3, [2, 0, 1]].T
    return Stack(
        samples=tuple(owners[frame] for frame in frames),
        places=places or tuple(range(len(frames))),
        depth=places[-1] + 1 if places else len(frames),
        step=step,
        even=bool(places),
        directions=_turn(axes) if parallel and len(frames) > 1 else None,
    )


def _find_places(frames: Sequence[Frame], step: float | None) -> tuple[int, ...]:
    """The number of each among all slices, missing ones too; none where they do not lie whole steps apart."""
    if step is None:
        return tuple(range(len(frames))) if len(frames) == 1 else ()
    steps = np.diff([frame.depth for frame in frames]) / step
    whole = np.rint(steps).astype(np.int64)
    if np.any(whole < 1) or np.any(np.abs(steps - whole) > _UNEVEN):
        return ()
    return (0, *np.cumsum(whole).tolist())


def _turn(axes: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """`(3, 3)` lines of length 1; None where one has none."""
    lengths = np.linalg.norm(axes, axis=1, keepdims=True)
    return axes / lengths if np.isfinite(lengths).all() and (lengths > 0).all() else None


def _known(step: float) -> float | None:
    return float(step) if step > 0 else None  # NaN is not
