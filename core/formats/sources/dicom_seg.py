"""DICOM images with DICOM segmentations; an image or a whole series is a sample."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec, FormatName
from core.domain.masks import LabelMask
from core.domain.scan import Problem, Sample
from core.errors import DatasetError, MaskError
from core.formats.sources.dicom_files import Frame, find_affine, find_step, read_frames
from core.formats.sources.dicom_index import DicomIndex, Series, index_dicom
from core.formats.sources.dicom_layers import read_frame_layers, stack_layers, unite
from core.formats.sources.dicom_pixels import bend, read_frame_pixels
from core.formats.sources.dicom_segments import (
    BACKGROUND_KEY,
    Segmentation,
    read_segmentation,
)
from core.formats.sources.planes import Plane
from core.formats.sources.protocol import Counted, SampleCounts
from core.formats.sources.slices import show, sum_counts
from core.formats.sources.units import CountUnit, count_units
from core.formats.sources.volumes import Volume


class DicomSegSource:
    """DICOM segmentations on the images that they were drawn on; segments may overlap."""

    name: FormatName = "dicom_seg"
    title = "DICOM images with DICOM segmentations"

    def find_samples(self, spec: DatasetSpec) -> tuple[list[Sample], list[Problem], int]:
        """The images of every segmented series, or the series; headers are read, pixels are not.

        Raises:
            DatasetError: A folder is missing, or there is no segmentation.
        """
        index = index_dicom(spec)
        problems = list(index.problems)
        if index.segmented:
            problems += _report_unused(index)
            samples = [sample for series in index.segmented for sample in _list_samples(series, spec)]
            total = len(samples) + sum(
                _count_samples(item, spec) for item in index.series if not item.segmentations
            )
            return sorted(samples, key=lambda sample: sample.id), problems, total
        if not index.alone:
            raise DatasetError(say_nothing_segmented(spec.root, index))
        samples = [sample for item in index.alone for sample in _list_alone(item, spec)]
        return samples, problems, len(samples)

    def count(
        self,
        spec: DatasetSpec,
        samples: Sequence[Sample],
        cache: Path | None,
        on_progress: Callable[[int, int], None],
        should_stop: Callable[[], bool],
    ) -> Counted:
        """Count the pixels of every segment; images are decoded too, so that damaged ones are found."""
        units = []
        for sample in samples:
            frames = _find_frames(spec, sample)
            files = [frame.file for frame in frames if sample.image is not None]
            units.append(
                CountUnit(
                    name=f"{sample.id} {spec.unit} {spec.threshold}",
                    files=tuple(dict.fromkeys(map(str, (*files, *(file for _, file in sample.masks))))),
                    samples=(sample,),
                    count=partial(_count, spec, sample, frames),
                )
            )
        return count_units([spec.root], units, cache, on_progress, should_stop)

    def overlapping(self, spec: DatasetSpec) -> bool:
        """Segments may overlap, in one file or between files; the scan measures whether they do."""
        del spec
        return True

    def propose_classes(self, spec: DatasetSpec, found: Sequence[str]) -> tuple[ClassSpec, ...]:
        """Each label of a segment is a class; what no segment covers is the background."""
        del spec
        return tuple(
            ClassSpec(key=key, name=key, role=ClassRole.BACKGROUND)
            if key == BACKGROUND_KEY
            else ClassSpec(key=key, name=key)
            for key in sorted(found, key=lambda key: (key != BACKGROUND_KEY, key))
        )

    def read_label(self, spec: DatasetSpec, classes: Sequence[ClassSpec], sample: Sample) -> LabelMask:
        """The segments on an image; of a series, on the image with most segmented pixels."""
        frame = _choose(spec, sample)
        return stack_layers(read_frame_layers(spec, sample, frame), classes, frame.shape)

    def read_display(
        self, spec: DatasetSpec, sample: Sample, longest: int | None = None
    ) -> NDArray[np.uint8]:
        """The image that `read_label` is about, in the window that its file asks for."""
        if sample.image is None:
            raise DatasetError(f"{sample.id} has no image; only its segmentation is known.")
        frame = _choose(spec, sample)
        found = read_frame_pixels(spec.root, frame.file, frame.number)
        return show(bend(found), found.window, longest)

    def read_pixels(self, spec: DatasetSpec, sample: Sample) -> NDArray[Any]:
        """One image after rescaling, in one type for all images that are stored alike; colours as RGB."""
        if sample.image is None:
            raise DatasetError(f"{sample.id} has no image; only its segmentation is known.")
        if spec.unit == "volume":
            raise DatasetError(f"{sample.id} is a whole series; read it as such, or open slices as samples.")
        (frame,) = _find_frames(spec, sample)
        return read_frame_pixels(spec.root, frame.file, frame.number).pixels

    def read_volume(self, spec: DatasetSpec, classes: tuple[ClassSpec, ...], sample: Sample) -> Volume:
        """A series, stacked along the normal of its slices.

        Raises:
            DatasetError: A file is missing or broken, segments overlap, or the images hold colours.
        """
        if sample.image is None:
            raise DatasetError(f"{sample.id} has no image; only its segmentation is known.")
        frames = _find_frames(spec, sample)
        pixels = [read_frame_pixels(spec.root, frame.file, frame.number).pixels for frame in frames]
        if pixels[0].ndim == 3:
            raise MaskError(f"{sample.id}: colour volumes are not written; open slices as samples instead.")
        labels = []
        for frame in frames:
            label = stack_layers(read_frame_layers(spec, sample, frame), classes, frame.shape)
            if label.stack().sum(axis=0).max(initial=0) > 1:
                raise MaskError(
                    f"{sample.id}: segments overlap on {frame.file}, a label volume has one number a voxel; "
                    "open slices as samples, which keep a mask for each class."
                )
            labels.append(label.index_map())
        return Volume(
            pixels=np.stack(pixels, axis=2)[..., None],
            positions=np.stack(labels, axis=2),
            plane=Plane((0, 1, 2), (False, False)),
            affine=find_affine(frames),
            spacing=(frames[0].spacing[0], frames[0].spacing[1], find_step(frames)),
        )


def say_nothing_segmented(root: Path, index: DicomIndex) -> str:
    """What is missing where no segmentation is there: a sentence."""
    count = sum(len(series.frames) for series in index.series)
    if not count:
        return (
            f"{root} holds no DICOM images and no DICOM segmentations that can be read; open another folder."
        )
    return (
        f"{root} holds {count:,} DICOM images, but no DICOM segmentation (SEG) that says what is on them. "
        "Put the SEG files into the folder, or open the folder of another dataset."
    )


def _list_samples(series: Series, spec: DatasetSpec) -> list[Sample]:
    masks = tuple(("", item.file) for item in series.segmentations)
    first = series.frames[0]
    if spec.unit == "volume":
        return [Sample(_name_series(series), first.file, masks, first.patient, series.uid)]
    return [
        Sample(_name_frame(frame), frame.file, masks, frame.patient, str(frame.number))
        for frame in series.frames
    ]


def _count_samples(series: Series, spec: DatasetSpec) -> int:
    return 1 if spec.unit == "volume" else len(series.frames)


def _list_alone(item: Segmentation, spec: DatasetSpec) -> list[Sample]:
    """Segmentations without their images: each place at which something lies, or the whole."""
    masks = (("", item.file),)
    planes = _distinct_planes(item)
    if spec.unit == "volume":
        return [Sample(str(item.file), None, masks, planes[0].patient, item.uid)]
    return [
        Sample(f"{item.file}#plane={place:03}", None, masks, plane.patient, str(plane.number))
        for place, plane in enumerate(planes)
    ]


def _distinct_planes(item: Segmentation) -> list[Frame]:
    planes = {round(frame.plane.depth, 3): frame.plane for frame in reversed(item.frames)}
    return [planes[depth] for depth in sorted(planes)]


def _name_frame(frame: Frame) -> str:
    return str(frame.file) if frame.frames == 1 else f"{frame.file}#frame={frame.number + 1:03}"


def _name_series(series: Series) -> str:
    """The folder of a series with its number, or its file where it has one only."""
    files = {frame.file for frame in series.frames}
    if len(files) == 1:
        return str(series.frames[0].file)
    # Numbers of series are for people and need not be unique; the hash is.
    mark = blake2b(series.uid.encode(), digest_size=3).hexdigest()
    return f"{series.frames[0].file.parent}#series={series.frames[0].series_number or 0}-{mark}"


def _find_frames(spec: DatasetSpec, sample: Sample) -> list[Frame]:
    """The image planes of a sample, in their order; of a segmentation without images, its own."""
    if sample.image is None:
        planes = _distinct_planes(read_segmentation(spec.root, sample.masks[0][1]))
        if spec.unit == "volume":
            return planes
        return [plane for plane in planes if str(plane.number) == sample.part]
    if spec.unit == "slice":
        return [read_frames(spec.root, sample.image)[int(sample.part)]]
    found = next((item for item in index_dicom(spec).series if item.uid == sample.part), None)
    if found is None:
        raise DatasetError(f"{sample.id}: the images of this series are gone; scan the dataset again.")
    return list(found.frames)


def _choose(spec: DatasetSpec, sample: Sample) -> Frame:
    """The one plane of a slice; of a series the one with most segmented pixels, else the middle one."""
    frames = _find_frames(spec, sample)
    if len(frames) == 1:
        return frames[0]
    covered = [int(unite(read_frame_layers(spec, sample, frame), frame.shape).sum()) for frame in frames]
    return frames[int(np.argmax(covered))] if any(covered) else frames[len(frames) // 2]


def _count(spec: DatasetSpec, sample: Sample, frames: Sequence[Frame]) -> list[SampleCounts]:
    content = blake2b(digest_size=16)
    counts: list[Mapping[str, int]] = []
    overlapping = False
    shape = frames[0].shape
    for frame in frames:
        if frame.shape != shape:
            raise DatasetError(f"{sample.id}: its slices differ in size; open slices as samples instead.")
        if sample.image is not None:
            read_frame_pixels(spec.root, frame.file, frame.number)
        layers = read_frame_layers(spec, sample, frame)
        for key in sorted(layers):
            content.update(repr((key, shape)).encode() + np.packbits(layers[key]).tobytes())
        content.update(b"|")
        covered = int(unite(layers, shape).sum())
        found = {key: int(layer.sum()) for key, layer in layers.items() if layer.any()}
        overlapping = overlapping or sum(found.values()) > covered
        counts.append({BACKGROUND_KEY: shape[0] * shape[1] - covered, **found})
    return [
        SampleCounts(
            sample=sample,
            height=shape[0],
            width=shape[1],
            pixels=sum_counts(counts),
            total=shape[0] * shape[1] * len(frames),
            digest=content.hexdigest(),
            depth=len(frames),
            spacing=(frames[0].spacing[0], frames[0].spacing[1], find_step(frames)),
            overlapping=overlapping,
        )
    ]


def _report_unused(index: DicomIndex) -> list[Problem]:
    problems = [
        Problem(
            str(item.file),
            "the images that this segmentation was drawn on are not here",
            "Add them, or open the folder of the segmentations alone.",
        )
        for item in index.alone
    ]
    for series in index.series:
        if not series.segmentations:
            text = f"no segmentation belongs to this series of {len(series.frames)}"
            problems.append(
                Problem(str(series.frames[0].file), text, "Add its segmentation, or leave it out.")
            )
    return problems
