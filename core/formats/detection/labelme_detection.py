"""labelme in a folder: which folders hold JSON files with shapes, and what their labels are."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair, Pairing
from core.domain.proposal import Answers, Proposal
from core.errors import AppError, DatasetError
from core.formats.class_files import read_classes
from core.formats.detection.answering import check_spec, find_given, fit_given
from core.formats.detection.json_sniffing import sniff_json
from core.formats.folders.listing import Listing, join, parent, stem
from core.formats.folders.splits import find_split, without_split
from core.formats.sources.labelme import LABELME
from core.formats.sources.labelme_file import read_labelme_file
from core.formats.sources.regions import BACKGROUND_KEY, build_background, find_key
from core.formats.wording import say_count

_LOOKED_AT = 2  # JSON files of a folder that tell what all of them are
_FOLDERS = 500  # folders that are looked at
_READ = 60  # files of the chosen reading whose labels are read
_IGNORED = "__ignore__"  # labelme's own examples call so what counts nowhere
_CLASS_FILE = re.compile(r"labels?|class", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Folders of labelme files that belong together, and those files."""

    pairs: tuple[FolderPair, ...]
    files: tuple[str, ...]


def find_labelme(listing: Listing, answers: Answers) -> Proposal | None:
    """What the labelme files of a folder are; None where there are none.

    Args:
        listing: The folder.
        answers: What is known already; folders relative to the listing's root.

    Raises:
        DatasetError: A person said that it is labelme, but no file there is.
    """
    if answers.format not in (None, "labelme"):
        return None
    readings = _find_readings(listing, answers)
    if not readings:
        if answers.format == "labelme":
            raise DatasetError(
                f"{listing.root} holds no labelme file; name a folder of JSON files with the key shapes."
            )
        return None
    specs = []
    for reading in readings:
        classes, void, reason = _find_classes(listing, reading, answers)
        specs.append((_build(listing, reading, answers, classes, void), reason))
    best, reason = specs[0]
    samples, problems, count = LABELME.find_samples(best)
    return Proposal(
        spec=best,
        reasons=(
            f"{say_count(count, 'labelme file')}, each of one image: in {_say_folders(readings[0].pairs)}.",
            "Shapes of one label are united; shapes of different labels may overlap. What lies in no shape "
            "is the background.",
            _say_images([sample.image is not None for sample in samples]),
            reason,
        ),
        alternatives=tuple(spec for spec, _ in specs[1:]),
        warnings=tuple(
            f"{say_count(len(problems), 'file does', 'files do')} not fit, for example {first.file}: "
            f"{first.problem}. The scan lists them and goes on."
            for first in problems[:1]
        ),
    )


def _find_readings(listing: Listing, answers: Answers) -> list[_Reading]:
    """The largest first; folders that hold files of the same names are readings of their own."""
    masks = answers.masks.as_posix() if answers.masks else "."
    if masks not in listing.folders:
        return []
    images = answers.images.as_posix() if answers.images else None
    by_folder: dict[str, list[str]] = {}
    for folder in list(listing.below(masks))[:_FOLDERS]:
        names = [name for name in listing.files.get(folder, ()) if name.lower().endswith(".json")]
        paths = [join(folder, name) for name in names]
        if any(sniff_json(listing.root / path) == "labelme" for path in paths[:_LOOKED_AT]):
            by_folder[folder] = paths
    readings = [
        _Reading(
            tuple(
                FolderPair(
                    images=images or folder, masks=folder, name=find_split(folder) if len(group) > 1 else ""
                )
                for folder in group
            ),
            tuple(path for members in group.values() for path in members),
        )
        for group in _join_folders(by_folder)
    ]
    return sorted(readings, key=lambda reading: (-len(reading.files), reading.files[0]))


def _join_folders(by_folder: dict[str, list[str]]) -> list[dict[str, list[str]]]:
    """Splits of one dataset together; other folders too, unless they annotate images of the same names."""
    families: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for folder, paths in by_folder.items():
        families[without_split(folder) if find_split(folder) else ""][folder] = paths
    groups = [group for key, group in families.items() if key]
    loose = families.get("", {})
    names = [stem(path.rpartition("/")[2]) for paths in loose.values() for path in paths]
    if len(set(names)) == len(names):
        return groups + ([loose] if loose else [])
    return groups + [{folder: paths} for folder, paths in loose.items()]


def _find_classes(
    listing: Listing, reading: _Reading, answers: Answers
) -> tuple[tuple[ClassSpec, ...], tuple[str, ...], str]:
    """Classes, void labels, and where they come from."""
    step = max(len(reading.files) // _READ, 1)
    seen: dict[str, None] = {}
    for path in reading.files[::step]:
        try:
            shapes = read_labelme_file(listing.root / path, listing.root).shapes
        except AppError:
            continue  # the scan names it
        seen.update(dict.fromkeys(find_key(shape.label) for shape in shapes))
    named, source = _read_labels(listing, reading, list(seen))
    keys = [key for key in (named or sorted(seen)) if key not in (BACKGROUND_KEY, _IGNORED)]
    void = answers.void if answers.void is not None else (_IGNORED,) * (_IGNORED in seen)
    classes = (build_background(), *(ClassSpec(key=key, name=key[:120]) for key in keys if key not in void))
    ignored = f" What is called {_IGNORED} counts nowhere." if _IGNORED in void else ""
    return classes, void, source + ignored


def _read_labels(listing: Listing, reading: _Reading, seen: Sequence[str]) -> tuple[list[str], str]:
    """The labels of a file beside the annotations or above them, if it names all that were seen."""
    folder = reading.pairs[0].masks
    while True:
        for name in listing.files.get(folder, ()):
            if _CLASS_FILE.search(name) and name.lower().endswith(".txt"):
                labels = _read_names(listing.root / join(folder, name))
                if labels and set(seen) <= {*labels, _IGNORED, BACKGROUND_KEY}:
                    return labels, f"Class names come from {join(folder, name)}."
        if folder == ".":
            break
        folder = parent(folder)
    return [], "The classes are the labels that were found; the scan adds what it meets besides."


def _read_names(path: Path) -> list[str]:
    try:
        return [find_key(item.name) for item in read_classes(path)]
    except DatasetError:
        return []  # some other file whose name happens to fit


def _build(
    listing: Listing,
    reading: _Reading,
    answers: Answers,
    classes: tuple[ClassSpec, ...],
    void: tuple[str, ...],
) -> DatasetSpec:
    rule = answers.pairing.rule if isinstance(answers.pairing, Pairing) else answers.pairing
    return check_spec(
        {
            "name": (listing.root.name or "dataset")[:120],
            "root": listing.root,
            "format": "labelme",
            "folders": reading.pairs,
            "pairing": Pairing(rule="none" if rule == "none" else "stem"),
            "void": void,
            **find_given(answers),
            "classes": fit_given(answers, classes),
        }
    )


def _say_folders(pairs: Sequence[FolderPair]) -> str:
    named = ["the dataset's folder" if pair.masks == "." else pair.masks for pair in pairs]
    more = f" and {len(named) - 4} more" if len(named) > 4 else ""
    return f"{', '.join(named[:4])}{more}"


def _say_images(known: Sequence[bool]) -> str:
    if not any(known):
        return "No image is beside or inside the files, so the set opens without images."
    return f"{sum(known)} of {say_count(len(known), 'file')} have their image beside them or inside."
