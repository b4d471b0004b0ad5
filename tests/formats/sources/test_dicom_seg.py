"""DICOM images with segmentations: matched, counted, read."""

import gzip
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import JPEGLosslessSV1, generate_uid

from core.data.copies import describe_source, read_source_label
from core.domain.dataset import SampleUnit
from core.domain.scan import ScannedDataset
from core.errors import DatasetError
from core.formats.sources.dicom_seg import DicomSegSource
from core.formats.whole import read_display, read_label, scan_dataset
from tests.formats.sources.dicoms import (
    SHAPE,
    make_layers,
    make_series,
    spec_of,
    write_seg,
    write_series,
)


def scan(root: Path, unit: SampleUnit = "slice", **fields: Any) -> ScannedDataset:
    return scan_dataset(spec_of(root, unit, **fields), None)


def counts_of(found: ScannedDataset) -> dict[str, list[int]]:
    assert found.pixels is not None
    names = [item.key for item in found.classes]
    return {name: found.pixels[:, place].tolist() for place, name in enumerate(names)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three slices and two overlapping segments."""
    images = make_series()
    write_series(tmp_path / "ct", images)
    write_seg(tmp_path / "seg.dcm", images, make_layers(), ["Liver", "Tumour"])
    return tmp_path


def test_segments_are_counted_on_the_images_they_were_drawn_on(folder: Path) -> None:
    found = scan(folder)
    # Written as im_03, im_10, im_06: by name the slices 0, 2, 1.
    assert [sample.id for sample in found.samples] == ["ct/im_03.dcm", "ct/im_06.dcm", "ct/im_10.dcm"]
    assert counts_of(found) == {"background": [48, 39, 34], "Liver": [0, 9, 9], "Tumour": [0, 0, 6]}
    assert found.overlapping
    assert found.problems == ()


def test_a_series_is_one_volume(folder: Path) -> None:
    found = scan(folder, "volume")
    assert counts_of(found) == {"background": [121], "Liver": [18], "Tumour": [6]}
    assert found.depths is not None
    assert found.spacings is not None
    assert found.depths.tolist() == [3]
    assert found.spacings[0] == pytest.approx([0.5, 0.75, 2.5])


def test_layers_lie_where_they_were_drawn(folder: Path) -> None:
    found = scan(folder)
    label = read_label(found.spec, found.classes, found.samples[2])
    layers = make_layers()[1].astype(bool)
    keys = [item.key for item in found.classes]
    assert (label.region(keys.index("Liver")) == layers[..., 0]).all()
    assert (label.region(keys.index("Tumour")) == layers[..., 1]).all()
    assert (label.region(keys.index("background")) == ~layers.any(axis=-1)).all()


def test_of_a_series_the_fullest_image_is_shown(folder: Path) -> None:
    found = scan(folder, "volume")
    label = read_label(found.spec, found.classes, found.samples[0])
    assert label.region([item.key for item in found.classes].index("Tumour")).sum() == 6


def test_images_of_a_patient_are_one_group_and_the_name_is_nowhere(folder: Path) -> None:
    found = scan(folder)
    assert {sample.group for sample in found.samples} == {"P1"}
    assert "Doe" not in repr(found)


def test_pixels_are_rescaled_in_one_type(folder: Path) -> None:
    found = scan(folder)
    pixels = [DicomSegSource().read_pixels(found.spec, sample) for sample in found.samples]
    assert [int(item[0, 0]) for item in pixels] == [-1000, -998, -999]
    assert {item.dtype for item in pixels} == {np.dtype(np.int16)}


def test_the_first_window_of_the_file_is_shown(tmp_path: Path) -> None:
    images = make_series()
    ramp = np.linspace(1024 - 160, 1024 + 240, SHAPE[0] * SHAPE[1]).round().astype(np.uint16).reshape(SHAPE)
    images[1].PixelData = ramp.tobytes()
    write_series(tmp_path, images)
    write_seg(tmp_path / "seg.dcm", images, make_layers(), ["a", "b"])
    found = scan(tmp_path)
    shown = read_display(found.spec, found.samples[2])[..., 0]
    assert shown[0, 0] == 0
    assert shown[-1, -1] == 255
    assert shown[3, 0] == pytest.approx(255 * 24 / 47, abs=2)


def test_low_is_bright_where_the_file_says_so(tmp_path: Path) -> None:
    images = make_series(PhotometricInterpretation="MONOCHROME1", WindowCenter=None, WindowWidth=None)
    images[1].PixelData = np.arange(48, dtype=np.uint16).tobytes()
    write_series(tmp_path, images)
    write_seg(tmp_path / "seg.dcm", images, make_layers(), ["a", "b"])
    found = scan(tmp_path)
    assert read_display(found.spec, found.samples[2])[0, 0, 0] == 255
    pixels = DicomSegSource().read_pixels(found.spec, found.samples[2])
    assert pixels[0, 0] > pixels[-1, -1]


@pytest.mark.parametrize("kind", ["MONOCHROME1", "MONOCHROME2"])
def test_a_table_of_the_file_comes_before_its_window(tmp_path: Path, kind: str) -> None:
    table = Dataset()
    table.add_new("LUTDescriptor", "SS", [48, -1024, 12])
    table.add_new("LUTData", "US", (np.arange(48) ** 2).tolist())
    images = make_series(PhotometricInterpretation=kind, VOILUTSequence=[table])
    stored = np.arange(48, dtype=np.uint16).reshape(SHAPE)
    images[1].PixelData = stored.tobytes()
    write_series(tmp_path, images)
    write_seg(tmp_path / "seg.dcm", images, make_layers(), ["a", "b"])
    found = scan(tmp_path)
    shown = read_display(found.spec, found.samples[2])[..., 0]
    bright = stored.astype(np.float64) ** 2 / 4095 * 255
    np.testing.assert_allclose(shown, 255 - bright if kind == "MONOCHROME1" else bright, atol=1)


def test_segments_that_share_no_pixel_do_not_overlap(tmp_path: Path) -> None:
    images, layers = make_series(), make_layers()
    layers[..., 1] &= 1 - layers[..., 0]
    write_series(tmp_path / "ct", images)
    write_seg(tmp_path / "seg.dcm", images, layers, ["liver", "spleen"])
    assert not scan(tmp_path).overlapping
    assert not scan(tmp_path, unit="volume").overlapping


def test_what_does_not_overlap_is_read_as_one_number_a_pixel(tmp_path: Path) -> None:
    images, layers = make_series(), make_layers(segments=1)
    write_series(tmp_path / "ct", images)
    write_seg(tmp_path / "seg.dcm", images, layers, ["liver"])
    found = scan(tmp_path)
    source = describe_source(found)
    names = [item.name for item in found.classes]
    for sample, drawn in zip(found.samples, read_drawn(found, "liver"), strict=True):
        label = read_source_label(source, sample)
        assert not label.overlapping
        np.testing.assert_array_equal(label.pixels == names.index("liver"), drawn)
        np.testing.assert_array_equal(label.pixels == names.index("background"), ~drawn)


def read_drawn(found: ScannedDataset, name: str) -> list[NDArray[np.bool_]]:
    place = [item.name for item in found.classes].index(name)
    return [read_label(found.spec, found.classes, sample).region(place) for sample in found.samples]


def test_files_need_no_suffix(tmp_path: Path) -> None:
    images = make_series()
    write_series(tmp_path, images, suffix="")
    write_seg(tmp_path / "mask", images, make_layers(), ["a", "b"])
    assert len(scan(tmp_path).samples) == 3


def test_fractions_are_cut_at_half_of_their_maximum_or_at_the_threshold(tmp_path: Path) -> None:
    images = make_series()
    layers = make_layers(segments=1).astype(np.float32)
    layers[1] *= 0.4
    write_series(tmp_path, images)
    write_seg(
        tmp_path / "seg.dcm", images, layers, ["a"], "FRACTIONAL", fractional_type="PROBABILITY",
        max_fractional_value=200,
    )  # fmt: skip
    assert counts_of(scan(tmp_path))["a"] == [0, 9, 0]
    assert counts_of(scan(tmp_path, threshold=0.3))["a"] == [0, 9, 9]
    with pytest.raises(DatasetError, match="no share"):
        found = scan(tmp_path)
        spec = found.spec.model_copy(update={"threshold": 128.0})
        read_label(spec, found.classes, found.samples[1])


def test_numbers_of_a_label_map_are_its_segments(tmp_path: Path) -> None:
    images = make_series()
    numbers = np.zeros((3, *SHAPE), np.uint8)
    numbers[1, :2] = 1
    numbers[2, 0, :3] = 2
    write_series(tmp_path, images)
    write_seg(tmp_path / "seg.dcm", images, numbers, ["a", "b"], "LABELMAP")
    assert counts_of(scan(tmp_path)) == {"background": [48, 45, 32], "a": [0, 0, 16], "b": [0, 3, 0]}


def test_a_second_file_about_the_same_label_is_a_class_of_its_own(folder: Path) -> None:
    images = [pydicom.dcmread(path) for path in sorted((folder / "ct").iterdir())]
    layers = np.zeros((3, *SHAPE, 1), np.uint8)
    layers[0, 0, 0] = 1
    write_seg(folder / "seg_second.dcm", images, layers, ["Liver"])
    counts = counts_of(scan(folder))
    assert counts["Liver"] == [0, 9, 9]
    assert counts["Liver (2)"] == [1, 0, 0]


def test_images_renamed_by_an_anonymiser_are_found_by_their_place(folder: Path) -> None:
    for path in (folder / "ct").iterdir():
        image = pydicom.dcmread(path)
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        image.save_as(path)
    assert counts_of(scan(folder))["Tumour"] == [0, 0, 6]


def test_a_segmentation_beside_other_images_is_named(folder: Path) -> None:
    others = make_series(patient="P2")
    write_seg(folder / "lost.dcm", others, make_layers(), ["Liver", "Tumour"])
    found = scan(folder)
    assert [(problem.file, len(found.samples)) for problem in found.problems] == [("lost.dcm", 3)]


def test_a_series_without_a_segmentation_is_named(folder: Path) -> None:
    write_series(folder / "mr", make_series(patient="P2"))
    found = scan(folder)
    assert (len(found.samples), found.images) == (3, 6)
    assert "no segmentation belongs to this series of 3" in found.problems[0].problem


def test_segmentations_alone_open_as_masks(tmp_path: Path) -> None:
    write_seg(tmp_path / "seg.dcm", make_series(), make_layers(), ["Liver", "Tumour"])
    found = scan(tmp_path)
    assert all(sample.image is None for sample in found.samples)
    assert counts_of(found) == {"background": [34, 39], "Liver": [9, 9], "Tumour": [6, 0]}


def test_images_alone_are_refused_with_what_is_missing(tmp_path: Path) -> None:
    write_series(tmp_path, make_series())
    with pytest.raises(DatasetError, match="3 DICOM images, but no DICOM segmentation"):
        scan(tmp_path)


def test_a_misplaced_segmentation_is_refused(folder: Path) -> None:
    path = folder / "seg.dcm"
    seg = pydicom.dcmread(path)
    for frame in seg.PerFrameFunctionalGroupsSequence:
        x, y, z = frame.PlanePositionSequence[0].ImagePositionPatient
        frame.PlanePositionSequence[0].ImagePositionPatient = [x + 3, y, z]
    seg.save_as(path)
    found = scan(folder)
    assert "3 mm away from its image" in found.problems[0].problem
    assert len(found.samples) == 1  # the slice that has no segment


def test_one_object_twice_is_read_once(folder: Path) -> None:
    (folder / "copy.dcm").write_bytes((folder / "seg.dcm").read_bytes())
    found = scan(folder)
    assert "same DICOM object" in found.problems[0].problem
    assert "Liver (2)" not in counts_of(found)


def test_missing_slices_are_pointed_out(tmp_path: Path) -> None:
    images = make_series(depth=5)
    write_seg(tmp_path / "seg.dcm", images, make_layers(5), ["a", "b"])
    write_series(tmp_path, [images[place] for place in (0, 1, 3, 4)])
    found = scan(tmp_path)
    assert len(found.samples) == 4
    assert "5 mm lie between" in found.problems[0].problem


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"not at all", "no DICOM file"),
        (b"\0" * 128 + b"DICM", "dcm"),
        (gzip.compress(b"packed" * 100), "no DICOM file"),
    ],
)
def test_other_files_are_named(folder: Path, content: bytes, told: str) -> None:
    (folder / "other.dcm").write_bytes(content)
    found = scan(folder)
    assert len(found.samples) == 3
    assert found.problems[0].file == "other.dcm"
    assert told in f"{found.problems[0].file} {found.problems[0].problem}"


def test_an_image_cut_short_costs_itself_only(folder: Path) -> None:
    path = folder / "ct/im_06.dcm"
    path.write_bytes(path.read_bytes()[:-30])
    found = scan(folder)
    assert [sample.id for sample in found.samples] == ["ct/im_03.dcm", "ct/im_10.dcm"]
    assert found.problems[0].file == "ct/im_06.dcm"


def test_contours_are_refused_by_their_name(folder: Path) -> None:
    contours = make_series(depth=1)[0]
    contours.SOPClassUID = contours.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    contours.save_as(folder / "rt.dcm", enforce_file_format=True)
    assert "RTSTRUCT" in scan(folder).problems[0].problem


def test_a_compression_that_cannot_be_decoded_is_named(folder: Path) -> None:
    path = folder / "ct/im_06.dcm"
    image = pydicom.dcmread(path)
    image.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8\xff\xd9"])
    image["PixelData"].VR = "OB"
    image["PixelData"].is_undefined_length = True
    image.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    image.save_as(path)
    assert "JPEG Lossless" in scan(folder).problems[0].problem


def test_a_header_that_promises_a_bomb_is_refused(folder: Path) -> None:
    path = folder / "ct/im_06.dcm"
    image = pydicom.dcmread(path)
    image.Rows, image.Columns = 65535, 65535
    image.save_as(path)
    assert "65535 x 65535" in scan(folder).problems[0].problem


def test_run_length_coded_images_are_decoded(folder: Path) -> None:
    path = folder / "ct/im_10.dcm"
    image = pydicom.dcmread(path)
    before = image.pixel_array
    image.compress(pydicom.uid.RLELossless, generate_instance_uid=False)
    image.save_as(path)
    found = scan(folder)
    assert (DicomSegSource().read_pixels(found.spec, found.samples[2]) == before.astype(int) - 1024).all()


def test_files_left_out_do_not_count(folder: Path) -> None:
    found = scan(folder, ignored=("ct/im_03.dcm",))
    assert len(found.samples) == 2


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["liver", "partial_overlaps"])
def test_dcmqi_segments_are_counted_as_highdicom_reads_them(real_data: Path, name: str) -> None:
    source = real_data / "dicom_seg_dcmqi/data/segmentations"
    seg = highdicom.seg.segread(source / f"{name}.dcm")
    uids = [str(pydicom.dcmread(path).SOPInstanceUID) for path in sorted((source / "ct-3slice").iterdir())]
    layers = seg.get_pixels_by_source_instance(
        uids, assert_missing_frames_are_empty=True, ignore_spatial_locations=True
    )
    expected = {
        str(seg.get_segment_description(number).SegmentLabel): layers[..., number - 1]
        .sum(axis=(1, 2))
        .tolist()
        for number in seg.segment_numbers
    }
    others = [
        str(path.relative_to(source))
        for path in source.rglob("*")
        if path.is_file() and path.parent.name != "ct-3slice" and path.name != f"{name}.dcm"
    ]
    found = scan(source, ignored=tuple(others))
    counts = counts_of(found)
    assert {key: counts[key] for key in expected} == expected


@pytest.mark.real_data
def test_dcmqi_is_read_with_all_its_oddities(real_data: Path) -> None:
    found = scan(real_data / "dicom_seg_dcmqi")
    assert (len(found.samples), found.images) == (9, 15)
    assert sorted(Path(problem.file).name for problem in found.problems) == [
        "mf.dcm",
        "mf.dcm",
        "sparse-labelmap-ppv5.dcm",
    ]
    assert {sample.group for sample in found.samples} == {"99000", "123456"}
