"""Exports of a reviewed set, read again by other libraries."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as rle
from pycocotools.coco import COCO

from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.masks import LabelMask
from core.errors import CancelledError, ReviewError
from core.formats.whole import read_label, scan_dataset
from core.jobs.review_export import run_review_export
from core.reports.sources import open_source
from core.reviews.opening import Review
from tests.reports.sets import ANN, answer, export, ignore, open_eyes, open_run_review, repaint
from tests.services.reviews.runs import scan_eyes, write_predicted_run


@pytest.fixture
def review(tmp_path: Path) -> Review:
    """Case 0 accepted, 1 corrected, 2 rejected, 3 undecided."""
    _, opened = open_eyes(tmp_path)
    predicted = open_source(opened.spec).read_prediction(1).mask
    answer(opened, 0)
    answer(opened, 1, "correct", correction=repaint(predicted))
    answer(opened, 2, "reject", comment="=HYPERLINK(0)")
    return opened


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def test_index_masks_hold_accepted_and_corrected_masks_only(review: Review, tmp_path: Path) -> None:
    result = export(review, "index", tmp_path / "out")
    predicted = open_source(review.spec).read_prediction
    written = sorted((tmp_path / "out/masks").glob("*.png"))
    assert [path.name for path in written] == ["0000.png", "0001.png"]
    np.testing.assert_array_equal(np.asarray(Image.open(written[0])), predicted(0).mask.pixels)
    np.testing.assert_array_equal(np.asarray(Image.open(written[1])), repaint(predicted(1).mask).pixels)
    assert "Left out: 1 open, 1 rejected." in result["message"]


def test_every_case_is_listed_with_what_became_of_it(review: Review, tmp_path: Path) -> None:
    export(review, "index", tmp_path / "out")
    states = {row["case"]: (row["state"], row["files"]) for row in rows(tmp_path / "out/cases.csv")}
    assert states == {
        "0": ("accepted", "masks/0000.png"), "1": ("corrected", "masks/0001.png"), "2": ("rejected", ""),
        "3": ("open", ""),
    }  # fmt: skip


def test_undecided_cases_go_with_their_prediction_where_that_is_asked(review: Review, tmp_path: Path) -> None:
    result = export(review, "index", tmp_path / "out", settled_only=False)
    assert result["cases"] == "3"
    assert (tmp_path / "out/masks/0003.png").exists()
    assert not (tmp_path / "out/masks/0002.png").exists()


def test_classes_that_are_not_wanted_become_background(review: Review, tmp_path: Path) -> None:
    export(review, "index", tmp_path / "out", classes=("disc",))
    assert set(np.unique(np.asarray(Image.open(tmp_path / "out/masks/0001.png")))) == {0, 1}
    assert [row["name"] for row in rows(tmp_path / "out/classes.csv")] == ["background", "disc"]


def test_where_no_class_lies_is_background_and_wanted_classes_hide_nothing(tmp_path: Path) -> None:
    dataset = scan_eyes(tmp_path / "eyes", 1)
    review = open_run_review(write_predicted_run(dataset, overlapping=True).id)
    layers = np.zeros((4, 24, 32), np.bool_)  # No background, as a model of overlapping classes draws none
    layers[1, :8], layers[3, 4:12] = True, True
    answer(review, 0, "correct", correction=LabelMask(layers, 4))
    export(review, "index", tmp_path / "all")
    found = np.asarray(Image.open(tmp_path / "all/masks/0000.png"))[:, 0]
    assert found.tolist() == [1] * 4 + [3] * 8 + [0] * 12
    export(review, "index", tmp_path / "disc", classes=("disc",))
    found = np.asarray(Image.open(tmp_path / "disc/masks/0000.png"))[:, 0]
    assert found.tolist() == [1] * 8 + [0] * 16


def test_decisions_are_written_where_no_mask_is_left(tmp_path: Path) -> None:
    _, review = open_eyes(tmp_path, 2)
    with pytest.raises(ReviewError, match="Nothing is decided yet"):
        export(review, "decisions", tmp_path / "early")
    for place in (0, 1):
        answer(review, place, "reject")
    result = export(review, "decisions", tmp_path / "out")
    assert result["message"] == "2 decisions on 2 cases written."
    with pytest.raises(ReviewError, match="nothing to write"):
        export(review, "index", tmp_path / "masks")


def test_binary_masks_are_written_for_empty_classes_too(review: Review, tmp_path: Path) -> None:
    export(review, "binary", tmp_path / "out")
    for name in ("disc", "vessel", "scar"):
        assert (tmp_path / f"out/masks/{name}/0000.png").exists()
    scar = np.asarray(Image.open(tmp_path / "out/masks/scar/0001.png"))
    assert scar[20].all()
    assert set(np.unique(scar)) == {0, 255}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools and NumPy 2
def test_coco_decodes_to_the_same_masks(review: Review, tmp_path: Path) -> None:
    export(review, "coco", tmp_path / "out")
    coco = COCO(tmp_path / "out/annotations.json")
    predicted = open_source(review.spec).read_prediction
    expected = {0: predicted(0).mask, 1: repaint(predicted(1).mask)}
    assert [image["file_name"] for image in coco.loadImgs([1, 2])] == ["images/0000.png", "images/0001.png"]
    for place, mask in expected.items():
        found = coco.loadAnns(coco.getAnnIds(imgIds=[place + 1]))
        assert found
        for item in found:
            region = mask.region(item["category_id"])
            np.testing.assert_array_equal(coco.annToMask(item).astype(bool), region)
            assert item["area"] == region.sum() == rle.area(coco.annToRLE(item))


def test_coco_opens_as_a_dataset_with_the_same_masks(review: Review, tmp_path: Path) -> None:
    export(review, "coco", tmp_path / "out")
    root = tmp_path / "eyes"
    (root / "reviewed.json").write_bytes((tmp_path / "out/annotations.json").read_bytes())
    folders = (FolderPair(images=".", masks="reviewed.json"),)
    dataset = scan_dataset(DatasetSpec(name="again", root=root, format="coco", folders=folders), None)
    again = read_label(dataset.spec, dataset.classes, dataset.samples[0])
    names = [item.name for item in dataset.classes]
    predicted = open_source(review.spec).read_prediction(0).mask
    np.testing.assert_array_equal(again.region(names.index("disc")), predicted.region(1))


def test_decisions_are_a_table_that_no_spreadsheet_runs(review: Review, tmp_path: Path) -> None:
    answer(review, 0, "reject", comment="later")
    export(review, "decisions", tmp_path / "out")
    found = rows(tmp_path / "out/decisions.csv")
    assert [(row["case"], row["action"], row["superseded"]) for row in found] == [
        ("0", "accept", "yes"), ("1", "correct", "no"), ("2", "reject", "no"), ("0", "reject", "no"),
    ]  # fmt: skip
    assert found[2]["comment"] == "'=HYPERLINK(0)"
    assert found[1]["mask_after"]
    assert {row["reader"] for row in found} == {ANN.name}


def test_an_export_says_which_review_and_which_ledger_it_comes_from(review: Review, tmp_path: Path) -> None:
    export(review, "index", tmp_path / "out")
    about = json.loads((tmp_path / "out/review.json").read_text())
    assert about["review"] == review.id
    assert about["dataset_hash"] == review.spec.dataset_hash
    assert (about["accepted"], about["corrected"], about["left_out"]) == (1, 1, {"open": 1, "rejected": 1})
    assert about["ledger"].startswith("4:")


def test_a_mask_of_which_a_class_was_rejected_goes_only_where_that_is_asked(
    review: Review, tmp_path: Path
) -> None:
    answer(review, 0, "reject", class_name="disc")
    answer(review, 2, "reject", class_name="disc")
    without = export(review, "index", tmp_path / "without")
    assert without["cases"] == "1"
    assert "Left out: 1 class rejected, 1 open, 1 rejected." in without["message"]
    result = export(review, "index", tmp_path / "with", rejected_classes=True)
    assert "In 1 case a reader rejected a class of the mask" in result["message"]
    named = {row["case"]: row["rejected_classes"] for row in rows(tmp_path / "with/cases.csv")}
    assert named == {"0": "disc", "1": "", "2": "", "3": ""}


def test_a_correction_settles_a_class_that_was_rejected_before(review: Review, tmp_path: Path) -> None:
    predicted = open_source(review.spec).read_prediction(3).mask
    answer(review, 3, "reject", class_name="disc")
    answer(review, 3, "correct", correction=repaint(predicted))
    result = export(review, "index", tmp_path / "out")
    assert result["cases"] == "3"
    assert (tmp_path / "out/masks/0003.png").exists()


def test_a_rejected_class_counts_no_more_once_its_reader_accepts_it(review: Review, tmp_path: Path) -> None:
    answer(review, 0, "reject", class_name="disc")
    answer(review, 0, "accept", class_name="disc")
    assert export(review, "index", tmp_path / "out")["cases"] == "2"


def test_where_a_class_was_rejected_everywhere_the_sentence_says_so(tmp_path: Path) -> None:
    _, opened = open_eyes(tmp_path)
    answer(opened, 0)
    answer(opened, 0, "reject", class_name="disc")
    with pytest.raises(ReviewError, match="with all of its classes"):
        export(opened, "index", tmp_path / "out")


def test_a_folder_with_files_of_others_is_refused(review: Review, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    with pytest.raises(ReviewError, match="holds files already"):
        export(review, "index", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_nothing_is_written_into_the_dataset(review: Review, tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="inside the dataset"):
        export(review, "index", tmp_path / "eyes/out")


def test_a_stopped_export_leaves_nothing_behind(review: Review, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    content = {"review": review.id, "format": "index", "folder": str(tmp_path / "out"), "app_version": "1"}
    with pytest.raises(CancelledError):
        run_review_export({"request": json.dumps(content)}, ignore, lambda: True)
    assert sorted(tmp_path.iterdir()) == before


def test_a_review_without_a_settled_case_writes_nothing(tmp_path: Path) -> None:
    _, opened = open_eyes(tmp_path)
    with pytest.raises(ReviewError, match="accepted or corrected"):
        export(opened, "index", tmp_path / "out")


def test_an_unknown_class_is_named(review: Review, tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="no class 'lung'"):
        export(review, "index", tmp_path / "out", classes=("lung",))


def test_a_prediction_that_was_changed_is_not_written_as_reviewed(review: Review, tmp_path: Path) -> None:
    source = open_source(review.spec)
    path = source.folder.path / "000000.mask.png"
    path.unlink()
    Image.fromarray(np.zeros((24, 32), np.uint8)).save(path)
    with pytest.raises(ReviewError, match="not the one that the review was opened with"):
        export(review, "index", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("format_", "why"), [("nifti", "come from other files"), ("dicom_seg", "no DICOM")])
def test_volumes_and_dicom_are_refused_where_the_images_are_pictures(
    review: Review, tmp_path: Path, format_: str, why: str
) -> None:
    with pytest.raises(ReviewError, match=why):
        export(review, format_, tmp_path / "out")
