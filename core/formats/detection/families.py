"""Layouts that differ only in the name of the split or of the case belong together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from core.domain.dataset import FolderPair
from core.formats.detection.tree import Layout, Tree, is_inside
from core.formats.folders.listing import join, parent
from core.formats.folders.splits import find_split, without_split


def join_families(tree: Tree, layouts: Sequence[Layout]) -> list[Layout]:
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
