"""The sources by name."""

from core.formats.sources.coco import COCO
from core.formats.sources.dicom_seg import DicomSegSource
from core.formats.sources.labelme import LABELME
from core.formats.sources.nifti import NiftiSource
from core.formats.sources.protocol import Source

SOURCES: dict[str, Source] = {
    "coco": COCO,
    "labelme": LABELME,
    "nifti": NiftiSource(),
    "dicom_seg": DicomSegSource(),
}
