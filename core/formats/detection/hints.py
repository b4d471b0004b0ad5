"""What names of folders and files hint at: images, masks, other pictures, splits, classes."""

import re

from core.formats.folders.splits import camel_spaced, spaced

_MASKS = re.compile(
    r"mask|label|lbl|annot|ground.?truth|segment|manual|trimap|target|silver|gold|delineat|contour"
    r"|(?<![a-z])(?:gts?|seg|segs|sem|ann|anns|truth|msk|lab|labs)(?![a-z])|gt(?:fine|coarse)"
)
_IMAGES = re.compile(
    r"imag|img|photo|picture|original|jpeg|frame|slice|scan|x.?ray|sat(?![a-z])"
    r"|(?<![a-z])(?:cxr|raw|inputs?|rgb|src|data|ct|mri?|tiles?|chips?|patches|fundus)(?![a-z])"
)
_OTHERS = re.compile(
    r"visual|overlay|preview|colou?r|instance|object|panoptic|depth|dispar|edge|boundar|predict|result|thumb"
    r"|weight|uncertain|mirror|poly|(?<![a-z])(?:vis|viz|fov|roi|rgb|pred|ins|inst)(?![a-z])"
)
_GENERIC = re.compile(
    r"masks?|labels?|lbls?|annotations?|annots?|anns?|ground|truths?|gts?|segmentations?|segs?"
    r"|manual|manually"
    r"|class(?:es)?|binary|png|images?|imgs?|fine|coarse|ids?|trainids|the|all|set|dataset|data|dir"
    r"|train|training|val|valid|validation|test|testing|expert|observer|annotator|reader|rater"
    r"|[0-9]+(?:st|nd|rd|th)?|[a-z]"
)


def mask_hint(path: str) -> float:
    """How much a name speaks for masks: 1 yes, 0 nothing, below 0 for pictures made from masks."""
    words = spaced(path)
    hint = 1.0 if _MASKS.search(words) else 0.0
    if _OTHERS.search(words):
        hint -= 0.75
    if "trainid" in words.replace(" ", ""):
        hint -= 0.25  # the same classes, renumbered for one benchmark
    return hint


def image_hint(path: str) -> float:
    """How much a name speaks for images: 1 yes, 0 nothing, -1 for masks."""
    words = spaced(path)
    if _MASKS.search(words):
        return -1.0
    return 1.0 if _IMAGES.search(words) else 0.0


def is_field_of_view(path: str) -> bool:
    """Whether a name says that its pictures show where the camera sees, not what."""
    return bool(re.search(r"(?<![a-z])(?:fov|roi|field.?of.?view)(?![a-z])", spaced(path)))


def is_reader(path: str) -> bool:
    """Whether a name tells who drew a mask (`1st_manual`, `expert 2`), not what it shows."""
    return bool(re.search(r"\d(?:st|nd|rd|th)|manual|observer|expert|annotator|reader|rater", spaced(path)))


def class_name(text: str) -> str:
    """The informative words of a folder or suffix; empty if there are none.

    >>> class_name("_EX"), class_name("1. Microaneurysms"), class_name("1st_manual"), class_name("left_lung")
    ('EX', 'Microaneurysms', '', 'left lung')
    """
    words = [word for word in re.split(r"[^0-9A-Za-zÀ-￿]+", camel_spaced(text)) if word]
    if len(words) > 1 or (words and _GENERIC.fullmatch(words[0].lower())):
        words = [word for word in words if not _GENERIC.fullmatch(word.lower())]
    return " ".join(words)
