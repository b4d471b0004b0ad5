"""Small NIfTI volumes made in the tests."""

import gzip
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray

from core.domain.dataset import DatasetSpec, FolderPair, SampleUnit

RAS = np.diag([1.0, 1.0, 1.0, 1.0])


def write_nifti(
    path: Path, voxels: NDArray[Any], affine: NDArray[np.float64] = RAS, unit: str = "mm"
) -> Path:
    """Write a volume; `.gz` files are packed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nibabel.Nifti1Image(voxels, affine)
    image.header.set_xyzt_units(unit)
    path.write_bytes(gzip.compress(image.to_bytes()) if path.suffix == ".gz" else image.to_bytes())
    return path


def make_label(shape: tuple[int, int, int] = (5, 6, 4)) -> NDArray[np.uint8]:
    """0 but for a bar of 1 in all slices from the second on, and one voxel of 2 in the last."""
    label = np.zeros(shape, np.uint8)
    label[1, 2:4, 1:] = 1
    label[4, 5, -1] = 2
    return label


def make_image(shape: tuple[int, int, int] = (5, 6, 4)) -> NDArray[np.int16]:
    """Rising numbers, each voxel its own."""
    return np.arange(int(np.prod(shape)), dtype=np.int16).reshape(shape)


def write_pair(root: Path, name: str = "case_1", **of_label: Any) -> None:
    """An image and its label in `images` and `labels`."""
    write_nifti(root / f"images/{name}.nii.gz", make_image())
    write_nifti(root / f"labels/{name}.nii.gz", make_label(), **of_label)


def spec_of(root: Path, unit: SampleUnit = "slice", **fields: Any) -> DatasetSpec:
    """The answers for `images` and `labels` below a folder."""
    folders = (FolderPair(images="images", masks="labels"),)
    return DatasetSpec(name="volumes", root=root, format="nifti", folders=folders, unit=unit, **fields)
