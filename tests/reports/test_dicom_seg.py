"""DICOM segmentations of reviewed masks, read again by highdicom and pydicom."""

import shutil
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from core.domain.dataset import DatasetSpec
from core.domain.masks import LabelMask
from core.domain.scan import ScannedDataset
from core.errors import ReviewError
from core.formats.whole import read_label, scan_dataset
from core.reports.dicom_codes import PRIVATE_SCHEME, find_codes
from core.reports.sources import open_source
from core.reviews.opening import Review
from core.services import datasets
from tests.formats.sources.dicoms import make_layers, make_series, spec_of, write_seg, write_series
from tests.reports.sets import answer, export, open_run_review
from tests.services.reviews.runs import write_predicted_run


def open_series(spec: DatasetSpec) -> tuple[ScannedDataset, Review]:
    datasets.keep(spec)
    dataset = datasets.scan_now(spec)
    return dataset, open_run_review(write_predicted_run(dataset, shift=0).id)


@pytest.fixture
def series(tmp_path: Path) -> tuple[ScannedDataset, Review]:
    """Three CT slices with the overlapping segments liver and lesion."""
    images = make_series()
    write_series(tmp_path / "set/ct", images)
    write_seg(tmp_path / "set/seg.dcm", images, make_layers(), ["liver", "odd lesion"])
    return open_series(spec_of(tmp_path / "set"))


def predicted(review: Review, place: int) -> LabelMask:
    return open_source(review.spec).read_prediction(place).mask


def add_corner(mask: LabelMask, place: int) -> LabelMask:
    pixels = mask.stack().copy()
    pixels[place, -1, -2:] = True
    return LabelMask(pixels, mask.class_count)


def read_frames(path: Path, dataset: ScannedDataset) -> NDArray[np.bool_]:
    """`(F, H, W, S)` in the order of the samples, matched by UID."""
    uids = [
        pydicom.dcmread(dataset.spec.root / sample.image).SOPInstanceUID
        for sample in dataset.samples
        if sample.image
    ]
    found = highdicom.seg.segread(path).get_pixels_by_source_instance(
        uids, assert_missing_frames_are_empty=True
    )
    return np.asarray(found, np.bool_)


def test_highdicom_reads_the_reviewed_masks_on_their_images(
    series: tuple[ScannedDataset, Review], tmp_path: Path
) -> None:
    dataset, review = series
    drawn = add_corner(predicted(review, 1), 1)
    answer(review, 0)
    answer(review, 1, "correct", correction=drawn)
    answer(review, 2)
    export(review, "dicom_seg", tmp_path / "out")
    found = read_frames(tmp_path / "out/segmentations/series_0001.dcm", dataset)
    wanted = [predicted(review, 0), drawn, predicted(review, 2)]
    for place, mask in enumerate(wanted):
        np.testing.assert_array_equal(np.moveaxis(found[place], -1, 0), mask.stack()[1:])


def test_a_class_is_semiautomatic_only_where_a_person_changed_it(
    series: tuple[ScannedDataset, Review], tmp_path: Path
) -> None:
    _, review = series
    answer(review, 0)
    answer(review, 1, "correct", correction=add_corner(predicted(review, 1), 1))
    export(review, "dicom_seg", tmp_path / "out")
    written = highdicom.seg.segread(tmp_path / "out/segmentations/series_0001.dcm")
    assert written.segmentation_type.value == "BINARY"
    kinds = {
        item.segment_label: item.algorithm_type.value
        for item in map(written.get_segment_description, written.segment_numbers)
    }
    assert kinds == {"liver": "SEMIAUTOMATIC", "odd lesion": "AUTOMATIC"}


def test_only_images_with_a_settled_mask_are_referenced(
    series: tuple[ScannedDataset, Review], tmp_path: Path
) -> None:
    dataset, review = series
    answer(review, 1)
    answer(review, 2, "reject")
    export(review, "dicom_seg", tmp_path / "out")
    written = pydicom.dcmread(tmp_path / "out/segmentations/series_0001.dcm")
    named = {
        item.ReferencedSOPInstanceUID
        for item in written.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    }
    first = dataset.samples[1].image
    assert first is not None
    assert named == {pydicom.dcmread(dataset.spec.root / first).SOPInstanceUID}
    assert written.StudyInstanceUID == pydicom.dcmread(dataset.spec.root / first).StudyInstanceUID


def test_what_is_written_opens_as_a_dataset_with_the_same_masks(
    series: tuple[ScannedDataset, Review], tmp_path: Path
) -> None:
    dataset, review = series
    for place in range(3):
        answer(review, place)
    export(review, "dicom_seg", tmp_path / "out")
    again = tmp_path / "again"
    shutil.copytree(dataset.spec.root / "ct", again / "ct")
    shutil.copy(tmp_path / "out/segmentations/series_0001.dcm", again / "seg.dcm")
    opened = scan_dataset(spec_of(again), None)
    assert [item.name for item in opened.classes] == [item.name for item in dataset.classes]
    for place in range(3):
        found = read_label(opened.spec, opened.classes, opened.samples[place])
        np.testing.assert_array_equal(found.stack(), predicted(review, place).stack())


def test_a_series_that_cannot_be_written_does_not_stop_the_others(tmp_path: Path) -> None:
    for patient in ("P1", "P2"):
        images = make_series(patient=patient)
        write_seg(tmp_path / f"set/{patient}.dcm", images, make_layers(segments=1), ["liver"])
        if patient == "P1":
            for image in images:
                del image.ImagePositionPatient, image.ImageOrientationPatient
        write_series(tmp_path / f"set/{patient}", images)
    dataset, review = open_series(spec_of(tmp_path / "set"))
    for place in range(6):
        answer(review, place)
    result = export(review, "dicom_seg", tmp_path / "out")
    assert "P1/im_03.dcm was left out: not all images of its series say where they lie" in result["message"]
    assert result["message"].startswith("3 cases written.")
    (written,) = (tmp_path / "out/segmentations").iterdir()
    assert pydicom.dcmread(written).PatientID == "P2"
    lines = (tmp_path / "out/cases.csv").read_text().splitlines()[1:]
    assert [line.endswith(".dcm") for line in lines] == [sample.group == "P2" for sample in dataset.samples]


def test_views_that_face_different_ways_are_refused_in_plain_words(tmp_path: Path) -> None:
    images = make_series(2)
    images[1].ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    for number, image in enumerate(images):
        write_seg(tmp_path / f"set/{number}.dcm", [image], make_layers(segments=1)[1:2], ["liver"])
    write_series(tmp_path / "set/ct", images)
    _, review = open_series(spec_of(tmp_path / "set"))
    for place in range(2):
        answer(review, place)
    with pytest.raises(ReviewError, match="the images of its series face different ways"):
        export(review, "dicom_seg", tmp_path / "out")


@pytest.mark.real_data
@pytest.mark.filterwarnings("ignore::UserWarning")  # highdicom, of the file's own values
def test_the_frames_of_one_file_are_written_together_or_not_at_all(real_data: Path, tmp_path: Path) -> None:
    file = real_data / "dicom_seg_dcmqi/data/segmentations/24x38x3/multiframe/mf.dcm"
    (tmp_path / "set").mkdir()
    shutil.copy(file, tmp_path / "set/mf.dcm")
    frames = pydicom.dcmread(file)
    layers = np.zeros((3, frames.Rows, frames.Columns, 1), np.uint8)
    layers[1:, 4:9, 5:12] = 1
    write_seg(tmp_path / "set/seg.dcm", [frames], layers, ["liver"])
    dataset, review = open_series(spec_of(tmp_path / "set"))
    assert len(dataset.samples) == 3
    answer(review, 0)
    answer(review, 1)
    with pytest.raises(ReviewError, match="2 of its 3 frames"):
        export(review, "dicom_seg", tmp_path / "out")
    answer(review, 2)
    export(review, "dicom_seg", tmp_path / "out")
    written = highdicom.seg.segread(tmp_path / "out/segmentations/series_0001.dcm")
    found = written.get_pixels_by_source_frame(
        frames.SOPInstanceUID, [1, 2, 3], assert_missing_frames_are_empty=True
    )
    np.testing.assert_array_equal(found, layers)


def test_images_that_are_not_there_are_a_refusal(tmp_path: Path) -> None:
    write_seg(tmp_path / "set/seg.dcm", make_series(), make_layers(), ["liver", "lesion"])
    dataset, review = open_series(spec_of(tmp_path / "set"))
    assert dataset.samples[0].image is None
    answer(review, 0)
    with pytest.raises(ReviewError, match="is not in the dataset"):
        export(review, "dicom_seg", tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "meaning", "side"),
    [("lung", "Lung", None), ("Left lungs", "Lung", "Left"), ("kidneys", "Kidney", None),
     ("hemorrhage", "Hemorrhage", None), ("blood_vessel", "Blood Vessel", None)],
)  # fmt: skip
def test_known_names_get_public_codes(name: str, meaning: str, side: str | None) -> None:
    found = find_codes(name)
    assert (found.kind.meaning, found.kind.scheme_designator) == (meaning, "SCT")
    assert (found.side.meaning if found.side else None) == side


def test_unknown_names_get_a_private_code_that_is_theirs_alone() -> None:
    first, second = find_codes("odd finding"), find_codes("other finding")
    assert first.kind.scheme_designator == second.kind.scheme_designator == PRIVATE_SCHEME
    assert first.kind.value != second.kind.value
    assert first.kind.meaning == "odd finding"


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["liver.dcm", "partial_overlaps.dcm"])
def test_dcmqi_is_exported_and_read_again(real_data: Path, tmp_path: Path, name: str) -> None:
    source = real_data / "dicom_seg_dcmqi/data/segmentations"
    shutil.copytree(source / "ct-3slice", tmp_path / "set/ct")
    shutil.copy(source / name, tmp_path / "set/seg.dcm")
    dataset, review = open_series(datasets.propose(str(tmp_path / "set")).spec)
    export(review, "dicom_seg", tmp_path / "out", settled_only=False)
    found = read_frames(tmp_path / "out/segmentations/series_0001.dcm", dataset)
    for place in range(3):
        wanted = predicted(review, place).stack()[1:]
        np.testing.assert_array_equal(np.moveaxis(found[place], -1, 0), wanted)
