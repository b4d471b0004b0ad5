"""NIfTI and DICOM in a folder, as detection understands them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.proposal import Answers
from core.errors import DatasetError
from core.formats.detection.proposing import propose
from core.formats.whole import scan_dataset
from tests.formats.sources import dicoms
from tests.formats.sources.volumes import make_image, make_label, write_nifti, write_pair


def test_slices_are_proposed_and_volumes_are_the_other_choice(tmp_path: Path) -> None:
    write_pair(tmp_path)
    found = propose(tmp_path)
    assert (found.spec.format, found.spec.unit) == ("nifti", "slice")
    assert found.alternatives[0] == found.spec.model_copy(update={"unit": "volume"})


def test_a_person_may_say_volume(tmp_path: Path) -> None:
    write_pair(tmp_path)
    assert propose(tmp_path, Answers(unit="volume")).spec.unit == "volume"


def test_decathlon_folders_are_read_with_their_names(tmp_path: Path) -> None:
    for name in ("a_001", "a_002"):
        write_nifti(tmp_path / f"imagesTr/{name}.nii.gz", make_image())
        write_nifti(tmp_path / f"labelsTr/{name}.nii.gz", make_label())
    write_nifti(tmp_path / "imagesTs/a_003.nii.gz", make_image())
    about = {"name": "Task", "labels": {"0": "background", "1": "Anterior", "2": "Posterior"}}
    (tmp_path / "dataset.json").write_text(json.dumps(about))
    spec = propose(tmp_path).spec
    assert [(pair.images, pair.masks) for pair in spec.folders] == [("imagesTr", "labelsTr")]
    assert [(item.key, item.name) for item in spec.classes] == [
        ("0", "background"),
        ("1", "Anterior"),
        ("2", "Posterior"),
    ]
    assert spec.name == "Task"


def test_channels_of_nnunet_are_one_image(tmp_path: Path) -> None:
    for case in ("p_1", "p_2"):
        for channel in range(3):
            write_nifti(tmp_path / f"imagesTr/{case}_000{channel}.nii.gz", make_image())
        write_nifti(tmp_path / f"labelsTr/{case}.nii.gz", make_label())
    about = {
        "channel_names": {"0": "T1", "1": "T2", "2": "FLAIR"},
        "labels": {"background": 0, "core": 1, "rim": 2},
    }
    (tmp_path / "dataset.json").write_text(json.dumps(about))
    found = propose(tmp_path)
    assert found.spec.pairing.image_suffix == "_0000"
    assert [item.name for item in found.spec.classes] == ["background", "core", "rim"]
    assert any("3 channels (T1, T2, FLAIR)" in reason for reason in found.reasons)
    assert len(scan_dataset(found.spec, None).samples) == 8


def test_bids_names_are_paired(tmp_path: Path) -> None:
    for subject in ("sub-01", "sub-02", "sub-03"):
        write_nifti(tmp_path / f"{subject}/anat/{subject}_T1w.nii.gz", make_image())
        write_nifti(tmp_path / f"derivatives/labels/{subject}/anat/{subject}_T1w_lesion.nii.gz", make_label())
    found = scan_dataset(propose(tmp_path, Answers(unit="volume")).spec, None)
    assert [str(sample.image) for sample in found.samples] == [
        f"sub-0{number}/anat/sub-0{number}_T1w.nii.gz" for number in (1, 2, 3)
    ]


def test_image_and_label_in_one_folder_are_told_apart_by_what_they_hold(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(size=(5, 6, 4))
    for case in range(3):
        write_nifti(tmp_path / f"case{case}/case{case}_flair.nii.gz", noise)
        write_nifti(tmp_path / f"case{case}/case{case}_seg.nii.gz", make_label())
    found = scan_dataset(propose(tmp_path, Answers(unit="volume")).spec, None)
    assert [(str(s.image), str(s.masks[0][1])) for s in found.samples] == [
        (f"case{case}/case{case}_flair.nii.gz", f"case{case}/case{case}_seg.nii.gz") for case in range(3)
    ]


def test_volumes_without_labels_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_nifti(tmp_path / f"images/{name}.nii.gz", np.random.default_rng(0).normal(size=(5, 6, 4)))
    with pytest.raises(DatasetError, match="none is a label"):
        propose(tmp_path)


def test_a_few_volumes_among_many_pictures_change_nothing(tmp_path: Path) -> None:
    write_nifti(tmp_path / "extra/a.nii.gz", make_label())
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
        for number in range(6):
            Image.fromarray(np.tile(np.uint8([0, 255]), (8, 4))).save(tmp_path / folder / f"{number}.png")
    assert propose(tmp_path).spec.format != "nifti"


def test_dicom_segmentations_are_proposed_with_their_labels(tmp_path: Path) -> None:
    images = dicoms.make_series()
    dicoms.write_series(tmp_path, images, suffix="")
    dicoms.write_seg(tmp_path / "mask", images, dicoms.make_layers(), ["Liver", "Tumour"])
    spec = propose(tmp_path).spec
    assert spec.format == "dicom_seg"
    assert [item.key for item in spec.classes] == ["background", "Liver", "Tumour"]


def test_dicom_images_alone_are_refused_with_what_is_missing(tmp_path: Path) -> None:
    dicoms.write_series(tmp_path, dicoms.make_series())
    with pytest.raises(DatasetError, match="no DICOM segmentation"):
        propose(tmp_path)


def test_segmentations_alone_are_said_to_be_masks_only(tmp_path: Path) -> None:
    dicoms.write_seg(tmp_path / "seg.dcm", dicoms.make_series(), dicoms.make_layers(), ["a", "b"])
    found = propose(tmp_path)
    assert found.spec.folders[0].images is None
    assert "only masks" in found.warnings[0]


@pytest.mark.real_data
def test_hippocampus_is_understood(real_data: Path) -> None:
    spec = propose(real_data / "hippocampus_nifti").spec
    assert (spec.format, spec.folders[0].images, spec.folders[0].masks) == ("nifti", "images", "labels")


@pytest.mark.real_data
def test_dcmqi_is_understood_with_its_colours(real_data: Path) -> None:
    spec = propose(real_data / "dicom_seg_dcmqi").spec
    colours = {item.key: item.colour for item in spec.classes}
    assert spec.format == "dicom_seg"
    assert colours["GREEN"] == "#8CAD6C"  # L 66.8, a -24.6, b 18.8 under the white of D50


def test_volumes_that_cannot_be_read_do_not_hide_the_folders_of_the_others(tmp_path: Path) -> None:
    for name in ("case_3", "case_5", "case_7"):
        write_pair(tmp_path, name)
    for name in (
        "case_1",
        "case_2",
        "case_4",
        "case_9",
    ):  # the first, the middle and the last that are looked at
        for folder in ("images", "labels"):
            (tmp_path / folder / f"{name}.nii.gz").write_bytes(b"")
    spec = propose(tmp_path).spec
    assert [(pair.images, pair.masks) for pair in spec.folders] == [("images", "labels")]
    assert len({sample.group for sample in scan_dataset(spec, None).samples}) == 3
