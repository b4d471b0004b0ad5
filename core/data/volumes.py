"""Whole volumes and their duplicates: every slice is deformed alike, so that the volume stays one."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray

from core.data.copies import MAX_TRIES, SourceDataset
from core.data.entries import Kind
from core.domain.augmentation import AugmentationSpec
from core.domain.scan import Sample
from core.formats.sources.volumes import Volume
from core.formats.whole import read_volume

_BLOCK = 64  # slices that are moved at once; OpenCV takes 512 bands at most

Change = Callable[
    [NDArray[Any], list[NDArray[Any]], AugmentationSpec, int], tuple[NDArray[Any], list[NDArray[Any]]]
]


@dataclass(frozen=True)  # no slots: what is read is kept in __dict__
class VolumeSample:
    """One volume of the dataset, read when it is first asked for, once."""

    dataset: SourceDataset
    sample: Sample

    @cached_property
    def volume(self) -> Volume:
        """Its voxels and classes.

        Raises:
            DatasetError: A file is missing, damaged, or cannot be written as one volume.
        """
        return read_volume(self.dataset.spec, self.dataset.classes, self.sample)


@dataclass(frozen=True, slots=True)
class DrawnVolume:
    """One duplicate; the fields are those of `core.data.copies.Drawn`."""

    volume: Volume
    seed: int
    kind: Kind
    tries: int


def draw_volume(source: VolumeSample, spec: AugmentationSpec, base_seed: int, copy: int) -> DrawnVolume:
    """Draw one duplicate; one that has lost a class is drawn again, at last only flipped.

    Args:
        source: The volume.
        spec: The augmentation; in the plane of the slices, the same in each.
        base_seed: The plan's seed.
        copy: Which duplicate; seeds differ from one to the next.

    Raises:
        DatasetError: A file of the volume cannot be read.
    """
    # albumentations takes seconds to load, which a process that only leads others can do without.
    from core.data.augmentation import augment, compute_seed, flip_only

    wanted = np.unique(source.volume.positions)
    for attempt in range(MAX_TRIES):
        seed = compute_seed(base_seed, source.sample.id, copy, attempt)
        drawn = change_slices(source.volume, augment, spec, seed)
        if np.isin(wanted[wanted >= 0], drawn.positions).all():
            return DrawnVolume(drawn, seed, "augmented", attempt + 1)
    seed = compute_seed(base_seed, source.sample.id, copy, MAX_TRIES)
    return DrawnVolume(change_slices(source.volume, flip_only, spec, seed), seed, "flipped", MAX_TRIES + 1)


def change_slices(volume: Volume, change: Change, spec: AugmentationSpec, seed: int) -> Volume:
    """Change all slices by one seed: equal sizes and seeds give equal displacements and flips."""
    height, width, depth, bands = volume.pixels.shape
    pixels, positions = np.empty_like(volume.pixels), np.empty_like(volume.positions)
    for start in range(0, depth, _BLOCK):
        block = slice(start, start + _BLOCK)
        flat = np.ascontiguousarray(volume.pixels[:, :, block]).reshape(height, width, -1)
        moved, (labels,) = change(flat, [np.ascontiguousarray(volume.positions[:, :, block])], spec, seed)
        pixels[:, :, block] = moved.reshape(height, width, -1, bands)
        positions[:, :, block] = labels
    return replace(volume, pixels=pixels, positions=positions, files=(), label=None)


def encode_volume(faced: NDArray[Any], volume: Volume) -> bytes:
    """The bytes of a `.nii.gz` file, with the affine and the spacing of a volume.

    Args:
        faced: `(H, W, D)` upright slices.
        volume: Where they lie.
    """
    build: Any = nibabel.Nifti1Image  # not typed
    image = build(np.asfortranarray(volume.plane.unface(faced)), volume.affine)
    sides = np.linalg.norm(volume.affine[:3, :3], axis=0)
    known = [side if side > 0 else other for side, other in zip(volume.spacing, sides, strict=True)]
    image.header.set_zooms(known)
    image.header.set_xyzt_units("mm")
    return gzip.compress(image.to_bytes(), 6, mtime=0)
