"""The reviewed set as a dataset of its own, opened and counted."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.events import RunEvent
from core.domain.review_export import NewDatasetRequest
from core.domain.scan import ScannedDataset
from core.domain.training import PredictRequest
from core.errors import ReviewError
from core.formats.whole import read_label
from core.jobs.review_export import run_review_dataset
from core.reports.sources import open_source
from core.reviews.opening import Review
from core.runs.folder import create_run
from core.services import datasets
from core.services.versions import known
from tests.formats.sources.dicoms import make_layers, make_series, spec_of, write_seg, write_series
from tests.reports.sets import answer, ignore, never, open_eyes, open_run_review, repaint
from tests.reports.volumes import open_volumes, write_volumes
from tests.services.reviews.runs import scan_eyes, write_applied_folder, write_predicted_run


@pytest.fixture
def eyes(tmp_path: Path) -> tuple[ScannedDataset, Review]:
    """Case 0 accepted, 1 corrected, 2 rejected, 3 undecided."""
    dataset, review = open_eyes(tmp_path)
    answer(review, 0)
    answer(review, 1, "correct", correction=repaint(open_source(review.spec).read_prediction(1).mask))
    answer(review, 2, "reject")
    return dataset, review


def make(review: Review, folder: Path, **more: object) -> tuple[ScannedDataset, dict[str, str]]:
    content = {"review": review.id, "folder": folder, "name": "Reviewed", "app_version": "1.2.3", **more}
    request = NewDatasetRequest.model_validate(content)
    result = run_review_dataset({"request": request.model_dump_json()}, ignore, never)
    return datasets.open_dataset(result["dataset"]), result


def read_masks(dataset: ScannedDataset) -> dict[str, np.ndarray]:
    spec = dataset.spec.model_copy(update={"threshold": dataset.threshold})
    return {
        Path(sample.id).stem: read_label(spec, dataset.classes, sample).pixels for sample in dataset.samples
    }


def test_a_mask_of_which_a_class_was_rejected_is_no_reference(
    eyes: tuple[ScannedDataset, Review], tmp_path: Path
) -> None:
    _, review = eyes
    answer(review, 0, "reject", class_name="disc")
    assert sorted(read_masks(make(review, tmp_path / "without")[0])) == ["0001"]
    kept, result = make(review, tmp_path / "kept", rejected="keep_reference")
    assert sorted(read_masks(kept)) == ["0000", "0001", "0002"]
    assert json.loads(result["samples"]) == {"corrected": 1, "reference": 2}


def test_accepted_and_corrected_masks_become_the_reference(
    eyes: tuple[ScannedDataset, Review], tmp_path: Path
) -> None:
    _, review = eyes
    opened, _ = make(review, tmp_path / "new")
    masks = read_masks(opened)
    predicted = open_source(review.spec).read_prediction
    assert sorted(masks) == ["0000", "0001"]
    np.testing.assert_array_equal(masks["0000"], predicted(0).mask.pixels)
    np.testing.assert_array_equal(masks["0001"], repaint(predicted(1).mask).pixels)
    assert [item.name for item in opened.classes] == list(review.spec.classes)


def test_the_others_keep_their_old_reference_where_that_is_asked(
    eyes: tuple[ScannedDataset, Review], tmp_path: Path
) -> None:
    dataset, review = eyes
    opened, result = make(review, tmp_path / "new", unreviewed="keep_reference")
    assert sorted(read_masks(opened)) == ["0000", "0001", "0003"]
    opened, result = make(review, tmp_path / "all", unreviewed="keep_reference", rejected="keep_reference")
    old = read_masks(dataset)
    for name in ("0002", "0003"):
        np.testing.assert_array_equal(read_masks(opened)[name], old[name])
    assert json.loads(result["samples"]) == {"accepted": 1, "corrected": 1, "reference": 2}


def test_images_are_the_same_files(eyes: tuple[ScannedDataset, Review], tmp_path: Path) -> None:
    make(eyes[1], tmp_path / "new")
    first, second = tmp_path / "eyes/images/0000.png", tmp_path / "new/images/0000.png"
    assert first.read_bytes() == second.read_bytes()
    assert first.samefile(second)


def test_the_folder_says_where_each_mask_comes_from(
    eyes: tuple[ScannedDataset, Review], tmp_path: Path
) -> None:
    make(eyes[1], tmp_path / "new", unreviewed="keep_reference")
    rows = csv.DictReader((tmp_path / "new/origin.csv").read_text().splitlines())
    assert {row["image"]: row["mask_from"] for row in rows} == {
        "images/0000.png": "accepted", "images/0001.png": "corrected", "images/0003.png": "reference"
    }  # fmt: skip
    about = json.loads((tmp_path / "new/review.json").read_text())
    assert about["review"] == eyes[1].id
    assert about["ledger"].split(":")[0] == "4"


def test_the_new_dataset_has_a_version_and_other_counts(
    eyes: tuple[ScannedDataset, Review], tmp_path: Path
) -> None:
    opened, result = make(eyes[1], tmp_path / "new")
    assert [item.fingerprint for item in known(result["dataset"])] == [opened.fingerprint]
    assert opened.fingerprint != eyes[0].fingerprint
    assert opened.presence[:, 3].tolist() == [True, True]  # the scar that was drawn by hand


def test_overlapping_classes_are_kept_as_layers(tmp_path: Path) -> None:
    images = make_series()
    write_series(tmp_path / "set/ct", images)
    write_seg(tmp_path / "set/seg.dcm", images, make_layers(), ["liver", "lesion"])
    spec = spec_of(tmp_path / "set")
    datasets.keep(spec)
    dataset = datasets.scan_now(spec)
    review = open_run_review(write_predicted_run(dataset, shift=0).id)
    answer(review, 1)
    opened, _ = make(review, tmp_path / "new")
    assert opened.overlapping
    found = read_label(opened.spec.model_copy(update={"threshold": 128.0}), opened.classes, opened.samples[0])
    wanted = open_source(review.spec).read_prediction(1).mask
    np.testing.assert_array_equal(found.stack(), wanted.stack())


def test_slices_of_volumes_become_pictures_in_the_group_of_their_volume(tmp_path: Path) -> None:
    write_volumes(tmp_path / "set", 2)
    dataset, review = open_volumes(tmp_path / "set")
    for place in range(len(dataset.samples)):
        answer(review, place)
    opened, _ = make(review, tmp_path / "new")
    assert len(opened.samples) == 8
    assert len({sample.group for sample in opened.samples}) == 2
    np.testing.assert_array_equal(opened.pixels, dataset.pixels)


def test_predictions_of_mere_images_become_a_dataset_too(tmp_path: Path) -> None:
    dataset = scan_eyes(tmp_path / "eyes", 4)
    trained = write_predicted_run(dataset)
    write_applied_folder(dataset, tmp_path / "applied", overlapping=False, prefix="")
    request = PredictRequest(run=trained.id, images=dataset.spec.root / "images", folder=tmp_path / "applied")
    run = create_run("predict", {"request": request.model_dump_json()})
    run.append(RunEvent(time=1000.0, kind="finished"))
    review = open_run_review(run.id)
    for place in (0, 2):
        answer(review, place)
    opened, result = make(review, tmp_path / "new")
    assert result["before"] == ""
    found, wanted = read_masks(opened), read_masks(dataset)
    assert sorted(found) == ["0000", "0002"]
    np.testing.assert_array_equal(found["0002"], wanted["0002"])


def test_a_dataset_that_has_changed_is_refused(eyes: tuple[ScannedDataset, Review], tmp_path: Path) -> None:
    Image.fromarray(np.ones((24, 32), np.uint8)).save(tmp_path / "eyes/masks/0003.png")
    with pytest.raises(ReviewError, match="has changed since"):
        make(eyes[1], tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_folder_inside_the_dataset_is_refused(eyes: tuple[ScannedDataset, Review], tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="inside the dataset"):
        make(eyes[1], tmp_path / "eyes/new")
