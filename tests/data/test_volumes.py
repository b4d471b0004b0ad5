"""Whole volumes: duplicates, files, layouts."""

import gzip
import json
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from core.data.augmentation import augment
from core.data.layouts.registry import find_layout
from core.data.materialise import materialise
from core.data.preview import preview_duplicates
from core.data.volumes import change_slices, encode_volume
from core.domain.augmentation import AugmentationSpec, LayoutName, MaterialiseSpec
from core.domain.dataset import DatasetSpec
from core.errors import DatasetError
from core.formats.detection.proposing import propose
from core.formats.sources.planes import find_plane
from core.formats.sources.registry import VOLUME_SOURCES
from core.formats.sources.volumes import Volume
from core.formats.whole import find_samples, scan_dataset
from core.plans.plan import BalancePlan
from tests.data.sets import make_plan
from tests.formats.sources import dicoms
from tests.formats.sources.volumes import spec_of, write_nifti

SHAPE = (40, 36, 70)
OBLIQUE = np.array([[0.0, 0.8, 0.1, -20], [-0.7, 0.0, 0.0, 30], [0.0, 0.1, 2.5, -5], [0, 0, 0, 1]])


def make_volume(bands: int = 1) -> Volume:
    """Every slice holds the same square."""
    pixels = np.zeros((*SHAPE, bands), np.uint16)
    pixels[10:30, 8:20] = 1000
    positions = np.zeros(SHAPE, np.int16)
    positions[10:30, 8:20] = 1
    return Volume(pixels, positions, find_plane(OBLIQUE, (0.7, 0.8, 2.5)), OBLIQUE, (0.7, 0.8, 2.5))


def write_set(root: Path, affine: NDArray[np.float64] = OBLIQUE, **fields: Any) -> DatasetSpec:
    """Two volumes, each with a box of 1; the second also with one of 5."""
    rng = np.random.default_rng(0)
    for number in range(2):
        label = np.zeros((24, 30, 6), np.uint8)
        label[6:16, 8:20, 1:5] = 1
        if number:
            label[16:22, 8:20, 2:4] = 5
        image = rng.integers(0, 300, label.shape).astype(np.int16) + label.astype(np.int16) * 400
        write_nifti(root / f"images/v{number}.nii.gz", image, affine)
        write_nifti(root / f"labels/v{number}.nii.gz", label, affine)
    return spec_of(root, "volume", **fields)


def plan_for(spec: DatasetSpec) -> BalancePlan:
    """The first volume once, the second three times."""
    return make_plan(spec, {0: 1, 1: 3})


def write(spec: DatasetSpec, folder: Path, layout: LayoutName = "plain") -> None:
    report = materialise(plan_for(spec), folder, MaterialiseSpec(layout=layout, workers=1))
    assert report.problems == ()
    assert report.images == 4


def test_all_slices_are_deformed_alike() -> None:
    changed = change_slices(make_volume(bands=2), augment, AugmentationSpec(), seed=3)
    assert (changed.positions == changed.positions[:, :, :1]).all()
    assert (changed.pixels == changed.pixels[:, :, :1]).all()
    assert (changed.positions != make_volume().positions).any()


def test_classes_move_with_the_pixels() -> None:
    changed = change_slices(make_volume(), augment, AugmentationSpec(), seed=5)
    inside = changed.pixels[..., 0] > 500
    assert (inside == (changed.positions == 1)).mean() > 0.99


def test_a_written_volume_lies_where_its_source_does(tmp_path: Path) -> None:
    volume = make_volume()
    path = tmp_path / "a.nii.gz"
    path.write_bytes(encode_volume(volume.pixels[..., 0], volume))
    found = nibabel.load(path)
    assert np.allclose(found.affine, OBLIQUE)
    assert found.header.get_zooms() == pytest.approx((0.7, 0.8, 2.5))
    assert (volume.plane.face(np.asarray(found.dataobj)) == volume.pixels[..., 0]).all()


def test_equal_volumes_are_equal_bytes() -> None:
    volume = make_volume()
    assert encode_volume(volume.pixels[..., 0], volume) == encode_volume(volume.pixels[..., 0], volume)


def test_originals_are_the_files_themselves_and_duplicates_keep_their_place(tmp_path: Path) -> None:
    write(write_set(tmp_path / "data"), tmp_path / "out")
    for folder, source in (("images", "images"), ("masks", "labels")):
        original = tmp_path / "data" / source / "v1.nii.gz"
        written = tmp_path / "out" / folder / "v1.nii.gz"
        assert written.read_bytes() == original.read_bytes()
        copy = nibabel.load(tmp_path / "out" / folder / "v1__copy2.nii.gz")
        assert np.allclose(copy.affine, nibabel.load(original).affine)
        assert copy.shape == nibabel.load(original).shape


def test_a_written_set_opens_with_the_classes_and_groups_of_its_source(tmp_path: Path) -> None:
    write(write_set(tmp_path / "data"), tmp_path / "out")
    found = scan_dataset(propose(tmp_path / "out").spec, None)
    assert [item.key for item in found.classes] == ["0", "1", "5"]
    assert found.problems == ()
    assert [int(row.sum()) for row in found.presence] == [2, 3, 3, 3]
    assert len({sample.group for sample in found.samples}) == 2


def test_nnunet_gets_volumes_with_consecutive_labels(tmp_path: Path) -> None:
    write(write_set(tmp_path / "data"), tmp_path / "out", "nnunet")
    label = nibabel.load(tmp_path / "out/labelsTr/v1.nii.gz")
    assert np.unique(np.asarray(label.dataobj)).tolist() == [0, 1, 2]
    about = json.loads((tmp_path / "out/dataset.json").read_text())
    assert about["file_ending"] == ".nii.gz"
    assert about["labels"] == {"background": 0, "class 1": 1, "class 5": 2}
    folds = json.loads((tmp_path / "out/splits_final.json").read_text())
    assert sorted(folds[0]["train"] + folds[0]["val"])[:2] == ["v0", "v1"]
    assert (tmp_path / "out/imagesTr/v1__copy3_0000.nii.gz").is_file()


def test_layouts_of_pictures_refuse_volumes(tmp_path: Path) -> None:
    spec = write_set(tmp_path / "data")
    with pytest.raises(DatasetError, match="whole volumes"):
        find_layout("mmseg", spec)


def test_slices_are_written_as_pictures_with_their_number(tmp_path: Path) -> None:
    spec = write_set(tmp_path / "data").model_copy(update={"unit": "slice"})
    dataset = scan_dataset(spec, None)
    wanted = {place: 2 for place, sample in enumerate(dataset.samples) if sample.part == "3"}
    materialise(make_plan(spec, wanted, default=0), tmp_path / "out", MaterialiseSpec(workers=1))
    names = sorted(path.name for path in (tmp_path / "out/images").iterdir())
    assert names == ["v0_z003.png", "v0_z003__copy2.png", "v1_z003.png", "v1_z003__copy2.png"]
    found = scan_dataset(propose(tmp_path / "out").spec, None)
    assert len({sample.group for sample in found.samples}) == 2
    assert (found.presence.sum(axis=0) == [4, 4, 2]).all()


def test_the_preview_shows_a_slice_of_a_volume(tmp_path: Path) -> None:
    spec = write_set(tmp_path / "data")
    pairs = preview_duplicates(
        plan_for(spec), scan_dataset(spec, None), AugmentationSpec(), lambda *_: None, lambda: False
    )
    assert all(pair.before != pair.after for pair in pairs)


def test_a_dicom_series_becomes_a_volume_in_its_place(tmp_path: Path) -> None:
    images = dicoms.make_series()
    for number, image in enumerate(images):
        image.PixelData = np.arange(48, dtype=np.uint16).tobytes()
        image.ImagePositionPatient = [1.0, 2.0, 2.5 * number]
    dicoms.write_series(tmp_path, images)
    dicoms.write_seg(tmp_path / "seg.dcm", images, dicoms.make_layers(segments=1), ["Liver"])
    spec = dicoms.spec_of(tmp_path, "volume")
    dataset = scan_dataset(spec, None)
    volume = VOLUME_SOURCES["dicom_seg"].read_volume(spec, dataset.classes, dataset.samples[0])
    found = nibabel.Nifti1Image.from_bytes(gzip.decompress(encode_volume(volume.pixels[..., 0], volume)))
    # Row 2, column 3, slice 1: x = 1 + 3 * 0.75, y = 2 + 2 * 0.5, z = 2.5 in LPS; RAS turns the first two.
    assert found.affine @ [2, 3, 1, 1] == pytest.approx([-3.25, -3.0, 2.5, 1])
    assert np.asarray(found.dataobj)[2, 3, 1] == 2 * 8 + 3 - 1024
    assert volume.positions[1, 2, 1] == [item.key for item in dataset.classes].index("Liver")


def test_overlapping_segments_are_no_label_volume(tmp_path: Path) -> None:
    images = dicoms.make_series()
    dicoms.write_series(tmp_path, images)
    dicoms.write_seg(tmp_path / "seg.dcm", images, dicoms.make_layers(), ["a", "b"])
    spec = dicoms.spec_of(tmp_path, "volume")
    dataset = scan_dataset(spec, None)
    with pytest.raises(DatasetError, match="segments overlap"):
        VOLUME_SOURCES["dicom_seg"].read_volume(spec, dataset.classes, find_samples(spec)[0][0])
