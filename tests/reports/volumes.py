"""Reviews of volumes: predictions are the references, written as a run would have written them."""

from pathlib import Path

import nibabel
import numpy as np

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.scan import ScannedDataset
from core.reviews.opening import Review
from core.services import datasets
from tests.reports.sets import open_run_review
from tests.services.reviews.runs import write_predicted_run

NUMBERED = (
    ClassSpec(key="0", name="background", role="background"),
    ClassSpec(key="1", name="anterior"),
    ClassSpec(key="3", name="posterior"),
)


def write_volumes(root: Path, count: int = 1) -> None:
    """Volumes of 5 x 6 x 4 voxels that lie askew, with the classes 1 and 3."""
    affine = np.array([[0, -2.0, 0, 7], [1.5, 0, 0.1, -3], [0, 0, 3.0, 11], [0, 0, 0, 1]])
    for kind in ("images", "labels"):
        (root / kind).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(count):
        labels = np.zeros((5, 6, 4), np.uint8)
        labels[1, 2, :], labels[3, 1:5, 1] = 1, 3
        image = nibabel.Nifti1Image(rng.integers(0, 99, labels.shape).astype(np.int16), affine)
        image.header.set_xyzt_units("mm")
        nibabel.save(image, root / f"images/case{number}.nii.gz")
        nibabel.save(nibabel.Nifti1Image(labels, affine), root / f"labels/case{number}.nii.gz")


def open_volumes(root: Path, classes: tuple[ClassSpec, ...] = NUMBERED) -> tuple[ScannedDataset, Review]:
    """A review of the slices of a folder of volumes."""
    folders = (FolderPair(images="images", masks="labels"),)
    spec = DatasetSpec(name="volumes", root=root, format="nifti", folders=folders, classes=classes)
    datasets.keep(spec)
    dataset = datasets.scan_now(spec)
    return dataset, open_run_review(write_predicted_run(dataset, shift=0).id)
