"""COCO in a folder: which JSON files hold objects with outlines, and where their images are."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePosixPath

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair, Pairing
from core.domain.proposal import Answers, Proposal
from core.errors import DatasetError
from core.formats.detection.answering import check_spec, find_given, fit_given
from core.formats.detection.json_sniffing import JsonKind, sniff_json
from core.formats.folders.listing import Listing, is_picture, join, parent
from core.formats.folders.splits import find_split, without_split
from core.formats.sources.coco_file import CocoFile, read_coco_file
from core.formats.sources.regions import BACKGROUND_KEY, build_background
from core.formats.wording import say_count

_MOST_FILES = 60  # JSON files that are looked at; a folder of more holds one file an image
_TAKEN: tuple[JsonKind, ...] = ("objects", "stuff")
_SAMPLE = 100  # images of a file that are looked for
_ENOUGH = 0.9  # of those found, the share that one folder must hold to be the image folder


@dataclass(frozen=True, slots=True)
class _Reading:
    """Annotation files that belong together, with the image folder of each."""

    pairs: tuple[FolderPair, ...]
    files: tuple[CocoFile, ...]
    reasons: tuple[str, ...] = ()

    @property
    def has_images(self) -> bool:
        return any(pair.images is not None for pair in self.pairs)

    @property
    def images(self) -> int:
        return sum(file.listed for file in self.files)


def find_coco(listing: Listing, answers: Answers) -> Proposal | None:
    """What the COCO files of a folder are; None where there are none.

    Args:
        listing: The folder.
        answers: What is known already; folders relative to the listing's root; `masks` may be a file.

    Raises:
        DatasetError: A person said that it is COCO, but no file there can be read as that.
    """
    if answers.format not in (None, "coco"):
        return None
    kinds = {path: sniff_json(listing.root / path) for path in _list_candidates(listing, answers)}
    readings, refused = _find_readings(listing, answers, kinds)
    if not readings:
        if answers.format == "coco":
            raise DatasetError(refused or _say_nothing(listing, kinds))
        return None

    # Objects before stuff, images that are there before images that are only listed, then the plainest name.
    def rank(reading: _Reading) -> tuple[bool, bool, int, str]:
        first = reading.pairs[0].masks
        return kinds[first] != "objects", not reading.has_images, len(first), first

    readings.sort(key=rank)
    best = readings[0]
    others = tuple(_build(listing, reading, answers) for reading in readings[1:])
    reasons = (*_explain(best), *best.reasons, *_name_others(kinds, readings))
    return Proposal(_build(listing, best, answers), reasons, others, _find_warnings(listing, best))


def _list_candidates(listing: Listing, answers: Answers) -> list[str]:
    masks = answers.masks.as_posix() if answers.masks else "."
    if masks.lower().endswith(".json"):
        return [masks]
    found: list[str] = []
    for folder in listing.below(masks):
        names = [name for name in listing.files.get(folder, ()) if name.lower().endswith(".json")]
        found += [join(folder, name) for name in names] if len(names) <= _MOST_FILES else []
    return found[:_MOST_FILES]


def _find_readings(
    listing: Listing, answers: Answers, kinds: dict[str, JsonKind]
) -> tuple[list[_Reading], str]:
    """Files that can be read, those of one family joined, and why the last of the others cannot be."""
    files: dict[str, CocoFile] = {}
    refused = ""
    asked = answers.masks is not None or len(kinds) == 1
    taken = [path for path, kind in kinds.items() if kind in _TAKEN or (asked and kind == "key points")]
    for path in taken:
        try:
            file = read_coco_file(listing.root / path, [listing.root])
        except DatasetError as error:
            refused = str(error)
            continue
        if len(file.spans) or not file.boxes:
            files[path] = file
        else:
            refused = _say_boxes(path)
    objects = [path for path in files if kinds[path] == "objects"] or list(files)
    readings = [_read_family(listing, answers, files, family) for family in _join_splits(objects)]
    alone = [path for path in files if path not in objects]
    return readings + [_read_family(listing, answers, files, [path]) for path in alone], refused


def _join_splits(paths: Sequence[str]) -> list[list[str]]:
    """Files that differ in nothing but their split belong together; a file without a split stands alone."""
    families: dict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        split = find_split(path)
        families[without_split(path) if split else path].setdefault(split, path)
    joined = {path for members in families.values() for path in members.values()}
    return [list(members.values()) for members in families.values()] + [
        [path] for path in paths if path not in joined
    ]


def _read_family(
    listing: Listing, answers: Answers, files: dict[str, CocoFile], family: Sequence[str]
) -> _Reading:
    """The files of one dataset with their image folders; files without images give way to those with."""
    without_images = answers.pairing == "none" or (
        isinstance(answers.pairing, Pairing) and answers.pairing.rule == "none"
    )
    folders: dict[str, str | None] = {}
    for path in family:
        given = answers.images.as_posix() if answers.images else None
        folders[path] = None if without_images else given or _find_images(listing, files[path], path)
    kept = [path for path in family if folders[path] is not None] or list(family)
    dropped = [path for path in family if path not in kept]
    reasons = [
        f"The images of {path} are not there, so this file was not taken; add its images to read it too."
        for path in dropped
    ]
    pairs = tuple(
        FolderPair(images=folders[path], masks=path, name=find_split(path) if len(kept) > 1 else "")
        for path in kept
    )
    return _Reading(pairs, tuple(files[path] for path in kept), tuple(reasons))


def _find_images(listing: Listing, file: CocoFile, path: str) -> str | None:
    """The folder that the file's image names start from; None where no image is found."""
    images = list(file.images.values())
    names = {image.file_name for image in images[:: max(len(images) // _SAMPLE, 1)]}
    by_name: dict[str, list[str]] = defaultdict(list)
    for name in names:
        by_name[name.rpartition("/")[2]].append(name)
    exact: Counter[str] = Counter()
    votes: Counter[str] = Counter()
    for folder, entries in listing.files.items():
        for name in (name for entry in entries for name in by_name.get(entry, ())):
            start = _cut_end(folder, name)
            votes[folder if start is None else start] += 1
            exact[folder if start is None else start] += start is not None
    if not votes:
        return None
    split, place = find_split(path), parent(path)

    def rank(folder: str) -> tuple[int, int, bool, int, str]:
        shared = zip(place.split("/"), folder.split("/"), strict=False)
        near = sum(1 for _ in takewhile(lambda parts: parts[0] == parts[1], shared))
        same_split = bool(split) and find_split(folder) == split
        return exact[folder], votes[folder], same_split, near, folder

    best = max(votes, key=rank)
    if votes[best] >= _ENOUGH * min(sum(votes.values()), len(names)):
        return best
    return _find_common(list(votes))


def _cut_end(folder: str, file_name: str) -> str | None:
    """The folder from which a name leads to a file in `folder`: `a` for `a/b` and `b/1.jpg`; else None."""
    inner = PurePosixPath(file_name).parent.as_posix()
    if inner == ".":
        return folder
    if folder == inner:
        return "."
    return folder.removesuffix(f"/{inner}") if folder.endswith(f"/{inner}") else None


def _find_common(folders: Sequence[str]) -> str:
    common = folders[0]
    while any(folder != common and not folder.startswith(f"{common}/") for folder in folders):
        if common == ".":
            break
        common = parent(common)
    return common


def _build(listing: Listing, reading: _Reading, answers: Answers) -> DatasetSpec:
    keys = dict.fromkeys(item.key for file in reading.files for item in file.categories.values())
    found = [ClassSpec(key=key, name=key[:120]) for key in keys if key != BACKGROUND_KEY]
    classes = fit_given(answers, (build_background(), *found))
    return check_spec(
        {
            "name": (listing.root.name or "dataset")[:120],
            "root": listing.root,
            "format": "coco",
            "folders": reading.pairs,
            "pairing": Pairing(rule="stem" if reading.has_images else "none"),
            **find_given(answers),
            "classes": classes,
        }
    )


def _explain(reading: _Reading) -> list[str]:
    outlines = sum(len(file.spans) for file in reading.files)
    categories = {item.key: item.supercategory for file in reading.files for item in file.categories.values()}
    above = len({name for name in categories.values() if name})
    kinds = f" in {say_count(above, 'supercategory', 'supercategories')}" if above > 1 else ""
    names = ", ".join(pair.masks for pair in reading.pairs[:4])
    classes = say_count(len(categories), "category", "categories")
    reasons = [
        f"{names} {'holds' if len(reading.pairs) == 1 else 'hold'} COCO annotations: "
        f"{say_count(outlines, 'outline')} in {say_count(reading.images, 'image')}, {classes}{kinds}.",
        "Objects of one class are united, crowds included; objects of different classes may overlap. What "
        "lies in no object is the background.",
    ]
    if reading.has_images:
        folders = dict.fromkeys(_named(pair.images) for pair in reading.pairs if pair.images is not None)
        reasons.append(f"Images are in {', '.join(folders)}.")
    else:
        reasons.append(
            "The images are not there, so the set opens without them: presence and pixel shares come from "
            "the annotations."
        )
    return reasons


def _name_others(kinds: dict[str, JsonKind], readings: Sequence[_Reading]) -> list[str]:
    """COCO files of other tasks, and other files that could be read, in a sentence each."""
    taken = {pair.masks for reading in readings for pair in reading.pairs}
    others = [f"{path} ({kind})" for path, kind in kinds.items() if kind not in ("", "labelme", "objects")]
    others = [text for text in others if text.rpartition(" (")[0] not in taken]
    sentences = []
    if others:
        more = f" and {len(others) - 6} more" if len(others) > 6 else ""
        sentences.append(f"Not taken, as they outline no objects: {', '.join(others[:6])}{more}.")
    second = [pair.masks for reading in readings[1:] for pair in reading.pairs]
    if second:
        sentences.append(f"Could be read instead: {', '.join(second[:6])}.")
    return sentences


def _find_warnings(listing: Listing, reading: _Reading) -> tuple[str, ...]:
    warnings = []
    faults = [fault for file in reading.files for fault in file.faults]
    if faults:
        total = sum(fault.count for fault in faults)
        warnings.append(
            f"{say_count(total, 'entry', 'entries')} cannot be used as they are: {faults[0].first}, for "
            f"example, {faults[0].reason}. The scan lists them and goes on with the rest."
        )
    if reading.has_images and (extra := _count_unlisted(listing, reading)):
        are = say_count(extra, "picture there is", "pictures there are")
        warnings.append(f"{are} listed in no annotation file, and not part of the set.")
    return tuple(warnings)


def _count_unlisted(listing: Listing, reading: _Reading) -> int:
    listed = {image.file_name.rpartition("/")[2] for file in reading.files for image in file.images.values()}
    folders = {
        folder for pair in reading.pairs if pair.images is not None for folder in listing.below(pair.images)
    }
    return sum(
        is_picture(name) and name not in listed
        for folder in folders
        for name in listing.files.get(folder, ())
    )


def _named(folder: str) -> str:
    return "the dataset's folder" if folder == "." else folder


def _say_boxes(path: str) -> str:
    return (
        f"{path} holds boxes but no outlines, so nothing in it says which pixels are of a class; open a "
        "file with the key segmentation."
    )


def _say_nothing(listing: Listing, kinds: dict[str, JsonKind]) -> str:
    known = [f"{path} ({kind})" for path, kind in kinds.items() if kind]
    if not known:
        return f"{listing.root} holds no COCO file; name a JSON file with images, annotations and categories."
    return (
        f"{listing.root} holds no COCO file with outlines of objects, only {', '.join(known[:6])}; name a "
        "file whose annotations have a segmentation."
    )
