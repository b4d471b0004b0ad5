"""Small DICOM images and segmentations made in the tests."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from core.domain.dataset import DatasetSpec, FolderPair, SampleUnit

SHAPE = (6, 8)


def make_series(depth: int = 3, patient: str = "P1", step: float = 2.5, **fields: Any) -> list[Dataset]:
    """A CT series; pixel values rise by one from slice to slice, from -1000 Hounsfield units on."""
    series, study, frame = generate_uid(), generate_uid(), generate_uid()
    return [
        _make_image(number, patient, (study, series, frame), step * number, fields) for number in range(depth)
    ]


def _make_image(
    number: int, patient: str, uids: tuple[str, str, str], z: float, fields: dict[str, Any]
) -> Dataset:
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = CTImageStorage
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    image.StudyInstanceUID, image.SeriesInstanceUID, image.FrameOfReferenceUID = uids
    image.PatientID, image.PatientName, image.Modality = patient, "Doe^Jane", "CT"
    image.PatientBirthDate, image.PatientSex, image.StudyID, image.AccessionNumber = "", "", "1", ""
    image.StudyDate, image.StudyTime, image.ReferringPhysicianName = "20260101", "120000", ""
    image.SeriesNumber, image.InstanceNumber = 4, number + 1
    image.Rows, image.Columns = SHAPE
    image.ImagePositionPatient, image.ImageOrientationPatient = [1.0, 2.0, z], [1, 0, 0, 0, 1, 0]
    image.PixelSpacing, image.SliceThickness = [0.5, 0.75], 2.5
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
    image.RescaleSlope, image.RescaleIntercept = 1, -1024
    image.WindowCenter, image.WindowWidth = [40, -600], [400, 1500]
    pixels = np.full(SHAPE, 24 + number, np.uint16)
    image.PixelData = pixels.tobytes()
    for name, value in fields.items():
        setattr(image, name, value)
    return image


def write_series(folder: Path, images: Sequence[Dataset], suffix: str = ".dcm") -> list[Path]:
    """Write a series, in an order that its names do not tell."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"im_{(7 * place + 3) % 11:02}{suffix}" for place in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        image.save_as(path, enforce_file_format=True)
    return paths


def write_seg(
    path: Path,
    images: Sequence[Dataset],
    layers: NDArray[Any],
    labels: Sequence[str],
    kind: str = "BINARY",
    **options: Any,
) -> Path:
    """Write a segmentation: `(D, H, W, segments)` layers, or `(D, H, W)` numbers for a label map."""
    described = [
        highdicom.seg.SegmentDescription(
            segment_number=number + 1,
            segment_label=label,
            segmented_property_category=codes.SCT.Organ,
            segmented_property_type=codes.SCT.Liver,
            algorithm_type="MANUAL",
        )
        for number, label in enumerate(labels)
    ]
    made = highdicom.seg.Segmentation(
        source_images=list(images),
        pixel_array=layers,
        segmentation_type=kind,
        segment_descriptions=described,
        series_instance_uid=generate_uid(),
        series_number=9,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer="maker",
        manufacturer_model_name="model",
        software_versions="1",
        device_serial_number="1",
        **options,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save_as(path)
    return path


def make_layers(depth: int = 3, segments: int = 2) -> NDArray[np.uint8]:
    """Two segments that overlap in the second slice; the first slice holds none."""
    layers = np.zeros((depth, *SHAPE, segments), np.uint8)
    layers[1:, 1:4, 2:5, 0] = 1
    if segments > 1:
        layers[1, 3:5, 4:7, 1] = 1
    return layers


def spec_of(root: Path, unit: SampleUnit = "slice", **fields: Any) -> DatasetSpec:
    """The answers for a folder that holds all."""
    folders = (FolderPair(images=".", masks="."),)
    return DatasetSpec(name="dicom", root=root, format="dicom_seg", folders=folders, unit=unit, **fields)
