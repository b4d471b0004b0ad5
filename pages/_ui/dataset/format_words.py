"""How formats, pairing rules and units are called on the pages."""

from typing import Final

FORMATS: Final = {
    "index": "Index masks: one value a class",
    "colour": "Colour masks: one colour a class",
    "binary": "Binary masks: one class",
    "binary_per_class": "One binary mask a class",
    "coco": "COCO: polygons and run lengths in JSON",
    "labelme": "labelme: polygons in JSON",
    "nifti": "NIfTI volumes: one number a class",
    "dicom_seg": "DICOM images with DICOM segmentations",
    "label_table": "A table of labels, no masks",
    "label_lists": "Lists of labels, no masks",
    "label_folders": "A folder of images a class, no masks",
    "label_names": "Class in the file name, no masks",
}
PAIRINGS: Final = {
    "stem": "Image and mask have the same file name",
    "affix": "The same file name without prefix or suffix",
    "number": "The same number in the file name",
    "none": "Masks only, no images",
}
UNITS: Final = {"slice": "Each slice", "volume": "Each volume"}
VOLUMES: Final = ("nifti", "dicom_seg")
"""Formats whose files hold slices that belong together."""
SELF_PAIRED: Final = ("coco", "labelme", "dicom_seg")
"""Formats whose files say themselves which images they are about."""
DRAWN: Final = ("coco", "labelme")
"""Formats whose objects are outlines, with names instead of values."""


def masks_word(name: str) -> str:
    """What the masks of a format are called.

    >>> masks_word("coco"), masks_word("index")
    ('annotations', 'masks')
    """
    return "annotations" if name in DRAWN else "masks"


def in_sentence(text: str) -> str:
    """A title inside a sentence; names such as NIfTI keep their capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
