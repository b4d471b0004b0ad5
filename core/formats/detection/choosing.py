"""Which of the layouts that names allow is the dataset: a few files of each are looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.domain.dataset import FormatName
from core.formats.detection.evidence import Evidence, Look, judge, look_at
from core.formats.detection.hints import image_hint, is_field_of_view
from core.formats.detection.tree import Layout, Tree
from core.formats.folders.class_masks import cut_class, split_by_class
from core.formats.folders.listing import join, stem
from core.formats.folders.matching import fit_pairing, split_shared_folder
from core.formats.folders.naming import strip_affixes

_TRIED = 16  # layouts whose files are looked at
_FIRST_LOOK = 8  # files of each
_LONG_LOOK = 200  # files of the chosen one: a rare value should be seen
_LONG_LOOK_PIXELS = 40_000_000  # and no more than takes some seconds
_FAR = 4.0  # a reading so much less likely is no alternative
_ENOUGH = 0.6  # least total of a layout that is worth proposing


@dataclass(frozen=True, slots=True)
class Reading:
    """A layout with what its files look like.

    Attributes:
        layout: Folders and rule.
        masks: What the masks look like.
        images: What the images look like; None if there are none.
        total: How likely this is the dataset; comparable within one tree only.
    """

    layout: Layout
    masks: Evidence
    images: Evidence | None
    total: float

    @property
    def format(self) -> FormatName:
        """How the masks store their classes."""
        if self.layout.classes:
            return "binary_per_class"
        if self.masks.kind in ("binary", "colour"):
            return "binary" if self.masks.kind == "binary" else "colour"
        return "index"


class Album:
    """Looks at files, each at most once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._looks: dict[str, Look | None] = {}

    def judge(self, paths: Sequence[str], count: int = _FIRST_LOOK) -> Evidence:
        """What about `count` of the files, spread over all of them, look like."""
        looks: list[Look] = []
        pixels = 0
        for path in _spread(paths, count):
            if path not in self._looks:
                self._looks[path] = look_at(self._root / path, self._root)
            look = self._looks[path]
            if look is not None:
                looks.append(look)
                pixels += look.pixels
            if pixels > _LONG_LOOK_PIXELS:
                break
        return judge(looks)


def choose(tree: Tree, layouts: Sequence[Layout], *, asked: bool = False) -> list[Reading]:
    """Readings worth proposing, the likeliest first.

    Args:
        tree: The folders.
        layouts: What names allow, the likeliest first.
        asked: A person named the folders: take the best whatever its files look like.
    """
    album = Album(tree.listing.root)
    total = max(tree.count(), 1)
    readings = [_read(tree, album, layout, total) for layout in layouts[:_TRIED]]
    readings = sorted(readings, key=lambda reading: -reading.total)
    if not asked:
        readings = [reading for reading in readings if _is_likely(reading)]
    if not readings:
        return []
    best = readings[0]
    masks = album.judge(mask_files(tree, best.layout), _LONG_LOOK)
    return [Reading(best.layout, masks, best.images, best.total), *_others(tree, readings)]


def mask_files(tree: Tree, layout: Layout) -> list[str]:
    """Mask files of a layout, relative to the root."""
    return [
        join(pair.masks, path)
        for pair in layout.folders
        for path in _masks_of(
            tree.pictures(pair.masks, without=pair.images), layout, pair.images == pair.masks
        )
    ]


def fit_layout(tree: Tree, layout: Layout) -> float:
    """How completely the rule of a layout pairs its files, in [0, 1]; 1 where there are no images."""
    scores = []
    for pair in layout.folders:
        paths = tree.pictures(pair.masks, without=pair.images)
        masks = _masks_of(paths, layout, pair.images == pair.masks)
        if pair.images is None:
            return 1.0
        images = tree.pictures(pair.images, without=pair.masks)
        if layout.classes:
            found = split_by_class(layout.classes, pair.masks, masks)
            fits = [
                fit_pairing(images, [mask.inner for mask in files], layout.pairing)
                for files in found.values()
            ]
            scores.append(max((fit.score for fit in fits), default=0.0))
        else:
            scores.append(fit_pairing(images, masks, layout.pairing).score)
    return sum(scores) / len(scores)


def _masks_of(paths: Sequence[str], layout: Layout, shared: bool) -> list[str]:
    rule = layout.pairing
    if layout.classes:
        folders = tuple(f"{key}/" for key in layout.classes)
        return [
            path
            for path in paths
            if path.startswith(folders) or any(cut_class(path, key) is not None for key in layout.classes)
        ]
    if shared:
        return split_shared_folder(paths, rule)[1]
    return [path for path in paths if _follows(path, rule.mask_prefix, rule.mask_suffix)]


def _follows(path: str, prefix: str, suffix: str) -> bool:
    return strip_affixes(stem(path.rpartition("/")[2]), prefix, suffix) is not None


def _image_files(tree: Tree, layout: Layout) -> list[str]:
    found: list[str] = []
    for pair in layout.folders:
        if pair.images is None:
            continue
        paths = tree.pictures(pair.images, without=pair.masks)
        if pair.images == pair.masks:
            masks = set(_masks_of(paths, layout, True))
            paths = [path for path in paths if path not in masks]
        found += [join(pair.images, path) for path in paths]
    return found


def _read(tree: Tree, album: Album, layout: Layout, all_pictures: int) -> Reading:
    files = mask_files(tree, layout)
    masks = album.judge(files)
    if layout.classes and masks.kind == "binary":
        masks = _judge_classes(album, layout, files)
    has_images = any(pair.images is not None for pair in layout.folders)
    images = album.judge(_image_files(tree, layout), 4) if has_images else None
    total = 2 * layout.fit + layout.hint + _mask_worth(layout, masks) + _image_worth(layout, images)
    total += 1.5 * min(len(files) * (2 if has_images else 1) / all_pictures, 1.0)
    return Reading(layout, masks, images, total)


def _judge_classes(album: Album, layout: Layout, files: Sequence[str]) -> Evidence:
    """Masks of all classes together; but one class alone must not be an index mask."""
    by_class = [[path for path in files if key in path] for key in layout.classes[:24]]
    odd = [found for paths in by_class if paths and (found := album.judge(paths, 2)).kind != "binary"]
    return odd[0] if odd else album.judge(files)


def _mask_worth(layout: Layout, masks: Evidence) -> float:
    if masks.kind == "photo":
        return -3.0
    if masks.kind == "unknown":
        return -0.5
    if layout.classes:
        return 1.5 if masks.kind == "binary" else -5.0
    worth = {"binary": 1.0, "index": 1.2, "colour": 0.8}[masks.kind]
    if masks.values and max(masks.values) > 255 and masks.kind == "index":
        worth -= 0.6  # numbered objects, not classes
    named = any(is_field_of_view(pair.masks) for pair in layout.folders)
    return worth - (1.5 if masks.same_shape or named else 0.0)


def _image_worth(layout: Layout, images: Evidence | None) -> float:
    if images is None:
        return 0.0
    if images.kind in ("index", "binary") and all(
        image_hint(pair.images or "") <= 0 for pair in layout.folders
    ):
        return -3.0  # masks are paired with masks
    return {"photo": 0.8, "unknown": 0.0, "colour": -0.3, "index": -0.8, "binary": -1.0}[images.kind]


def _is_likely(reading: Reading) -> bool:
    """Photographs are taken for masks only if their folder says so."""
    return reading.total >= _ENOUGH and (reading.masks.kind != "photo" or reading.layout.hint >= 1)


def _others(tree: Tree, readings: Sequence[Reading]) -> list[Reading]:
    """Readings of other masks than those before; a part of the same masks is nothing new."""
    best = readings[0]
    seen = [frozenset(mask_files(tree, best.layout))]
    others = []
    for reading in readings[1:]:
        files = frozenset(mask_files(tree, reading.layout))
        close = reading.total > best.total - _FAR and reading.layout.fit > 0.5
        if close and reading.masks.kind != "photo" and not any(files <= known for known in seen):
            others.append(reading)
            seen.append(files)
    return others


def _spread(paths: Sequence[str], count: int) -> list[str]:
    if len(paths) <= count:
        return list(paths)
    return [paths[place * (len(paths) - 1) // (count - 1)] for place in range(count)]
