"""Codes for what a segment shows, found by the class's name among those that DICOM lists for segments."""

import hashlib
import re
from dataclasses import dataclass

from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

PRIVATE_SCHEME = "99COUNTERPOISE"
_SIDES = {"left": "Left", "right": "Right"}
# DICOM PS3.16: the property types of each property category (context groups 7191 to 7198)
_TYPES = (
    ("AnatomicalStructure", "cid7192"),
    ("MorphologicallyAbnormalStructure", "cid7194"),
    ("Tissue", "cid7191"),
    ("PhysicalObject", "cid7193"),
    ("BodySubstance", "cid7197"),
    ("Substance", "cid7198"),
    ("Function", "cid7195"),
    ("SpatialAndRelationalConcept", "cid7196"),
)


@dataclass(frozen=True, slots=True)
class SegmentCodes:
    """Category and type of a segment; `side` where the name says left or right and DICOM's type does not."""

    category: Code
    kind: Code
    side: Code | None = None


def find_codes(name: str) -> SegmentCodes:
    """The codes for a class.

    A name that DICOM lists (“lung”, “Left Lung”, “kidneys”, “hemorrhage”) gets its SNOMED CT code. Any other
    is “tissue” of a type in a private scheme, whose value is made of the name: better an honest private code
    than a wrong public one.

    >>> find_codes("left lungs").kind.meaning, find_codes("left lungs").side.meaning
    ('Lung', 'Left')
    """
    words = re.findall(r"[a-z0-9]+", name.lower())
    sides = [word for word in words if word in _SIDES]
    bare = [word for word in words if word not in _SIDES]
    for tried, side in ((words, None), (bare, sides[0] if len(sides) == 1 else None)):
        found = _find(tried)
        if found is not None:
            category, kind = found
            return SegmentCodes(category, kind, getattr(codes.SCT, _SIDES[side]) if side else None)
    value = hashlib.sha256(name.encode()).hexdigest()[:16]
    return SegmentCodes(codes.SCT.Tissue, Code(value, PRIVATE_SCHEME, name[:64]))


def _find(words: list[str]) -> tuple[Code, Code] | None:
    keyword = "".join(word.capitalize() for word in words)
    for tried in (keyword, keyword.removesuffix("s"), keyword.removesuffix("es")):
        for category, group in _TYPES:
            listed = getattr(codes, group)
            if tried and tried in listed.dir():
                return getattr(codes.SCT, category), getattr(listed, tried)
    return None
