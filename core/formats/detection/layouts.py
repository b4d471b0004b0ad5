"""Which folders of a tree may hold images and their masks, judged by names alone."""

from collections.abc import Iterator, Sequence
from itertools import permutations

from core.domain.dataset import FolderPair, Pairing
from core.formats.detection.class_layouts import are_classes, find_class_folders, find_class_suffixes
from core.formats.detection.families import join_families
from core.formats.detection.hints import image_hint, mask_hint
from core.formats.detection.shared_layouts import rank_shared
from core.formats.detection.tree import Layout, Tree, is_inside
from core.formats.folders.matching import Fit, rank_pairings
from core.formats.folders.naming import sample_names
from core.formats.folders.splits import find_split

_MANY = 30  # beyond so many folders only those with a telling name are tried as masks
_MASKS = 1000  # masks of a folder that rules are tried on


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
    layouts = join_families(tree, layouts)
    for folder in [images] if images else folders:
        if masks in (None, folder):
            layouts += _shared_layouts(tree, folder)
    if images is None:
        alone = [layout for folder in ([masks] if masks else folders) for layout in _masks_only(tree, folder)]
        layouts += join_families(tree, alone)
    return sorted(layouts, key=lambda layout: (-layout.fit - layout.hint, -layout.masks))


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
    if len(paths) < 2 or not (tree.has_direct(folder) or len(tree.children(folder)) > 1):
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
