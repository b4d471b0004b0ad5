"""NIfTI datasets: volumes or slices, counted and read."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import SampleUnit
from core.domain.scan import ScannedDataset
from core.errors import DatasetError
from core.formats.sources.nifti import NiftiSource
from core.formats.whole import read_display, read_label, scan_dataset
from tests.formats.sources.volumes import make_image, make_label, spec_of, write_nifti, write_pair


def scan(root: Path, unit: SampleUnit = "slice") -> ScannedDataset:
    return scan_dataset(spec_of(root, unit), None)


def test_each_slice_is_a_sample_of_its_volume_s_group(tmp_path: Path) -> None:
    write_pair(tmp_path)
    found = scan(tmp_path)
    assert [sample.id for sample in found.samples] == [
        f"images/case_1.nii.gz#z=00{number}" for number in range(4)
    ]
    assert {sample.group for sample in found.samples} == {"images/case_1.nii.gz"}


def test_a_pattern_groups_volumes_of_one_patient(tmp_path: Path) -> None:
    for name in ("p1_a", "p1_b"):
        write_pair(tmp_path, name)
    found = scan_dataset(spec_of(tmp_path, group_pattern="^[^_]+"), None)
    assert {sample.group for sample in found.samples} == {"p1"}


def test_voxels_are_counted_slice_by_slice(tmp_path: Path) -> None:
    write_pair(tmp_path)
    found = scan(tmp_path)
    label = make_label()
    assert found.pixels is not None
    assert found.totals is not None
    assert found.sizes is not None
    expected = [[int((label[:, :, z] == value).sum()) for value in (0, 1, 2)] for z in range(4)]
    assert found.pixels.tolist() == expected
    assert found.totals.tolist() == [30] * 4
    assert found.sizes.tolist() == [[6, 5]] * 4
    assert [item.role for item in found.classes] == [ClassRole.BACKGROUND, ClassRole.CLASS, ClassRole.CLASS]


def test_a_volume_is_counted_as_a_whole(tmp_path: Path) -> None:
    write_pair(tmp_path)
    found = scan(tmp_path, "volume")
    assert found.pixels is not None
    assert found.depths is not None
    assert found.pixels.tolist() == [[int((make_label() == value).sum()) for value in (0, 1, 2)]]
    assert found.depths.tolist() == [4]


def test_spacing_follows_rows_columns_and_slices(tmp_path: Path) -> None:
    affine = np.diag([0.5, 0.7, 3.0, 1.0])
    write_nifti(tmp_path / "images/a.nii.gz", make_image(), affine)
    write_nifti(tmp_path / "labels/a.nii.gz", make_label(), affine)
    found = scan(tmp_path, "volume")
    assert found.spacings is not None
    assert found.spacings[0] == pytest.approx([0.7, 0.5, 3.0])


def test_label_and_image_show_the_same_slice_alike(tmp_path: Path) -> None:
    write_nifti(tmp_path / "images/a.nii.gz", make_label().astype(np.float32) * 100)
    write_nifti(tmp_path / "labels/a.nii.gz", make_label())
    found = scan(tmp_path)
    for sample in found.samples[1:]:
        label = read_label(found.spec, found.classes, sample)
        shown = read_display(found.spec, sample)
        assert ((shown[..., 0] > 0) == (label.pixels > 0)).all()
        assert label.pixels.max() > 0


def test_of_a_volume_the_fullest_slice_is_shown(tmp_path: Path) -> None:
    write_pair(tmp_path)
    found = scan(tmp_path, "volume")
    label = read_label(found.spec, found.classes, found.samples[0])
    assert sorted(np.unique(label.pixels).tolist()) == [0, 1, 2]  # the last slice, which alone holds 2


def test_pixels_of_a_slice_are_those_of_the_file(tmp_path: Path) -> None:
    write_pair(tmp_path)
    source, spec = NiftiSource(), spec_of(tmp_path)
    samples, _, _ = source.find_samples(spec)
    pixels = source.read_pixels(spec, samples[2])
    assert (np.sort(pixels.ravel()) == np.sort(make_image()[:, :, 2].ravel())).all()
    assert pixels.dtype == np.uint16


def test_a_whole_volume_has_no_pixels_of_a_picture(tmp_path: Path) -> None:
    write_pair(tmp_path)
    source, spec = NiftiSource(), spec_of(tmp_path, "volume")
    samples, _, _ = source.find_samples(spec)
    with pytest.raises(DatasetError, match="whole volume"):
        source.read_pixels(spec, samples[0])


def test_further_channels_are_bands(tmp_path: Path) -> None:
    for channel in range(2):
        write_nifti(tmp_path / f"images/a_000{channel}.nii.gz", make_image() + channel)
    write_nifti(tmp_path / "labels/a.nii.gz", make_label())
    spec = spec_of(tmp_path, pairing={"rule": "affix", "image_suffix": "_0000"})
    found = scan_dataset(spec, None)
    assert (len(found.samples), found.images, found.problems) == (4, 4, ())
    pixels = NiftiSource().read_pixels(spec, found.samples[0])
    assert (pixels[..., 1] - pixels[..., 0] == 1).all()
    assert read_display(spec, found.samples[0]).shape == (6, 5, 3)


def test_a_label_of_another_shape_is_a_problem_of_its_volume_only(tmp_path: Path) -> None:
    write_pair(tmp_path)
    write_nifti(tmp_path / "images/b.nii.gz", make_image())
    write_nifti(tmp_path / "labels/b.nii.gz", make_label((5, 6, 3)))
    found = scan(tmp_path)
    assert len(found.samples) == 4
    assert "5 x 6 x 3 voxels" in found.problems[0].problem
    assert found.problems[0].file == "labels/b.nii.gz"


def test_a_shifted_label_is_used_and_named(tmp_path: Path) -> None:
    moved = np.eye(4)
    moved[2, 3] = 2.0
    write_pair(tmp_path, affine=moved)
    found = scan(tmp_path)
    assert len(found.samples) == 4
    assert "2 voxel sides away" in found.problems[0].problem


def test_a_damaged_image_costs_its_own_volume(tmp_path: Path) -> None:
    write_pair(tmp_path, "a")
    write_pair(tmp_path, "b")
    path = tmp_path / "images/b.nii.gz"
    path.write_bytes(path.read_bytes()[:-20])
    found = scan(tmp_path)
    assert len(found.samples) == 4
    assert "images/b.nii.gz" in found.problems[0].problem


def test_partners_that_are_missing_are_named(tmp_path: Path) -> None:
    write_pair(tmp_path)
    write_nifti(tmp_path / "images/only_image.nii.gz", make_image())
    write_nifti(tmp_path / "labels/only_label.nii.gz", make_label())
    found = scan(tmp_path)
    assert {problem.file for problem in found.problems} == {
        "images/only_image.nii.gz",
        "labels/only_label.nii.gz",
    }


def test_gaps_in_an_image_are_shown_dark(tmp_path: Path) -> None:
    image = make_image().astype(np.float32)
    image[0, 0, 0] = np.nan
    write_nifti(tmp_path / "images/a.nii.gz", image)
    write_nifti(tmp_path / "labels/a.nii.gz", make_label())
    found = scan(tmp_path)
    assert read_display(found.spec, found.samples[0]).min() == 0
    assert np.isfinite(NiftiSource().read_pixels(found.spec, found.samples[0])).all()


def test_void_numbers_count_nowhere(tmp_path: Path) -> None:
    write_pair(tmp_path)
    found = scan_dataset(spec_of(tmp_path, void=("2",)), None)
    assert found.totals is not None
    assert found.totals.tolist() == [30, 30, 30, 29]
    assert [item.key for item in found.classes] == ["0", "1"]


def test_a_number_beside_the_named_classes_is_said(tmp_path: Path) -> None:
    write_pair(tmp_path)
    classes = (ClassSpec(key="0", name="background", role="background"), ClassSpec(key="1", name="head"))
    found = scan_dataset(spec_of(tmp_path, classes=classes), None)
    assert [item.name for item in found.classes] == ["background", "head", "class 2"]
    (problem,) = found.problems
    assert problem.problem == "value 2 occurs in this file but is no known class"
    assert problem.next_step == "Name it as a class, or mark it as void."


def test_counts_are_kept_between_scans(tmp_path: Path) -> None:
    write_pair(tmp_path / "data")
    cache = tmp_path / "counts.cache"
    first = scan_dataset(spec_of(tmp_path / "data"), cache)
    stamp = cache.stat().st_mtime_ns
    second = scan_dataset(spec_of(tmp_path / "data"), cache)
    assert first.fingerprint == second.fingerprint
    assert cache.stat().st_mtime_ns == stamp


def test_slices_and_volumes_are_different_states_of_a_dataset(tmp_path: Path) -> None:
    write_pair(tmp_path)
    assert scan(tmp_path).fingerprint != scan(tmp_path, "volume").fingerprint


@pytest.mark.real_data
@pytest.mark.parametrize("unit", ["slice", "volume"])
def test_hippocampus_is_counted_as_a_bare_loop_does(real_data: Path, unit: SampleUnit) -> None:
    root = real_data / "hippocampus_nifti"
    found = scan_dataset(spec_of(root, unit), None)
    images = {path.name for path in (root / "images").glob("*.nii.gz")}
    labels = {path.name for path in (root / "labels").glob("*.nii.gz")}
    rows = []
    for name in sorted(images & labels):
        voxels = np.asarray(nibabel.load(root / "labels" / name).dataobj)
        slices = [voxels] if unit == "volume" else np.moveaxis(voxels, 2, 0)
        rows += [[int((part == value).sum()) for value in (0, 1, 2)] for part in slices]
    assert found.pixels is not None
    assert found.pixels.tolist() == rows
    assert {Path(problem.file).name for problem in found.problems} == images ^ labels
