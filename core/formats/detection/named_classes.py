"""The classes that a proposal names, from a file beside the data or from names of folders and suffixes."""

import re
from collections.abc import Sequence
from pathlib import Path

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import FormatName
from core.errors import DatasetError
from core.formats.class_files import read_classes
from core.formats.detection.choosing import Reading
from core.formats.detection.hints import class_name, image_hint, is_reader
from core.formats.folders.listing import Listing, join, parent

_FILE_NAME = re.compile(r"class|label|categor|palette|colou?r|legend|names", re.IGNORECASE)
_SUFFIXES = (".txt", ".csv", ".tsv", ".json")
_MOST_FILES = 20
_MAX_BYTES = 1_000_000
VOID_SUSPECT = "255"  # the value that many datasets leave out of training
_LABELME_BACKGROUND = "_background_"


def find_keys_seen(reading: Reading, form: FormatName) -> list[str]:
    """Class keys seen in the masks that were looked at, ascending."""
    if form == "binary":
        return ["0", "1"]
    if form == "binary_per_class":
        return list(reading.layout.classes)
    if form == "colour":
        return [f"#{value:06x}" for value in reading.masks.values]
    return [str(value) for value in reading.masks.values]


def name_classes(
    listing: Listing, reading: Reading, form: FormatName, void: Sequence[str] = ()
) -> tuple[tuple[ClassSpec, ...], str]:
    """Classes and a sentence on where their names come from.

    For index and colour masks without a class file the classes are left to the scan, which lists every value.
    """
    if form == "binary_per_class":
        return _classes_of_files(reading.layout.classes)
    if form == "binary":
        return _two_levels(listing, reading)
    seen = [key for key in find_keys_seen(reading, form) if key not in void]
    for path in _class_files(listing, reading):
        classes = _read_if_fitting(listing.root / path, seen)
        if classes:
            return classes, f"Class names come from {path}."
    what, zero = ("colour", "black") if form == "colour" else ("value", "0")
    included = "" if {"0", "#000000"} & set(void) else f", {zero} included"
    return (), f"Every {what} in the masks is taken as a class{included}; rename them or change their roles."


def is_labelme_export(classes: Sequence[ClassSpec]) -> bool:
    """Whether classes are named as labelme names them when it exports masks: 0 is `_background_`.

    In such masks 255 is what was labelled `__ignore__`.
    """
    return any(item.key == "0" and item.name == _LABELME_BACKGROUND for item in classes)


def _two_levels(listing: Listing, reading: Reading) -> tuple[tuple[ClassSpec, ...], str]:
    files = (_read_if_fitting(listing.root / path, ["0", "1"]) for path in _class_files(listing, reading))
    name = next((classes[1].name for classes in files if len(classes) == 2), "")
    name = name or _informative_name(reading) or "foreground"
    classes = (
        ClassSpec(key="0", name="background", role=ClassRole.BACKGROUND),
        ClassSpec(key="1", name=name),
    )
    return classes, f"The lower level is the background, the upper the class {name!r}."


def _classes_of_files(keys: Sequence[str]) -> tuple[tuple[ClassSpec, ...], str]:
    names = [key.strip("_-. ") or key for key in keys]
    if len(set(names)) < len(names) or "background" in names:
        names = list(keys)
    classes = [ClassSpec(key=key, name=name) for key, name in zip(keys, names, strict=True)]
    if "background" not in keys:
        classes.insert(0, ClassSpec(key="background", name="background", role=ClassRole.BACKGROUND))
    return tuple(classes), "Each class has mask files of its own; classes may overlap."


def _informative_name(reading: Reading) -> str:
    """What the suffix or the folder of two-level masks says of the class, if it says anything."""
    rule = reading.layout.pairing
    folders = {
        pair.masks.rpartition("/")[2] if pair.masks != pair.images else "" for pair in reading.layout.folders
    }
    for text in (rule.mask_suffix, rule.mask_prefix, folders.pop() if len(folders) == 1 else ""):
        words = [] if is_reader(text) else class_name(text).split()
        if 1 <= len(words) <= 3 and all(word.isalpha() and image_hint(word) <= 0 for word in words):
            return " ".join(words)
    return ""


def _class_files(listing: Listing, reading: Reading) -> list[str]:
    """Files whose names speak of classes, in the mask folders or above them, the nearest first."""
    found: dict[str, None] = {}
    for pair in reading.layout.folders[:4]:
        folder = pair.masks
        while True:
            for name in listing.files.get(folder, ()):
                if _FILE_NAME.search(name) and name.lower().endswith(_SUFFIXES):
                    found[join(folder, name)] = None
            if folder == ".":
                break
            folder = parent(folder)
    return list(found)[:_MOST_FILES]


def _read_if_fitting(path: Path, seen: Sequence[str]) -> tuple[ClassSpec, ...]:
    """The classes of a file if they cover all keys seen, but for one that looks like void."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            return ()
        classes = read_classes(path)
    except (DatasetError, OSError):
        return ()  # some other file whose name happens to fit: it is not what the person asked to read
    certain = [key for key in seen if key != VOID_SUSPECT]
    for keys in (seen, certain):
        fitted = fit_keys(classes, keys)
        if len(fitted) > 1 and {item.key for item in fitted}.issuperset(keys):
            return fitted
    return ()


def fit_keys(classes: Sequence[ClassSpec], seen: Sequence[str]) -> tuple[ClassSpec, ...]:
    """Give classes that were only named the keys that occur in the masks.

    By colour where masks hold colours; by name where they have folders or suffixes; else in order, if there
    are as many keys as names and the numbers 0, 1, 2 … do not cover them. A stated value is kept.

    Args:
        classes: As `read_classes` gives them.
        seen: Keys that occur, ascending, void left out.
    """
    if not classes or any(item.index is not None for item in classes):
        return tuple(classes)
    if seen and seen[0].startswith("#"):
        return tuple(item.model_copy(update={"key": item.colour or item.key}) for item in classes)
    if len(classes) == 1 and list(seen) == ["0", "1"]:
        return (classes[0].model_copy(update={"key": "1"}),)  # the one name is that of the upper level
    named = {_plain(key): key for key in seen}
    if all(_plain(item.name) in named for item in classes):
        return tuple(item.model_copy(update={"key": named[_plain(item.name)]}) for item in classes)
    if len(seen) == len(classes) and not {item.key for item in classes}.issuperset(seen):
        return tuple(item.model_copy(update={"key": key}) for item, key in zip(classes, seen, strict=True))
    return tuple(classes)


def _plain(text: str) -> str:
    """A name without what people write differently: `Left lung` is the folder `left_lung`."""
    return re.sub(r"[\W_]+", "", text).lower()
