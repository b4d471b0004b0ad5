"""From the answers to everything known of a dataset: one call, whatever the format."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.masks import LabelMask
from core.domain.scan import Problem, Sample, ScannedDataset
from core.errors import DatasetError
from core.formats.folders.listing import is_dicom_name
from core.formats.folders.pairing import find_samples as find_pairs
from core.formats.group_names import apply_groups
from core.formats.group_pattern import build_group_finder
from core.formats.labels.label_lists import scan_label_lists
from core.formats.labels.label_tables import scan_label_table
from core.formats.labels.picture_labels import find_labelled_pictures, scan_picture_labels
from core.formats.masks.registry import read_mask
from core.formats.pixels.images import read_display as read_picture_display
from core.formats.resting import resting_collector
from core.formats.scanning.scan import scan
from core.formats.sources.dicom_pictures import read_dicom_display, read_dicom_pixels
from core.formats.sources.registry import SOURCES, VOLUME_SOURCES
from core.formats.sources.tabulating import tabulate
from core.formats.sources.volumes import Volume
from core.workspace.guarded import READABLE, check_readable


def scan_dataset(
    spec: DatasetSpec,
    cache: Path | None,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ScannedDataset:
    """Read a dataset as its answers say; every sample knows its group.

    Args:
        spec: The answers.
        cache: Where raw counts are kept between scans; None keeps nothing.
        on_progress: Told (files done, files in all).
        should_stop: Asked between files.

    Raises:
        DatasetError: the root is gone, or nothing in it fits the answers.
        CancelledError: `should_stop` said so; what was read is in the cache.
    """
    if spec.has_masks:
        return apply_groups(_scan_format(spec, cache, on_progress, should_stop))
    with resting_collector():  # a table may have a million rows
        return apply_groups(_scan_format(spec, cache, on_progress, should_stop))


def _scan_format(
    spec: DatasetSpec,
    cache: Path | None,
    on_progress: Callable[[int, int], None] | None,
    should_stop: Callable[[], bool] | None,
) -> ScannedDataset:
    if spec.format == "label_table":
        return scan_label_table(spec, on_progress, should_stop)
    if spec.format == "label_lists":
        return scan_label_lists(spec)
    if not spec.has_masks:
        return scan_picture_labels(spec, cache, on_progress, should_stop)
    samples, problems, images = find_samples(spec)
    return scan_samples(spec, samples, problems, images, cache, on_progress, should_stop)


def find_samples(spec: DatasetSpec) -> tuple[list[Sample], list[Problem], int]:
    """All samples without counting their pixels, what cannot be used, and the images in all.

    Raises:
        DatasetError: The folders cannot be read, nothing in them fits the answers, or the group pattern is no
            regular expression.
    """
    build_group_finder(spec.group_pattern)  # refused now rather than after all masks are read
    if spec.format in SOURCES:
        return SOURCES[spec.format].find_samples(spec)
    if not spec.has_masks:
        found = find_labelled_pictures(spec)
        return list(found.samples), list(found.problems), found.images
    return find_pairs(spec)


def scan_samples(
    spec: DatasetSpec,
    samples: Sequence[Sample],
    problems: Sequence[Problem] = (),
    images: int | None = None,
    cache: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ScannedDataset:
    """Count all samples of a dataset, or a few of them for a preview.

    Raises:
        DatasetError: The spec's classes break a rule of its format.
        CancelledError: `should_stop` said so; what was read is in the cache.
    """
    source = SOURCES.get(spec.format)
    total = len(samples) if images is None else images
    if source is None:
        return scan(spec, samples, problems, cache, on_progress, should_stop, images=total)
    counted = source.count(spec, samples, cache, on_progress or _ignore, should_stop or _never)
    return tabulate(spec, source, counted.samples, (*problems, *counted.problems), total)


def read_label(spec: DatasetSpec, classes: Sequence[ClassSpec], sample: Sample) -> LabelMask:
    """The label mask of one sample, whatever the format.

    Raises:
        DatasetError: A file is missing, broken, or not of the size of the others.
    """
    source = SOURCES.get(spec.format)
    return source.read_label(spec, classes, sample) if source else read_mask(spec, classes, sample)


def read_display(spec: DatasetSpec, sample: Sample, longest: int | None = None) -> NDArray[np.uint8]:
    """`(H, W, 3)` uint8 of a sample's image, whatever the format.

    Raises:
        DatasetError: There is no image, or it is missing or broken.
    """
    source = SOURCES.get(spec.format)
    if source is not None:
        return source.read_display(spec, sample, longest)
    if sample.image is None:
        raise DatasetError(f"{sample.id} has no image; only its mask is known.")
    check_readable(spec.root / sample.image, spec.root)
    if is_dicom_name(sample.image.name):
        return read_dicom_display(spec.root, sample.image, longest)
    return read_picture_display(spec.root / sample.image, longest)


def read_pixels(spec: DatasetSpec, sample: Sample) -> NDArray[Any]:
    """`(H, W)` or `(H, W, bands)` of a sample whose image file is no picture: a slice, a DICOM image.

    Raises:
        DatasetError: A file is missing or broken, or the sample is a whole volume.
    """
    source = SOURCES.get(spec.format)
    if source is None and sample.image is not None and is_dicom_name(sample.image.name):
        return read_dicom_pixels(spec.root, sample.image)
    if source is None:
        raise DatasetError(f"{sample.id}: the image is no picture; replace it by one of {READABLE}.")
    return source.read_pixels(spec, sample)


def holds_volumes(spec: DatasetSpec) -> bool:
    """Whether a sample is a whole volume."""
    return spec.unit == "volume" and spec.format in VOLUME_SOURCES


def read_volume(spec: DatasetSpec, classes: tuple[ClassSpec, ...], sample: Sample) -> Volume:
    """A whole volume with its classes, of a dataset that `holds_volumes`.

    Raises:
        DatasetError: A file is missing or broken, or classes overlap.
    """
    return VOLUME_SOURCES[spec.format].read_volume(spec, classes, sample)


def _ignore(done: int, total: int) -> None:
    """Report to nobody."""


def _never() -> bool:
    return False
