"""Which folders of a tree may hold images and their masks, judged by names alone."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, takewhile

from core.domain.dataset import FolderPair, Pairing
from core.formats.detection.class_layouts import are_classes, find_class_folders, find_class_suffixes
from core.formats.detection.hints import find_split, image_hint, mask_hint, without_split
from core.formats.detection.shared_layouts import rank_shared
from core.formats.folders.listing import Listing, join, parent
from core.formats.folders.matching import Fit, rank_pairings
from core.formats.folders.naming import sample_names

_COLLECTION = 24  # more sub-folders than this are cases or classes: the first few stand for all
_FOLDERS = 120  # folders that are compared with each other
_MANY = 30  # beyond so many folders only those with a telling name are tried as masks
_MASKS = 1000  # masks of a folder that rules are tried on


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to read a tree.

    Attributes:
        folders: Image and mask folders.
        pairing: The rule that pairs them.
        classes: Folder names or suffixes where every class has files of its own; else empty.
        fit: How completely names pair, in [0, 1].
        hint: How much the names of the folders speak for it; about -2 to 2.
        masks: Mask files.
    """

    folders: tuple[FolderPair, ...]
    pairing: Pairing
    classes: tuple[str, ...]
    fit: float
    hint: float
    masks: int


class Tree:
    """The picture folders of a listing."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self._below: dict[str, list[str]] = {}

    def pictures(self, folder: str, without: str | None = None) -> list[str]:
        """Pictures at and below a folder, relative to it; those below `without` left out."""
        if folder not in self._below:
            names = [
                join(path, name)
                for path in self.listing.below(folder)
                for name in self.listing.pictures(path)
            ]
            self._below[folder] = [path.removeprefix(f"{folder}/") for path in names]
        if without is None or not is_inside(without, folder):
            return self._below[folder]
        inner = f"{without}/" if folder == "." else f"{without.removeprefix(f'{folder}/')}/"
        return [path for path in self._below[folder] if not path.startswith(inner)]

    def count(self) -> int:
        """How many pictures there are."""
        return sum(len(self.listing.pictures(folder)) for folder in self.listing.files)

    def has_direct(self, folder: str) -> bool:
        """Whether pictures lie directly in a folder."""
        return bool(self.listing.pictures(folder))

    def is_like(self, folder: str, other: str) -> bool:
        """Whether a folder exists and holds pictures directly where another does."""
        return folder in self.listing.files and self.has_direct(folder) == self.has_direct(other)

    def children(self, folder: str) -> list[str]:
        """Sub-folders with pictures at or below them."""
        return [path for path in self.listing.folders.get(folder, ()) if self.pictures(path)]

    def folders(self) -> list[str]:
        """Folders with pictures at or below them; of many like ones the first few."""
        found = ["."] if self.pictures(".") else []
        for folder in found:
            children = self.children(folder)
            found += children if len(children) <= _COLLECTION else children[:3]
            if len(found) > _FOLDERS:
                break
        return found[:_FOLDERS]


def find_layouts(tree: Tree, images: str | None = None, masks: str | None = None) -> list[Layout]:
    """All layouts that names allow, the likeliest first.

    Args:
        tree: The folders.
        images: Where the images are, if that is known.
        masks: Where the masks are, if that is known.
    """
    folders = tree.folders()
    layouts: list[Layout] = []
    for left, right in _folder_pairs(tree, folders, images, masks):
        layouts += _pair_layouts(tree, left, right)
    layouts = _join_families(tree, layouts)
    for folder in [images] if images else folders:
        if masks in (None, folder):
            layouts += _shared_layouts(tree, folder)
    if images is None:
        alone = [layout for folder in ([masks] if masks else folders) for layout in _masks_only(tree, folder)]
        layouts += _join_families(tree, alone)
    return sorted(layouts, key=lambda layout: (-layout.fit - layout.hint, -layout.masks))


def is_inside(path: str, folder: str) -> bool:
    """Whether a folder is another one or lies below it."""
    return folder == "." or path == folder or path.startswith(f"{folder}/")


def _folder_pairs(
    tree: Tree, folders: Sequence[str], images: str | None, masks: str | None
) -> Iterator[tuple[str, str]]:
    if images is not None and masks is not None:
        if images != masks:
            yield images, masks
        return
    many = len(folders) > _MANY
    known = [folder for folder in (images, masks) if folder is not None]
    for left, right in permutations(dict.fromkeys([*folders, *known]), 2):
        if (
            images in (None, left)
            and masks in (None, right)
            and (_splits_agree(left, right) if known else _may_pair(tree, left, right, many))
        ):
            yield left, right


def _may_pair(tree: Tree, images: str, masks: str, many: bool) -> bool:
    if not _splits_agree(images, masks):
        return False
    if is_inside(masks, images) and not tree.has_direct(images):
        return False
    same_name = images.rpartition("/")[2] == masks.rpartition("/")[2]
    if same_name and not find_split(images.rpartition("/")[2]):
        return False  # their parents pair as well, and say more
    left, right = _relative(images, masks), _relative(masks, images)
    if many and mask_hint(right) <= 0:
        return False
    return _lean(right) >= _lean(left)


def _splits_agree(images: str, masks: str) -> bool:
    first, second = find_split(images), find_split(masks)
    return not first or not second or first == second


def _lean(path: str) -> float:
    return mask_hint(path) - max(image_hint(path), 0.0)


def _relative(path: str, other: str) -> str:
    """A folder without the parents that it shares with another: those say nothing about the difference."""
    parts, others = path.split("/"), other.split("/")
    shared = 0
    while shared < min(len(parts), len(others)) and parts[shared] == others[shared]:
        shared += 1
    return "/".join(parts[shared:])


def _pair_layouts(tree: Tree, images: str, masks: str) -> list[Layout]:
    left = tree.pictures(images, without=masks)
    right = tree.pictures(masks, without=images)
    pair = FolderPair(
        images=images, masks=masks, name=find_split(_relative(masks, images)) or find_split(masks)
    )
    hint = _hint(images, masks)
    layouts: list[Layout] = []
    if not is_inside(images, masks) or tree.has_direct(masks):
        sampled = sample_names(right, _MASKS)
        fits = rank_pairings(left, sampled) if left and sampled else []
        layouts += [_layout(pair, fit, hint, len(right), len(sampled)) for fit in fits[:6]]
        suffixes = find_class_suffixes(fits)
        if suffixes:
            pairing, classes, fit = suffixes
            layouts.append(Layout((pair,), pairing, classes, fit, hint, len(right)))
    below = {
        path.rpartition("/")[2]: tree.pictures(path)
        for path in tree.children(masks)
        if not is_inside(images, path)
    }
    # Where images lie in a folder of the same name, the folders sort images and masks alike.
    alike = images.rpartition("/")[2] in below
    folders = None if alike else find_class_folders(left, below)
    if folders:
        pairing, keys, fit = folders
        layouts.append(Layout((pair,), pairing, keys, fit, hint, len(right)))
    return layouts


def _layout(pair: FolderPair, fit: Fit, hint: float, count: int, sampled: int) -> Layout:
    """A layout of one folder pair; where a suffix picks some of the masks, it may hint at the right ones."""
    rule = fit.pairing
    own = min(mask_hint(f"{rule.mask_prefix} {rule.mask_suffix}"), 0.5) if fit.fitting < sampled else 0.0
    if find_split(f"{rule.image_prefix} {rule.image_suffix}"):
        own -= 0.1  # an affix that names a split pairs no other split
    return Layout((pair,), rule, (), fit.score, hint + own, count * fit.fitting // sampled)


def _hint(images: str, masks: str) -> float:
    left, right = _relative(images, masks), _relative(masks, images)
    apart = 0.02 * (left.count("/") + right.count("/"))  # of equal names the nearest
    return mask_hint(right) - max(image_hint(right), 0.0) * 0.5 + image_hint(left) * 0.5 - apart


def _shared_layouts(tree: Tree, folder: str) -> list[Layout]:
    """Images and masks in one folder; for many folders of one case each, the folder above them."""
    paths = tree.pictures(folder)
    cases = [child for child in tree.children(folder) if tree.has_direct(child)]
    if len(paths) < 2 or not (tree.has_direct(folder) or len(cases) > 1):
        return []
    pair = FolderPair(images=folder, masks=folder)
    return [
        Layout((pair,), pairing, classes, fit, hint, count)
        for pairing, classes, fit, hint, count in rank_shared(paths)
    ]


def _masks_only(tree: Tree, folder: str) -> list[Layout]:
    """Masks without images: the files of a folder, or a sub-folder for each class."""
    pair = FolderPair(masks=folder, name=find_split(folder))
    hint = mask_hint(folder.rpartition("/")[2]) - 2.0
    count = len(tree.pictures(folder))
    layouts = []
    if tree.has_direct(folder):
        layouts.append(Layout((pair,), Pairing(rule="none"), (), 0.5, hint, count))
    below = {path.rpartition("/")[2]: tree.pictures(path) for path in tree.children(folder)}
    if not tree.has_direct(folder) and are_classes(below):
        layouts.append(Layout((pair,), Pairing(rule="none"), tuple(sorted(below)), 0.5, hint, count))
    return layouts


def _join_families(tree: Tree, layouts: Sequence[Layout]) -> list[Layout]:
    """Join layouts that differ only in the name of the split or of the case into one of several pairs."""
    families: dict[tuple[object, ...], list[Layout]] = defaultdict(list)
    for layout in (_with_siblings(tree, _with_splits(tree, layout)) for layout in layouts):
        images = _blot_cases([pair.images or "" for pair in layout.folders])
        masks = _blot_cases([pair.masks for pair in layout.folders])
        families[images, masks, layout.pairing, layout.classes].append(layout)
    return [_join(members) for members in families.values()]


def _blot_cases(paths: Sequence[str]) -> str:
    """What paths have in common, splits and the parts that differ blotted out."""
    parts = zip(*(without_split(path).split("/") for path in paths), strict=False)
    return "/".join(part[0] if len(set(part)) == 1 else "*" for part in parts)


def _join(members: Sequence[Layout]) -> Layout:
    pairs: dict[tuple[str | None, str], FolderPair] = {}
    for member in members:
        pairs.update({(pair.images, pair.masks): pair for pair in member.folders})
    best = max(members, key=lambda member: len(member.folders))
    if len(pairs) == len(best.folders):
        return best
    total = max(sum(member.masks for member in members), 1)
    fit = sum(member.fit * member.masks for member in members) / total
    return replace(best, folders=tuple(pairs[key] for key in sorted(pairs, key=str)), fit=fit, masks=total)


def _with_splits(tree: Tree, layout: Layout) -> Layout:
    """Name the splits where they are the sub-folders of both sides: `images/train`, `labels/train`."""
    (pair,) = layout.folders
    if pair.images is None or pair.images == pair.masks or layout.classes:
        return layout
    if tree.has_direct(pair.images) or tree.has_direct(pair.masks):
        return layout
    left, right = _split_children(tree, pair.images), _split_children(tree, pair.masks)
    if not left or left.keys() != right.keys():
        return layout
    pairs = tuple(FolderPair(images=left[name], masks=right[name], name=name) for name in left)
    return replace(layout, folders=pairs)


def _split_children(tree: Tree, folder: str) -> dict[str, str]:
    """Sub-folders by split; empty if one of them is none, or two are the same."""
    children = tree.children(folder)
    splits = {find_split(path.rpartition("/")[2]): path for path in children}
    return splits if "" not in splits and len(splits) == len(children) else {}


def _with_siblings(tree: Tree, layout: Layout) -> Layout:
    """Add the other cases where each has its own folders: `case_1/images` and `case_1/masks`, `case_2/…`."""
    pair = layout.folders[0]
    if len(layout.folders) > 1 or pair.images is None or pair.images == pair.masks:
        return layout
    parts, others = pair.images.split("/"), pair.masks.split("/")
    if parts[0] != others[0] or is_inside(pair.masks, pair.images) or is_inside(pair.images, pair.masks):
        return layout
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(parts, others, strict=False))
    case = "/".join(part for part, _ in shared)
    images, masks = pair.images.removeprefix(f"{case}/"), pair.masks.removeprefix(f"{case}/")
    cases = [
        path
        for path in tree.listing.folders.get(parent(case), ())
        if tree.is_like(join(path, images), pair.images) and tree.is_like(join(path, masks), pair.masks)
    ]
    if len(cases) < 2:
        return layout
    pairs = tuple(
        FolderPair(images=join(path, images), masks=join(path, masks), name=path.rpartition("/")[2])
        for path in cases
    )
    return replace(layout, folders=pairs, masks=layout.masks * len(cases))
