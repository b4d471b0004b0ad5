"""One source sample and its duplicates, each drawn by its own seed without losing a class."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.entries import Kind
from core.data.mask_files import StoredMask, read_stored_mask
from core.data.pictures import Picture, read_picture, wrap_pixels
from core.domain.augmentation import AugmentationSpec
from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.masks import VOID_POSITION, LabelMask
from core.domain.scan import Sample, ScannedDataset
from core.errors import DatasetError, MaskError
from core.formats.folders.listing import is_picture
from core.formats.masks.registry import mask_roots
from core.formats.whole import read_label, read_pixels
from core.workspace.guarded import FolderGuard

# An elastic transform that loses a lesion of a few pixels once seldom loses it again; five in a row means
# that the lesion lies at the very border.
MAX_TRIES = 5


@dataclass(frozen=True, slots=True)
class SourceDataset:
    """What is needed of a scanned dataset to read its samples again.

    Attributes:
        spec: The answers, with the threshold of the whole set.
        classes: The C classes whose positions label masks hold.
        overlapping: Whether one pixel may hold several classes.
    """

    spec: DatasetSpec
    classes: tuple[ClassSpec, ...]
    overlapping: bool


def describe_source(dataset: ScannedDataset) -> SourceDataset:
    """The part of a scan that reading a sample needs."""
    spec = dataset.spec.model_copy(update={"threshold": dataset.threshold})
    return SourceDataset(spec, dataset.classes, dataset.overlapping)


def read_source_label(dataset: SourceDataset, sample: Sample) -> LabelMask:
    """The label mask of one sample, in layers only where classes of the dataset do overlap.

    Raises:
        DatasetError: A mask is missing or damaged.
    """
    label = read_label(dataset.spec, dataset.classes, sample)
    if label.overlapping and not dataset.overlapping:  # layers, no two of which share a pixel
        return LabelMask(label.index_map(), label.class_count)
    return label


@dataclass(frozen=True)  # no slots: what is read is kept in __dict__
class SourceSample:
    """One sample of the dataset; its files are read when they are first asked for, once."""

    dataset: SourceDataset
    sample: Sample

    @cached_property
    def image_path(self) -> Path:
        """The image file, checked to lie inside the dataset.

        Raises:
            DatasetError: There is none, or it may not be read.
        """
        if self.sample.image is None:
            beside = "mask" if self.dataset.spec.has_masks else "labels"
            raise DatasetError(
                f"{self.sample.id}: there is no image beside the {beside}; add it and scan again."
            )
        return self._check(self.sample.image)

    @property
    def is_file(self) -> bool:
        """Whether the image is a picture file of its own, which can be linked; slices and DICOM are not."""
        return self.sample.image is not None and is_picture(self.sample.image.name)

    @cached_property
    def picture(self) -> Picture:
        """The image.

        Raises:
            DatasetError: The file is missing, damaged, or no image.
        """
        path = self.image_path
        return (
            read_picture(path) if self.is_file else wrap_pixels(read_pixels(self.dataset.spec, self.sample))
        )

    @cached_property
    def label(self) -> LabelMask:
        """Its classes, as the scan has counted them; no pixel has one where the labels are of whole images.

        Raises:
            DatasetError: A mask is missing, damaged, or not of the size of the image.
        """
        if not self.dataset.spec.has_masks:
            nothing = np.full(self.picture.pixels.shape[:2], VOID_POSITION, dtype=np.int16)
            return LabelMask(nothing, len(self.dataset.classes))
        label = read_source_label(self.dataset, self.sample)
        height, width = self.picture.pixels.shape[:2]
        if label.shape != (height, width):
            raise MaskError(
                f"{self.sample.id}: the mask is {label.shape[1]} x {label.shape[0]} pixels, its image "
                f"{width} x {height}; save both alike and scan again."
            )
        return label

    def mask_paths(self) -> list[tuple[str, Path]]:
        """Class key and file of each mask, checked to lie inside the dataset."""
        return [(key, self._check(file)) for key, file in self.sample.masks]

    @cached_property
    def stored_masks(self) -> tuple[StoredMask, ...]:
        """The masks as they are stored; PNG only."""
        return tuple(read_stored_mask(path, key) for key, path in self.mask_paths())

    def _check(self, file: PurePosixPath) -> Path:
        path = self.dataset.spec.root / file
        FolderGuard(mask_roots(self.dataset.spec)).check(path)
        return path


@dataclass(frozen=True, slots=True)
class Drawn:
    """One duplicate.

    Attributes:
        picture: Its image.
        label: Its classes.
        stored: The pixels of its masks as they are stored, in the order of the source; empty unless asked
            for.
        seed: What it was drawn with; `augment` (`flip_only` where flipped) gives the same again.
        kind: `augmented`, or `flipped` where every try lost a class.
        tries: How many draws that took, 1 at best.
    """

    picture: Picture
    label: LabelMask
    stored: tuple[NDArray[Any], ...]
    seed: int
    kind: Kind
    tries: int


def draw_copy(
    source: SourceSample, spec: AugmentationSpec, base_seed: int, copy: int, with_stored: bool = False
) -> Drawn:
    """Draw one duplicate; one that has lost a class of its source is drawn again, at last only flipped.

    Args:
        source: The sample.
        spec: The augmentation.
        base_seed: The plan's seed.
        copy: Which duplicate; seeds differ from one to the next.
        with_stored: Whether the masks as stored are wanted too.

    Raises:
        DatasetError: A file of the sample cannot be read, or its pixels cannot be deformed.
    """
    from core.data.augmentation import compute_seed  # see _apply

    wanted = find_present(source.label)
    for attempt in range(MAX_TRIES):
        seed = compute_seed(base_seed, source.sample.id, copy, attempt)
        drawn = _apply("augmented", source, spec, seed, attempt + 1, with_stored)
        if not (wanted & ~find_present(drawn.label)).any():
            return drawn
    seed = compute_seed(base_seed, source.sample.id, copy, MAX_TRIES)
    return _apply("flipped", source, spec, seed, MAX_TRIES + 1, with_stored)


def find_present(label: LabelMask) -> NDArray[np.bool_]:
    """`(C,)` bool: which classes occur."""
    if label.overlapping:
        return np.asarray(label.pixels.any(axis=(1, 2)))
    counts = np.bincount(label.pixels.ravel().astype(np.int64) + 1, minlength=label.class_count + 1)
    return counts[1:] > 0


def _apply(
    kind: Kind, source: SourceSample, spec: AugmentationSpec, seed: int, tries: int, with_stored: bool
) -> Drawn:
    # albumentations takes seconds to load, which a process that only leads others can do without.
    from core.data.augmentation import augment, flip_only

    change = augment if kind == "augmented" else flip_only
    layers = split_label(source.label)
    stored = [mask.pixels for mask in source.stored_masks] if with_stored else []
    pixels, masks = change(source.picture.pixels, [*layers, *stored], spec, seed)
    return Drawn(
        picture=source.picture.with_pixels(pixels),
        label=join_label(masks[: len(layers)], source.label),
        stored=tuple(masks[len(layers) :]),
        seed=seed,
        kind=kind,
        tries=tries,
    )


def split_label(label: LabelMask) -> list[NDArray[Any]]:
    """The label mask as arrays that can be deformed: one, or a layer a class."""
    if not label.overlapping:
        return [label.pixels]
    return list(label.pixels)


def join_label(layers: Sequence[NDArray[Any]], like: LabelMask) -> LabelMask:
    """The label mask of the arrays that `split_label` gave."""
    return LabelMask(np.stack(layers) if like.overlapping else layers[0], like.class_count)
