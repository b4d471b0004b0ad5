"""Labels without masks in the paths of pictures: a folder a class, or the class in the file name."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FormatName
from core.domain.proposal import Answers, Proposal
from core.errors import DatasetError
from core.formats.dataset_file import fault_sentences
from core.formats.detection.hints import mask_hint
from core.formats.folders.listing import Listing, is_picture, join, parent
from core.formats.labels.path_classes import (
    NAME_PATTERN,
    find_folder_classes,
    find_folder_levels,
    find_name_classes,
    last_name,
)
from core.formats.wording import say_count

_LAST_WORD = r"\d[\W_]*([^\W\d_][^\d]*?)$"  # what follows the last number: `0001_cat`
_NAMED = 0.9  # least share of pictures that must have a class, unless a person says that they have
_PICTURES_A_CLASS = 2.0  # least mean
_MOST_CLASSES = 10_000
_MOST_PREFIXES = 12
_MOST_NAMES = 8
_MOST_OTHERS = 3


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read classes off paths: format, pattern, and the class of each picture."""

    format: FormatName
    pattern: str | None
    classes: Mapping[str, str]

    @property
    def folders(self) -> set[str]:
        """The names of all folders above the pictures, and the classes."""
        return {name for path in self.classes for name in path.split("/")[:-1]} | set(self.counts)

    @property
    def counts(self) -> Counter[str]:
        """Pictures of each class."""
        return Counter(name for name in self.classes.values() if name)


def find_picture_labels(listing: Listing, answers: Answers) -> Proposal | None:
    """Class folders, or classes in file names; None where paths name none convincingly.

    Where a person has named the format, whatever the pattern finds is taken.

    Raises:
        DatasetError: The class pattern is no regular expression, or nothing fits what a person asked for.
    """
    paths = sorted(join(folder, name) for folder in listing.files for name in listing.pictures(folder))
    readings = [*_folder_readings(paths, answers), *_name_readings(paths, answers)]
    asked = [reading for reading in readings if reading.format == answers.format and reading.counts]
    likely = [reading for reading in readings if reading.format != answers.format and _is_likely(reading)]
    if answers.format is not None and not asked:
        return None
    best, *others = (*asked, *likely) if asked or likely else (None,)
    if best is None:
        return None
    return Proposal(
        spec=_build(listing, best, answers),
        reasons=_explain(listing, best),
        alternatives=tuple(_build(listing, reading, answers) for reading in others),
        warnings=_find_warnings(best),
    )


def _folder_readings(paths: Sequence[str], answers: Answers) -> list[_Reading]:
    """By the innermost telling folder, or by the outermost; the likelier one first."""
    if answers.class_pattern is not None:
        fits = answers.format == "label_folders"  # a pattern given alone is for file names
        return [_read("label_folders", paths, answers.class_pattern)] if fits else []
    inner = _read("label_folders", paths, None)
    levels = [folders for folders in find_folder_levels(paths).values() if folders]
    if all(len(folders) == 1 for folders in levels):
        return [inner]
    outer = _read("label_folders", paths, _outer_pattern({folders[-1] for folders in levels}))
    pairs = {(last_name(folders[-1]), last_name(folders[0])) for folders in levels}
    # `patient_7/benign` beside `patient_8/benign`: what recurs is a class, what holds it is its group.
    recurs = len({name for _, name in pairs}) < len(pairs)
    return [inner, outer] if recurs else [outer, inner]


def _outer_pattern(folders: Collection[str]) -> str:
    """A pattern for the outermost telling folders: it skips what lies above them, as splits do."""
    above = {parent(folder) for folder in folders} - {"."}
    if not above or len(above) > _MOST_PREFIXES:
        return "^([^/]+)"
    skipped = sorted((re.escape(folder) for folder in above), key=lambda text: (-len(text), text))
    return f"^(?:(?:{'|'.join(skipped)})/)?([^/]+)"


def _name_readings(paths: Sequence[str], answers: Answers) -> list[_Reading]:
    if answers.class_pattern is not None:
        fits = answers.format in (None, "label_names")
        return [_read("label_names", paths, answers.class_pattern)] if fits else []
    return [_read("label_names", paths, pattern) for pattern in (NAME_PATTERN, _LAST_WORD)]


def _read(form: FormatName, paths: Sequence[str], pattern: str | None) -> _Reading:
    find = find_folder_classes if form == "label_folders" else find_name_classes
    return _Reading(form, pattern, find(paths, pattern))


def _is_likely(reading: _Reading) -> bool:
    counts, pictures = reading.counts, len(reading.classes)
    return (
        2 <= len(counts) <= _MOST_CLASSES
        and counts.total() >= max(_NAMED * pictures, _PICTURES_A_CLASS * len(counts))
        and not any(mask_hint(name) > 0 for name in reading.folders)
    )


def _build(listing: Listing, reading: _Reading, answers: Answers) -> DatasetSpec:
    names = sorted(reading.counts)
    classes = tuple(ClassSpec(key=name, name=name[:120]) for name in names)
    given = {
        name: value
        for name in ("void", "group_pattern", "group_column", "group_file")
        if (value := getattr(answers, name)) is not None
    }
    try:
        return DatasetSpec.model_validate(
            {
                "name": (listing.root.name or "dataset")[:120],
                "root": listing.root,
                "format": reading.format,
                "class_pattern": reading.pattern,
                "classes": classes if answers.classes is None else answers.classes,
                **given,
            }
        )
    except ValidationError as error:
        raise DatasetError(f"{listing.root}: {fault_sentences(error)} Correct the answers.") from error


def _explain(listing: Listing, reading: _Reading) -> tuple[str, ...]:
    counts = reading.counts
    named = ", ".join(f"{name} ({count:,})" for name, count in counts.most_common(_MOST_NAMES))
    more = f" and {len(counts) - _MOST_NAMES} more" if len(counts) > _MOST_NAMES else ""
    pictures = say_count(len(reading.classes), "picture")
    reasons = [
        "Nothing here looks like masks, so each picture has one label as a whole.",
        _say_where(reading),
        f"{say_count(len(counts), 'class', 'classes')} in {pictures}: {named}{more}.",
    ]
    others = [join(folder, name) for folder in listing.files for name in listing.files[folder]]
    if left := [path for path in others if not is_picture(path)]:
        dots = " …" if len(left) > _MOST_OTHERS else ""
        kept_out = say_count(len(left), "file is no picture and is", "files are no pictures and are")
        reasons.append(f"{kept_out} left out: {', '.join(left[:_MOST_OTHERS])}{dots}.")
    return tuple(reasons)


def _say_where(reading: _Reading) -> str:
    if reading.format == "label_names":
        return f"The file name says the class, by the pattern '{reading.pattern}'."
    if reading.pattern is not None:
        return f"A folder above each picture is its class, by the pattern '{reading.pattern}'."
    return "The folder that a picture lies in is its class; folders of splits are not."


def _find_warnings(reading: _Reading) -> tuple[str, ...]:
    unnamed = [path for path, name in reading.classes.items() if not name]
    if not unnamed:
        return ()
    lack = say_count(len(unnamed), "picture names", "pictures name")
    return (f"{lack} no class and will be listed among the problems, {unnamed[0]} first.",)
