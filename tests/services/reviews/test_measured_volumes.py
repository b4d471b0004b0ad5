"""Volumes of the masks of a review whose cases are slices."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from core.domain.measuring import OrganChoice
from core.jobs.measure import run_measure
from core.reports.bundles.opening import open_as_review
from core.reviews.opening import Review
from core.services.reviews import measurements
from core.services.reviews.measure_tables import class_table, volume_table
from core.services.reviews.measurements import MeasureList, list_masks, measure_now
from core.services.reviews.spacing import give_spacing
from core.services.reviews.stores import review_store
from tests.reports.sets import ANN, RUTH, answer, bundle, ignore, never, open_eyes
from tests.reports.volumes import open_volumes

NONE = OrganChoice()


def open_bars(root: Path, step: float = 3.0) -> Review:
    """One volume of 5 x 6 x 4 voxels of 1.5 x 2 x `step` mm: a bar of 1 x 2 x 4, and a lone voxel of 3."""
    labels = np.zeros((5, 6, 4), np.uint8)
    labels[1, 2:4, :], labels[4, 5, 2] = 1, 3
    for kind, voxels in (("images", np.arange(120, dtype=np.int16).reshape(5, 6, 4)), ("labels", labels)):
        (root / kind).mkdir(parents=True)
        image = nibabel.Nifti1Image(voxels, np.diag([1.5, 2.0, 3.0, 1.0]))
        image.header["pixdim"][3] = step
        nibabel.save(image, root / kind / "bar.nii.gz")
    return open_volumes(root)[1]


def measured(review: Review, settled_only: bool = False) -> MeasureList:
    found = list_masks(review, ANN, NONE, settled_only)
    assert measure_now(review, found.missing) == []
    return list_masks(review, ANN, NONE, settled_only)


def test_a_volume_is_its_voxels_times_the_spacing_of_three_axes(tmp_path: Path) -> None:
    review = open_bars(tmp_path / "set")
    found = measured(review)
    assert found.left == 0
    table = volume_table(review, found.volumes).set_index("class")
    bar, lone = table.loc["anterior"], table.loc["posterior"]
    assert (bar["volume"], bar["slices measured"], bar["slices settled"], bar["slices in all"]) == (
        "images/bar.nii.gz", 4, 0, 4,
    )  # fmt: skip
    assert bar["whole"] == "yes"
    assert (bar["volume (voxels)"], lone["volume (voxels)"]) == (8, 1)
    assert bar["volume (mm³)"] == pytest.approx(8 * 1.5 * 2 * 3)
    assert bar["volume (ml)"] == pytest.approx(0.072)
    assert lone["volume (mm³)"] == pytest.approx(9)
    assert (bar["components"], bar["centroid slice (px)"], lone["centroid slice (mm)"]) == (1, 1.5, 6.0)
    assert bar["bounding box slice extent (mm)"] == pytest.approx(12)


def test_a_volume_with_a_slice_missing_is_a_part_without_a_shape(tmp_path: Path) -> None:
    review = open_bars(tmp_path / "set")
    answer(review, 1, "reject")
    answer(review, 2)
    table = volume_table(review, measured(review).volumes).set_index("class")
    bar = table.loc["anterior"]
    assert (bar["slices measured"], bar["slices settled"], bar["slices in all"], bar["whole"]) == (
        3,
        1,
        4,
        "no",
    )
    assert (bar["volume (voxels)"], bar["volume (mm³)"]) == (6, pytest.approx(54))
    assert np.isnan(bar["components"])
    assert np.isnan(bar["centroid slice (px)"])
    settled = volume_table(review, measured(review, settled_only=True).volumes).set_index("class")
    assert (settled.loc["anterior", "slices measured"], settled.loc["anterior", "volume (voxels)"]) == (1, 2)


def test_without_a_distance_between_slices_a_volume_has_voxels_only(tmp_path: Path) -> None:
    review = open_bars(tmp_path / "set", step=0.0)
    found = measured(review)
    bar = volume_table(review, found.volumes).set_index("class").loc["anterior"]
    assert bar["volume (voxels)"] == 8
    assert np.isnan(bar["volume (mm³)"])
    assert np.isnan(bar["spacing slice (mm)"])
    areas = class_table(review, found.masks, NONE)
    assert areas["area (mm²)"].max() == pytest.approx(2 * 1.5 * 2)  # of slices the file says enough


def test_a_distance_given_by_hand_stands_in_where_the_file_has_none(tmp_path: Path) -> None:
    review = open_bars(tmp_path / "set", step=0.0)
    measured(review)
    give_spacing(review, None, RUTH, slices=4.0)
    found = measured(review)
    bar = volume_table(review, found.volumes).set_index("class").loc["anterior"]
    assert bar["volume (mm³)"] == pytest.approx(8 * 1.5 * 2 * 4)
    assert (bar["spacing slice (mm)"], bar["slice spacing from"], bar["spacing from"]) == (
        4.0, "given by hand", "image file",
    )  # fmt: skip
    give_spacing(review, None, RUTH)
    bar = volume_table(review, measured(review).volumes).set_index("class").loc["anterior"]
    assert np.isnan(bar["volume (mm³)"])
    assert bar["slice spacing from"] == "not known"


def test_a_distance_given_by_hand_gives_way_to_the_file(tmp_path: Path) -> None:
    review = open_bars(tmp_path / "set")
    give_spacing(review, (9.0, 9.0), RUTH, slices=9.0)
    bar = volume_table(review, measured(review).volumes).set_index("class").loc["anterior"]
    assert bar["volume (mm³)"] == pytest.approx(8 * 1.5 * 2 * 3)
    assert (bar["slice spacing from"], bar["spacing from"]) == ("image file", "image file")


def test_a_review_from_a_bundle_measures_volumes_too(tmp_path: Path) -> None:
    review = open_bars(tmp_path / "set")
    here = volume_table(review, measured(review).volumes)
    file = bundle(review, tmp_path / "out.zip")
    there = open_as_review(review_store(), file, "out.zip", RUTH, ignore, never)
    table = volume_table(there, measured(there).volumes)
    assert list(table["volume"].unique()) == ["volume 1"]  # names of files tell who a patient is
    assert set(table["series UID"]) == {""}
    for name in here.columns.drop("volume"):
        assert table[name].equals(here[name]), name


def test_a_bundle_of_some_slices_holds_a_part_of_the_volume(tmp_path: Path) -> None:
    review = open_bars(tmp_path / "set")
    answer(review, 1)
    file = bundle(review, tmp_path / "out.zip", cases="undecided")
    there = open_as_review(review_store(), file, "out.zip", RUTH, ignore, never)
    bar = volume_table(there, measured(there).volumes).set_index("class").loc["anterior"]
    assert (bar["slices measured"], bar["slices in all"], bar["whole"]) == (3, 4, "no")
    assert bar["volume (mm³)"] == pytest.approx(6 * 1.5 * 2 * 3)


def test_a_volume_is_measured_again_only_when_one_of_its_masks_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = open_bars(tmp_path / "set")
    measured(review)
    answer(review, 0)  # accepted as predicted: the same mask
    assert list_masks(review, ANN, NONE).left == 0
    answer(review, 0, "reject")
    found = list_masks(review, ANN, NONE)
    assert len(found.missing.volumes) == 1
    monkeypatch.setattr(measurements, "_QUICK_PIXELS", 100)
    assert not list_masks(review, ANN, NONE).quick
    run_measure({"request": found.missing.model_dump_json()}, lambda *_: None, lambda: False)
    assert list_masks(review, ANN, NONE).left == 0


def test_a_review_of_pictures_has_no_volumes(tmp_path: Path) -> None:
    review = open_eyes(tmp_path)[1]
    found = measured(review)
    assert found.volumes == ()
    assert volume_table(review, found.volumes).empty
