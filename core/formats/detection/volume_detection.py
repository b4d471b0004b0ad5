"""NIfTI in a folder: which volumes are images, which are labels, and what the labels' numbers are called."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np

from core.domain.dataset import DatasetSpec, FolderPair, Pairing
from core.domain.proposal import Answers, Proposal
from core.domain.scan import Problem
from core.errors import AppError, DatasetError
from core.formats.detection.answering import check_spec, find_given
from core.formats.detection.hints import mask_hint
from core.formats.detection.layouts import find_layouts
from core.formats.detection.named_classes import fit_keys
from core.formats.detection.tree import Layout, Tree
from core.formats.detection.volume_names import ABOUT_FILE, name_classes, read_about
from core.formats.folders.listing import VOLUME_SUFFIXES, Listing, join, stem
from core.formats.folders.matching import rank_pairings, split_shared_folder
from core.formats.folders.naming import strip_affixes
from core.formats.folders.pairing import describe_rule, find_samples
from core.formats.sources.nifti_files import read_header, read_label_voxels
from core.formats.wording import say_count

_TRIED = 12  # layouts whose files are looked at
_LOOKED_AT = 3  # label volumes of each that can be read
_MOST_OPENED = 12  # to find these
_FEW_VALUES = 64
_ENOUGH = 0.6
_CHANNEL = re.compile(r"_(?!0000)\d{4}\.nii(?:\.gz)?$", re.IGNORECASE)

Kind = Literal["label", "image", "unknown"]


@dataclass(frozen=True, slots=True)
class _Look:
    """What one volume looks like; `values` are the class numbers of a label."""

    kind: Kind
    values: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """A layout whose files have been looked at, and the class numbers seen."""

    layout: Layout
    total: float
    values: tuple[int, ...]


def find_volumes(listing: Listing, answers: Answers) -> Proposal | None:
    """What the NIfTI volumes of a folder are; None where there are none, or pictures outnumber them.

    Args:
        listing: The folder.
        answers: What is known already; folders relative to the listing's root.

    Raises:
        DatasetError: A person said that it is NIfTI, but no volume there can be a label.
    """
    if answers.format not in (None, "nifti"):
        return None
    tree = Tree(_without_channels(listing))
    if not tree.count() or (answers.format is None and tree.count() < Tree(listing).count()):
        if answers.format is None:
            return None
        raise DatasetError(f"{listing.root} holds no .nii or .nii.gz file; choose another format or folder.")
    readings = _find_readings(tree, answers)
    if not readings:
        raise DatasetError(
            f"{listing.root} holds {say_count(tree.count(), 'NIfTI volume')}, but none is a label: a volume "
            "of whole numbers, one a class, and of the shape of its image. Name the folder of the labels."
        )
    return _propose(listing, readings, answers)


def _without_channels(listing: Listing) -> Listing:
    """The volumes alone; of an image in several channels (`_0000`, `_0001`, …) only the first."""

    def is_further(name: str, names: frozenset[str]) -> bool:
        match = _CHANNEL.search(name)
        return match is not None and f"{name[: match.start()]}_0000{name[match.start() + 5 :]}" in names

    files = {
        folder: tuple(name for name in names if not is_further(name, frozenset(names)))
        for folder, names in listing.files.items()
    }
    return replace(listing, files=files, suffixes=VOLUME_SUFFIXES)


def _propose(listing: Listing, readings: Sequence[_Reading], answers: Answers) -> Proposal:
    spec, about = _build(listing, readings[0], answers)
    samples, problems, count = find_samples(spec)
    other_unit = spec.model_copy(update={"unit": "volume" if spec.unit == "slice" else "slice"})
    others = tuple(_build(listing, reading, answers)[0] for reading in readings[1:3])
    return Proposal(
        spec=spec,
        reasons=(*_explain(spec, readings[0], len(samples), count), *about),
        alternatives=(other_unit, *others),
        warnings=_find_warnings(problems),
    )


def _explain(spec: DatasetSpec, reading: _Reading, paired: int, count: int) -> list[str]:
    values = ", ".join(map(str, reading.values[:12])) + (" …" if len(reading.values) > 12 else "")
    pair = spec.folders[0]
    reasons = [f"The label volumes hold whole numbers, one a class: {values} in those looked at."]
    if pair.images is None:
        reasons.append(f"Labels are in {_named(pair.masks)}; no images go with them.")
    else:
        where = f"Images are in {_named(pair.images)}, labels in {_named(pair.masks)}"
        rule = describe_rule(spec.pairing)
        reasons.append(f"{where}. {rule}: {paired:,} of {say_count(count, 'volume')} found a label.")
    if spec.unit == "slice":
        reasons.append(
            "Each slice is a sample, and those of a volume are one group; whole volumes are the other choice."
        )
    else:
        reasons.append("Each volume is a sample; slices are the other choice.")
    return reasons


def _find_warnings(problems: Sequence[Problem]) -> tuple[str, ...]:
    if not problems:
        return ()
    files = say_count(len(problems), "file does", "files do")
    first = problems[0]
    return (f"{files} not fit, for example {first.file}: {first.problem}. The scan lists them and goes on.",)


def _build(listing: Listing, reading: _Reading, answers: Answers) -> tuple[DatasetSpec, tuple[str, ...]]:
    about = read_about(listing, reading.layout.folders[0].masks)
    classes = name_classes(about, reading.values)
    fields = {
        "name": str(about.get("name") or listing.root.name or "dataset")[:120],
        "root": listing.root,
        "format": "nifti",
        "folders": reading.layout.folders,
        "pairing": reading.layout.pairing,
        "classes": classes,
        **find_given(answers),
    }
    said = (
        [f"Classes are named in {ABOUT_FILE}: {', '.join(item.name for item in classes[:8])}."]
        if classes
        else []
    )
    if answers.classes is not None:
        fields["classes"] = fit_keys(answers.classes, [str(value) for value in reading.values])
        said = ["The classes are those given."]
    channels = about.get("channel_names", about.get("modality"))
    if isinstance(channels, dict) and len(channels) > 1:
        named = ", ".join(str(channel) for channel in channels.values())
        said.append(f"Each image has {len(channels)} channels ({named}); the first is shown.")
    return check_spec(fields), tuple(said)


def _find_readings(tree: Tree, answers: Answers) -> list[_Reading]:
    images = answers.images.as_posix() if answers.images else None
    masks = answers.masks.as_posix() if answers.masks else None
    layouts = [layout for layout in find_layouts(tree, images, masks) if not layout.classes]
    if images is None and masks is None:
        layouts = [*_find_derivatives(tree), *layouts]
    if answers.pairing is not None:
        rule = answers.pairing if isinstance(answers.pairing, Pairing) else None
        kind = answers.pairing if rule is None else rule.rule
        layouts = [replace(layout, pairing=rule or layout.pairing) for layout in layouts]
        layouts = [layout for layout in layouts if layout.pairing.rule == kind]
    album = _Album(tree.listing.root)
    readings = [_judge(tree, album, layout) for layout in layouts[:_TRIED]]
    enough = 0.0 if masks is not None else _ENOUGH
    likely = [reading for reading in readings if reading.total >= enough]
    return sorted(likely, key=lambda reading: -reading.total)


def _find_derivatives(tree: Tree) -> Iterator[Layout]:
    """Cases at the top, their labels in a folder among them, as in BIDS (`derivatives/labels/sub-01/…`)."""
    for folder in tree.folders():
        if folder == "." or mask_hint(folder) <= 0 or not tree.children(folder):
            continue
        labels = tree.pictures(folder)
        for fit in rank_pairings(tree.pictures(".", without=folder), labels)[:2]:
            pair = FolderPair(images=".", masks=folder)
            yield Layout((pair,), fit.pairing, (), fit.score, mask_hint(folder), len(labels))


class _Album:
    """Looks at volumes, each at most once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._looks: dict[str, _Look] = {}

    def look(self, path: str) -> _Look:
        if path not in self._looks:
            self._looks[path] = self._look_at(PurePosixPath(path))
        return self._looks[path]

    def _look_at(self, file: PurePosixPath) -> _Look:
        try:
            header = read_header(self._root, file)
        except AppError:
            return _Look("unknown")
        try:
            values = np.unique(read_label_voxels(self._root, file, header))
        except AppError:
            return _Look("image")
        if values.size > _FEW_VALUES:
            return _Look("image")
        return _Look("label", tuple(values.tolist()))


def _judge(tree: Tree, album: _Album, layout: Layout) -> _Reading:
    """Labels must look like labels; images that do too are more likely labels of something else."""
    images, masks = _split(tree, layout)
    looks = _look_at_some(album, masks)
    labels = [look for look in looks if look.kind == "label"]
    total = layout.fit + 0.5 * layout.hint + 0.5 * min(2 * len(masks) / max(tree.count(), 1), 1.0)
    if looks:
        total += 1.0 if len(labels) * 2 > len(looks) else -4.0
    elif masks:
        total -= 4.0  # none of them can be read
    pictured = [look.kind == "image" for look in _look_at_some(album, images)]
    total += sum(pictured) / len(pictured) if pictured else 0.0
    values = tuple(sorted({value for look in labels for value in look.values}))
    return _Reading(layout, total, values)


def _split(tree: Tree, layout: Layout) -> tuple[list[str], list[str]]:
    """Image and label files of a layout, relative to the root."""
    images: list[str] = []
    masks: list[str] = []
    rule = layout.pairing
    for pair in layout.folders:
        right = tree.pictures(pair.masks, without=pair.images)
        left = [] if pair.images is None else tree.pictures(pair.images, without=pair.masks)
        if pair.images == pair.masks:
            left, right = split_shared_folder(right, rule)
        images += [
            join(pair.images or ".", p) for p in left if _fits(p, rule.image_prefix, rule.image_suffix)
        ]
        masks += [join(pair.masks, p) for p in right if _fits(p, rule.mask_prefix, rule.mask_suffix)]
    return images, masks


def _fits(path: str, prefix: str, suffix: str) -> bool:
    return strip_affixes(stem(path.rpartition("/")[2]), prefix, suffix) is not None


def _look_at_some(album: _Album, paths: Sequence[str]) -> list[_Look]:
    """A few volumes spread over the set; those that cannot be read say nothing of the others."""
    steps = range(_LOOKED_AT) if paths else ()
    spread = [paths[step * (len(paths) - 1) // (_LOOKED_AT - 1)] for step in steps]
    looks: list[_Look] = []
    for path in list(dict.fromkeys((*spread, *paths)))[:_MOST_OPENED]:
        look = album.look(path)
        if look.kind != "unknown":
            looks.append(look)
        if len(looks) == _LOOKED_AT:
            break
    return looks


def _named(folder: str) -> str:
    return "the dataset's folder" if folder == "." else folder
