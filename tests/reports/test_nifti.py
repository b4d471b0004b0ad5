"""Slices put together to volumes again, read by nibabel."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair
from core.errors import ReviewError
from core.reports.sources import open_source
from core.services import datasets
from tests.reports.sets import answer, export, open_run_review, repaint
from tests.reports.volumes import open_volumes, write_volumes
from tests.services.reviews.runs import write_predicted_run


def test_a_volume_has_the_shape_affine_and_numbers_of_its_source(tmp_path: Path) -> None:
    write_volumes(tmp_path / "set")
    dataset, review = open_volumes(tmp_path / "set")
    for place in range(len(dataset.samples)):
        answer(review, place)
    export(review, "nifti", tmp_path / "out")
    written = nibabel.load(tmp_path / "out/masks/case0.nii.gz")
    source = nibabel.load(tmp_path / "set/images/case0.nii.gz")
    label = nibabel.load(tmp_path / "set/labels/case0.nii.gz")
    assert written.shape == source.shape
    np.testing.assert_array_equal(written.affine, source.affine)
    assert written.header["qform_code"] == source.header["qform_code"]
    assert written.header["sform_code"] == source.header["sform_code"]
    assert written.header.get_xyzt_units() == source.header.get_xyzt_units()
    assert written.get_data_dtype() == np.uint8
    np.testing.assert_array_equal(np.asarray(written.dataobj), np.asarray(label.dataobj))


def test_a_corrected_slice_stands_in_its_volume(tmp_path: Path) -> None:
    write_volumes(tmp_path / "set")
    dataset, review = open_volumes(tmp_path / "set")
    predicted = open_source(review.spec).read_prediction(2).mask
    for place in range(len(dataset.samples)):
        if place == 2:
            answer(review, 2, "correct", correction=repaint(predicted, row=0, value=2))
        else:
            answer(review, place)
    export(review, "nifti", tmp_path / "out")
    voxels = np.asarray(nibabel.load(tmp_path / "out/masks/case0.nii.gz").dataobj)
    label = np.asarray(nibabel.load(tmp_path / "set/labels/case0.nii.gz").dataobj)
    assert (voxels != label).any(axis=(0, 1)).tolist() == [False, False, True, False]
    assert (voxels[:, :, 2] == 3).sum() == predicted.shape[1]


def test_a_volume_with_an_undecided_slice_is_not_written_as_if_it_were_empty(tmp_path: Path) -> None:
    write_volumes(tmp_path / "set", 2)
    _, review = open_volumes(tmp_path / "set")
    for place in range(7):  # the last slice of the second volume stays open
        answer(review, place)
    result = export(review, "nifti", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out/masks").iterdir()] == ["case0.nii.gz"]
    assert "images/case1.nii.gz (3 of 4 slices)" in result["message"]
    assert result["cases"] == "4"  # of the other volume, though three more are settled


def test_no_whole_volume_is_a_refusal(tmp_path: Path) -> None:
    write_volumes(tmp_path / "set")
    _, review = open_volumes(tmp_path / "set")
    answer(review, 0)
    with pytest.raises(ReviewError, match="No volume is reviewed whole"):
        export(review, "nifti", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_undecided_slices_go_with_their_prediction_where_that_is_asked(tmp_path: Path) -> None:
    write_volumes(tmp_path / "set")
    _, review = open_volumes(tmp_path / "set")
    answer(review, 0)
    export(review, "nifti", tmp_path / "out", settled_only=False)
    voxels = np.asarray(nibabel.load(tmp_path / "out/masks/case0.nii.gz").dataobj)
    np.testing.assert_array_equal(
        voxels, np.asarray(nibabel.load(tmp_path / "set/labels/case0.nii.gz").dataobj)
    )


@pytest.mark.real_data
def test_hippocampus_comes_back_as_it_was(real_data: Path, tmp_path: Path) -> None:
    classes = (
        ClassSpec(key="0", name="background", role="background"),
        ClassSpec(key="1", name="anterior hippocampus"),
        ClassSpec(key="2", name="posterior hippocampus"),
    )
    source = real_data / "hippocampus_nifti"
    spec = DatasetSpec(
        name="hippocampus", root=source, format="nifti", classes=classes,
        folders=(FolderPair(images="images", masks="labels"),),
        ignored=_all_but(source, ("hippocampus_064.nii.gz", "hippocampus_338.nii.gz")),
    )  # fmt: skip
    datasets.keep(spec)
    dataset = datasets.scan_now(spec)
    review = open_run_review(write_predicted_run(dataset, shift=0).id)
    export(review, "nifti", tmp_path / "out", settled_only=False)
    for name in ("hippocampus_064.nii.gz", "hippocampus_338.nii.gz"):
        written = nibabel.load(tmp_path / f"out/masks/{name}")
        image, label = (nibabel.load(source / kind / name) for kind in ("images", "labels"))
        np.testing.assert_array_equal(written.affine, image.affine)
        assert written.shape == image.shape
        np.testing.assert_array_equal(np.asarray(written.dataobj), np.asarray(label.dataobj))


def _all_but(root: Path, kept: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        f"{kind}/{path.name}"
        for kind in ("images", "labels")
        for path in sorted((root / kind).iterdir())
        if path.name not in kept
    )
