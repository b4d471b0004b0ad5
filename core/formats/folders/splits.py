"""The split that a folder names: `train`, `val`, `test` and their like."""

import re

_SPLITS = {
    "training": "train", "train": "train", "validation": "val", "valid": "val", "val": "val",
    "testing": "test", "test": "test", "dev": "dev", "trainval": "trainval", "evaluation": "eval",
    "eval": "eval",
}  # fmt: skip
_SPLIT = re.compile(
    r"(?<![a-z])(?:"
    + "|".join(sorted(_SPLITS, key=len, reverse=True))
    + r")(?=[^a-z]|$|annot|mask|label|img|imag|gt|lbl)"
    r"|(?<![a-z])fold[ _-]?\d+(?!\d)"
)


def find_split(path: str) -> str:
    """The split that a path names (`train`, `val`, `test`, `fold 2` …); empty if none.

    >>> find_split("trainannot"), find_split("a. Training Set"), find_split("strain")
    ('train', 'train', '')
    """
    match = _SPLIT.search(spaced(path))
    return _SPLITS.get(match.group(), match.group()) if match else ""


def without_split(path: str) -> str:
    """A path with the name of its split blotted out, so that the folders of all splits look alike.

    >>> without_split("b. Testing Set/images") == without_split("a. Training Set/images")
    True
    """
    words = spaced(path)
    if not _SPLIT.search(words):
        return words
    words = re.sub(r"\* v\d+(?![a-z0-9])", "*", _SPLIT.sub("*", words))  # `Test_v2` is the test set as well
    return re.sub(r"(^|/)[a-z0-9][.)] ", r"\1", words)


def camel_spaced(text: str) -> str:
    """A name with a space wherever a capital follows a small letter."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)


def spaced(path: str) -> str:
    """Lower case, with underscores and changes of case as spaces."""
    return re.sub(r"[_\s-]+", " ", camel_spaced(path)).lower()
