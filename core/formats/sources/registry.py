"""The sources by name."""

from core.formats.sources.coco import COCO
from core.formats.sources.dicom_seg import DicomSegSource
from core.formats.sources.labelme import LABELME
from core.formats.sources.nifti import NiftiSource
from core.formats.sources.protocol import Source
from core.formats.sources.volumes import VolumeSource

_NIFTI, _DICOM_SEG = NiftiSource(), DicomSegSource()
SOURCES: dict[str, Source] = {
    "coco": COCO,
    "labelme": LABELME,
    "nifti": _NIFTI,
    "dicom_seg": _DICOM_SEG,
}
VOLUME_SOURCES: dict[str, VolumeSource] = {"nifti": _NIFTI, "dicom_seg": _DICOM_SEG}
