"""NIfTI: volumes with label volumes beside them; a volume or each of its slices is a sample."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec, FormatName
from core.domain.masks import LabelMask
from core.domain.scan import Problem, Sample
from core.errors import AppError, DatasetError, MaskError
from core.formats.folders.pairing import find_samples as find_pairs
from core.formats.sources.nifti_files import (
    VolumeHeader,
    find_channels,
    find_shift,
    read_header,
    read_label_voxels,
    read_voxels,
)
from core.formats.sources.planes import Plane
from core.formats.sources.protocol import Counted, SampleCounts
from core.formats.sources.recent import RecentReads
from core.formats.sources.slices import (
    Stack,
    count_values,
    digest,
    fill_gaps,
    find_fullest,
    find_positions,
    find_window,
    fit_depth,
    name_slices,
    show,
    sum_counts,
)
from core.formats.sources.tabulating import find_unknown
from core.formats.sources.units import CountUnit, count_units
from core.formats.sources.volumes import Volume
from core.formats.wording import describe_error

_KEPT_BYTES = 512 << 20
_SHIFT = 0.1  # voxel sides by which headers may disagree: they round differently
_BACKGROUND = "0"


@dataclass(frozen=True, slots=True)
class _Pair:
    """One label volume and its image, with their headers checked."""

    sample: Sample
    image: tuple[PurePosixPath, ...]
    label: PurePosixPath
    header: VolumeHeader  # of the image; of the label where there is none
    label_header: VolumeHeader

    @property
    def plane(self) -> Plane:
        return self.header.plane

    @property
    def depth(self) -> int:
        return self.header.shape[self.plane.axes[2]]


class NiftiSource:
    """Label volumes of one number a class, beside volumes of the same shape."""

    name: FormatName = "nifti"
    title = "NIfTI volumes: one number a class"

    def __init__(self) -> None:
        self._labels: RecentReads[NDArray[np.int32]] = RecentReads(_KEPT_BYTES, lambda kept: kept.nbytes)
        self._stacks: RecentReads[Stack] = RecentReads(_KEPT_BYTES, lambda kept: kept.nbytes)

    def find_samples(self, spec: DatasetSpec) -> tuple[list[Sample], list[Problem], int]:
        """The volumes of a dataset, or their slices; headers are read, voxels are not.

        Of a volume that cannot be used nobody knows the slices, so it counts as one image.

        Raises:
            DatasetError: A folder is missing, or no name fits the rule.
        """
        pairs, problems, count = find_pairs(spec)
        samples: list[Sample] = []
        usable = 0
        for sample in pairs:
            try:
                pair = _check_pair(spec.root, sample)
            except AppError as error:
                problems.append(describe_error(str(sample.masks[0][1]), str(error)))
                continue
            usable += 1
            problems += _find_doubts(pair)
            samples += [pair.sample] if spec.unit == "volume" else _cut(pair)
        return samples, problems, count - usable + len(samples)

    def count(
        self,
        spec: DatasetSpec,
        samples: Sequence[Sample],
        cache: Path | None,
        on_progress: Callable[[int, int], None],
        should_stop: Callable[[], bool],
    ) -> Counted:
        """Count the voxels of every class; images are read whole too, so that damaged ones are found."""
        by_label: dict[PurePosixPath, list[Sample]] = {}
        for sample in samples:
            by_label.setdefault(sample.masks[0][1], []).append(sample)
        units = [
            CountUnit(
                name=f"{label} {spec.unit} {','.join(item.part for item in group)}",
                files=tuple(str(file) for file in (label, *_channels(spec.root, group[0]))),
                samples=tuple(group),
                count=partial(_count_volume, spec.root, group),
            )
            for label, group in by_label.items()
        ]
        counted = count_units([spec.root], units, cache, on_progress, should_stop)
        return replace(counted, problems=(*counted.problems, *find_unknown(spec, counted.samples)))

    def overlapping(self, spec: DatasetSpec) -> bool:
        """A voxel has one number."""
        del spec
        return False

    def propose_classes(self, spec: DatasetSpec, found: Sequence[str]) -> tuple[ClassSpec, ...]:
        """Each number is a class; 0 is the background, as in every tool that writes label volumes."""
        del spec
        numbers = sorted(found, key=int)
        return tuple(
            ClassSpec(key=key, name="background", role=ClassRole.BACKGROUND)
            if key == _BACKGROUND
            else ClassSpec(key=key, name=f"class {key}")
            for key in numbers
        )

    def read_label(self, spec: DatasetSpec, classes: Sequence[ClassSpec], sample: Sample) -> LabelMask:
        """The label of a slice; of a volume, of the slice with most labelled pixels."""
        numbers = self.read_label_stack(spec, sample)
        number = self._choose(spec, sample, numbers)
        return LabelMask(find_positions(numbers[:, :, number], classes), len(classes))

    def read_display(
        self, spec: DatasetSpec, sample: Sample, longest: int | None = None
    ) -> NDArray[np.uint8]:
        """The slice that `read_label` gives, windowed as the whole volume is."""
        number = self._choose(spec, sample, self.read_label_stack(spec, sample))
        stack = self.read_stack(spec, sample)
        return show(stack.pixels[:, :, number], stack.window, longest)

    def read_pixels(self, spec: DatasetSpec, sample: Sample) -> NDArray[Any]:
        """One slice, its channels as bands: uint16 or int16 where its volume fits, else float32."""
        if not sample.part:
            raise DatasetError(f"{sample.id} is a whole volume; read it as such, or open slices as samples.")
        return np.ascontiguousarray(self.read_stack(spec, sample).pixels[:, :, int(sample.part)])

    def read_label_stack(self, spec: DatasetSpec, sample: Sample) -> NDArray[np.int32]:
        """`(H, W, D)` class numbers of the volume of a sample."""
        pair = _check_pair(spec.root, sample)
        stored = self._labels.get(
            spec.root / pair.label, partial(read_label_voxels, spec.root, pair.label, pair.label_header)
        )
        return pair.plane.face(stored)

    def read_stack(self, spec: DatasetSpec, sample: Sample) -> Stack:
        """The image of the volume of a sample."""
        pair = _check_pair(spec.root, sample)
        if not pair.image:
            raise DatasetError(f"{sample.id} has no image; only its label is known.")
        return self._stacks.get(
            spec.root / pair.image[0], partial(_read_stack, spec.root, pair), *map(str, pair.image)
        )

    def read_volume(self, spec: DatasetSpec, classes: tuple[ClassSpec, ...], sample: Sample) -> Volume:
        """A volume as it is stored; its channels are bands.

        Raises:
            DatasetError: A file is missing or broken, or the volume holds colours.
        """
        pair = _check_pair(spec.root, sample)
        if pair.header.is_colour:
            raise MaskError(f"{pair.image[0]}: colour volumes are not written; save it with grey values.")
        pixels = self.read_stack(spec, sample).pixels
        return Volume(
            pixels=pixels if pixels.ndim == 4 else pixels[..., None],
            positions=find_positions(self.read_label_stack(spec, sample), classes),
            plane=pair.plane,
            affine=pair.header.affine,
            spacing=pair.header.spacing,
            files=pair.image,
            label=pair.label,
        )

    def _choose(self, spec: DatasetSpec, sample: Sample, numbers: NDArray[np.int32]) -> int:
        if sample.part:
            return int(sample.part)
        labelled = numbers != 0
        for key in spec.void:
            if key.lstrip("-").isdigit():
                labelled &= numbers != int(key)
        return find_fullest(labelled)


def _check_pair(root: Path, sample: Sample) -> _Pair:
    """Read the headers of a label and its image.

    Raises:
        DatasetError: One cannot be read, or they are not of one shape.
    """
    label = sample.masks[0][1]
    label_header = read_header(root, label)
    if label_header.is_colour:
        raise MaskError(f"{label}: the label holds colours; save it with one whole number a class.")
    channels = _channels(root, sample)
    headers = [read_header(root, file) for file in channels]
    for file, header in zip(channels, headers, strict=True):
        if header.shape != label_header.shape:
            raise MaskError(
                f"{label}: the label has {_say_shape(label_header)} voxels, its image {file} "
                f"{_say_shape(header)}; resample the label to the image."
            )
    return _Pair(sample, tuple(channels), label, headers[0] if headers else label_header, label_header)


def _channels(root: Path, sample: Sample) -> list[PurePosixPath]:
    return find_channels(root, sample.image) if sample.image is not None else []


def _cut(pair: _Pair) -> list[Sample]:
    """The slices of a volume; they are one group, that of the volume where the pattern names none."""
    group = pair.sample.group or pair.sample.id
    return [
        replace(pair.sample, id=name, part=str(number), group=group)
        for number, name in enumerate(name_slices(pair.sample.id, pair.depth))
    ]


def _find_doubts(pair: _Pair) -> list[Problem]:
    shift = find_shift(pair.header, pair.label_header)
    if shift <= _SHIFT:
        return []
    text = f"its header places voxels up to {shift:.3g} voxel sides away from those of its image"
    step = "It is used, voxel by voxel; look whether it lies right on the image."
    return [Problem(str(pair.label), text, step)]


def _count_volume(root: Path, samples: Sequence[Sample]) -> list[SampleCounts]:
    pair = _check_pair(root, samples[0])
    for file in pair.image:
        voxels = read_voxels(root, file, read_header(root, file))
        if voxels.dtype.kind == "f" and not np.isfinite(voxels).any():
            raise MaskError(f"{file}: the image holds no number at all, only NaN; export it again.")
    numbers = pair.plane.face(read_label_voxels(root, pair.label, pair.label_header))
    height, width, depth = numbers.shape
    spacing = pair.plane.order(pair.header.spacing)
    by_slice = [count_values(numbers[:, :, z], str(pair.label)) for z in range(depth)]
    digests = [digest(numbers[:, :, z]) for z in range(depth)]
    if not samples[0].part:
        pixels = sum_counts(by_slice)
        content = blake2b("".join(digests).encode(), digest_size=16).hexdigest()
        return [SampleCounts(samples[0], height, width, pixels, numbers.size, content, depth, spacing)]
    return [
        SampleCounts(
            sample=sample,
            height=height,
            width=width,
            pixels=by_slice[int(sample.part)],
            total=height * width,
            digest=digests[int(sample.part)],
            spacing=spacing,
        )
        for sample in samples
    ]


def _read_stack(root: Path, pair: _Pair) -> Stack:
    if pair.header.is_colour:
        return Stack(pair.plane.face(read_voxels(root, pair.image[0], pair.header)), None)
    bands = [fill_gaps(read_voxels(root, file, read_header(root, file))) for file in pair.image]
    window = find_window(bands[0])
    faced = [pair.plane.face(fit_depth(band)) for band in bands]
    return Stack(faced[0] if len(faced) == 1 else np.stack(faced, axis=-1), window)


def _say_shape(header: VolumeHeader) -> str:
    return " x ".join(map(str, header.shape))
