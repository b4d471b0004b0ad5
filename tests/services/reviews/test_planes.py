"""Three planes through the volume of a case."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.masks import LabelMask
from core.errors import ReviewError
from core.formats.whole import find_samples
from core.inference.predictions import Prediction, PredictionClasses, write_classes, write_prediction
from core.inference.sources import KeptPredictions, PredictionSource, SourceFolder, SourceSample
from core.reviews.mask_files import digest_mask
from core.services.reviews.pictures import Shown
from core.services.reviews.planes import PlanePicture, PlaneWish, build_planes
from core.services.reviews.volumes import find_slices

CLASSES = (ClassSpec(key="0", name="background", role="background"), ClassSpec(key="1", name="tumour"))
NAMES = ("background", "tumour")
SHAPE = (12, 10, 6)  # columns from right to left, rows from back to front, slices from feet to head
SPACING = (0.5, 0.75, 3.0)


@pytest.fixture
def voxels() -> np.ndarray:
    return np.random.default_rng(5).integers(-1000, 1000, SHAPE).astype(np.int16)


@pytest.fixture
def source(tmp_path: Path, voxels: np.ndarray) -> KeptPredictions:
    root = tmp_path / "set"
    affine = np.diag([*SPACING, 1.0])
    for folder in ("images", "labels"):
        (root / folder).mkdir(parents=True)
    for name in ("a", "b"):
        nib.save(nib.Nifti1Image(voxels, affine), root / "images" / f"{name}.nii.gz")
        nib.save(nib.Nifti1Image((voxels > 0).astype(np.uint8), affine), root / "labels" / f"{name}.nii.gz")
    folders = (FolderPair(images="images", masks="labels"),)
    spec = DatasetSpec(name="volumes", root=root, format="nifti", folders=folders, classes=CLASSES)
    return keep(spec, tmp_path / "kept")


def keep(spec: DatasetSpec, folder: Path) -> KeptPredictions:
    """Predictions that are all tumour in even slices, and nothing in odd ones."""
    samples, _, _ = find_samples(spec)
    rows, columns = 10, 12
    write_classes(folder, PredictionClasses(names=("background", "tumour"), head="multiclass"))
    flat = np.zeros((rows, columns), np.float32)
    for position, sample in enumerate(samples):
        mask = np.full((rows, columns), int(sample.part) % 2 == 0, np.int16)
        write_prediction(folder, position, Prediction(LabelMask(mask, 2), flat, flat))
    kept = tuple(
        SourceSample(
            position=position, name=sample.id, stem=sample.id, sample=sample, group=sample.group,
            height=rows, width=columns, confidence=1.0, spacing=(SPACING[1], SPACING[0]),
        )
        for position, sample in enumerate(samples)
    )  # fmt: skip
    source = PredictionSource(
        run="r", title="t", classes=CLASSES, dataset=spec, dataset_classes=CLASSES, samples=kept
    )
    return KeptPredictions(SourceFolder(folder), source)


def hashes(source: KeptPredictions, positions: Iterable[int]) -> dict[int, str]:
    """Of predictions that may be seen."""
    return {place: digest_mask(source.read_prediction(place).mask, NAMES) for place in positions}


def numbers(picture: PlanePicture) -> np.ndarray:
    stored = np.asarray(Image.open(BytesIO(picture.image))).astype(float)
    return picture.grey.first + picture.grey.step * stored


def test_the_slices_of_a_volume_are_one_row_from_head_to_feet(source: KeptPredictions) -> None:
    row = find_slices(source, 2)
    assert row is not None
    assert row.positions == (5, 4, 3, 2, 1, 0)
    assert (row.sizes, row.describe(2).own, row.describe(2).missing) == ((6, 10, 12), 3, ())
    assert row.step == pytest.approx(3.0)
    other = find_slices(source, 8)
    assert other is not None
    assert other.positions == (11, 10, 9, 8, 7, 6)


def test_planes_are_lettered_where_the_file_says_how_the_patient_lies(
    source: KeptPredictions, voxels: np.ndarray
) -> None:
    row = find_slices(source, 2)
    assert row is not None
    assert [plane.title for plane in row.planes] == ["Axial, as scanned", "Coronal", "Sagittal"]
    assert row.planes[0].letters == ("R", "A", "L", "P")
    spec = source.source.dataset
    assert spec is not None
    nib.save(nib.Nifti1Image(voxels, None), spec.root / "images/b.nii.gz")  # neither sform nor qform
    silent = find_slices(source, 8)
    assert silent is not None
    assert silent.positions == (6, 7, 8, 9, 10, 11)
    assert [plane.title for plane in silent.planes] == ["As scanned", "Across rows", "Across columns"]
    assert {plane.letters for plane in silent.planes} == {("", "", "", "")}


def test_every_plane_shows_the_voxels_that_it_cuts(source: KeptPredictions, voxels: np.ndarray) -> None:
    wishes = [PlaneWish(0, 3), PlaneWish(1, 4), PlaneWish(2, 7), PlaneWish(1, 99)]
    found = build_planes(source, Shown(2), wishes, seen=hashes(source, range(12)))
    assert [(item.plane, item.index) for item in found] == [(0, 3), (1, 4), (2, 7)]
    upright = np.moveaxis(voxels[::-1, ::-1, ::-1], (2, 1, 0), (0, 1, 2))  # slices, rows, columns
    np.testing.assert_array_equal(numbers(found[0]), upright[3])
    np.testing.assert_array_equal(numbers(found[1]), upright[:, 4])
    np.testing.assert_array_equal(numbers(found[2]), upright[:, :, 7])
    assert [item.spacing for item in found] == [(0.75, 0.5), (3.0, 0.5), (3.0, 0.75)]


def test_a_prediction_that_was_changed_is_not_shown_in_planes(source: KeptPredictions) -> None:
    seen = hashes(source, range(12))
    flat = np.zeros((10, 12), np.float32)
    write_prediction(source.folder.path, 4, Prediction(LabelMask(flat.astype(np.int16), 2), flat, flat))
    with pytest.raises(ReviewError, match="not the one that the review was opened with"):
        build_planes(source, Shown(2), [PlaneWish(1, 4)], seen)


def test_a_plane_shows_no_mask_that_the_reader_may_not_see_yet(source: KeptPredictions) -> None:
    (whole,) = build_planes(source, Shown(2), [PlaneWish(1, 4)], seen=hashes(source, range(12)))
    (hidden,) = build_planes(source, Shown(2), [PlaneWish(1, 4)], seen=hashes(source, [0, 1, 2, 4, 5]))
    assert set(whole.layers) == {"prediction"}
    assert hidden.layers == {}


@pytest.mark.real_data
def test_a_hippocampus_is_seen_in_three_planes(real_data: Path, tmp_path: Path) -> None:
    spec = DatasetSpec(
        name="h",
        root=real_data / "hippocampus_nifti",
        format="nifti",
        folders=(FolderPair(images="images", masks="labels"),),
        classes=CLASSES,
    )
    sample = find_samples(spec)[0][0]
    name = sample.image.name if sample.image else ""
    volume = nib.load(real_data / "hippocampus_nifti" / "images" / name)
    slices = [item for item in find_samples(spec)[0] if item.image == sample.image]
    kept = tuple(
        SourceSample(
            position=place, name=item.id, stem=item.id, sample=item, height=volume.shape[1],
            width=volume.shape[0], confidence=1.0, spacing=(1.0, 1.0),
        )
        for place, item in enumerate(slices)
    )  # fmt: skip
    predictions = PredictionSource(run="r", title="t", classes=CLASSES, dataset=spec, samples=kept)
    source = KeptPredictions(SourceFolder(tmp_path), predictions)
    (picture,) = build_planes(source, Shown(0), [PlaneWish(2, 5)], seen={})
    assert (picture.height, picture.width) == (volume.shape[2], volume.shape[1])
    assert np.isin(numbers(picture), np.asarray(volume.dataobj)).all()
