"""The images and masks of a folder pair, matched by the rule and by what a person said of single files."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.domain.dataset import DatasetSpec, FolderPair, Pairing
from core.domain.scan import Problem
from core.formats.folders.class_masks import MaskFile, class_keys, split_by_class
from core.formats.folders.corrections import Corrections
from core.formats.folders.listing import (
    IMAGE_SUFFIXES,
    PICTURE_SUFFIXES,
    VOLUME_SUFFIXES,
    join,
    list_tree,
    parent,
    stem,
)
from core.formats.folders.matching import Key, find_keys, split_shared_folder
from core.formats.folders.naming import strip_affixes
from core.formats.folders.pairing_problems import (
    another_chosen,
    mask_alone,
    no_class,
    two_images,
    two_masks,
)

Masks = tuple[tuple[str, str], ...]  # class key, path; the key is "" where one file keeps all classes


@dataclass(slots=True)
class Found:
    """What the folder pairs hold; paths are relative to the root.

    Attributes:
        pairs: Image or None, with its masks.
        problems: Files without a partner, or with too many.
        lonely: Images without a mask in their folder pair; another pair may hold one.
        images: All images.
        count: Samples where there are no images.
        named: Folders of all pairs; a folder inside another keeps its files to itself.
        corrections: Files to leave out, and pairs made by hand.
        class_of: Class key of the masks that were paired by hand, where the format has files of one class.
        alone: Masks without an image.
        others: Files of the mask folders whose names do not follow the rule.
    """

    named: frozenset[str]
    corrections: Corrections
    pairs: list[tuple[str | None, Masks]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lonely: list[str] = field(default_factory=list)
    images: set[str] = field(default_factory=set)
    count: int = 0
    class_of: dict[str, str] = field(default_factory=dict)
    alone: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def collect(spec: DatasetSpec, pair: FolderPair, found: Found) -> None:
    """Add the samples and problems of one folder pair.

    Raises:
        DatasetError: One of its folders is missing.
    """
    rule = spec.pairing
    masks = _pictures(spec, pair.masks, found)
    apart = pair.images is not None and pair.images != pair.masks
    images = _pictures(spec, pair.images, found, dicom=apart) if pair.images is not None else []
    keys = class_keys(spec)
    if pair.images == pair.masks and keys is None:
        images, masks = split_shared_folder(masks, rule)
    files = split_by_class(keys, pair.masks, masks)
    chosen = found.corrections.chosen_masks
    found.class_of.update(
        (mask.path, key) for key, of_class in files.items() for mask in of_class if mask.path in chosen
    )
    if pair.images == pair.masks:
        taken = {mask.path for of_class in files.values() for mask in of_class}
        images = [path for path in images if join(pair.masks, path) not in taken]
    files = found.corrections.masks_by_rule(files)
    images = found.corrections.images_by_rule(pair.images or ".", images)
    images = [path for path in images if _fits(path, rule.image_prefix, rule.image_suffix)]
    if pair.images is None or rule.rule == "none":
        _take_masks(pair, files, rule, found)
        return
    found.images.update({join(pair.images, path) for path in images} - found.corrections.ignored)
    _match(pair.images, images, files, rule, found)


def _pictures(spec: DatasetSpec, folder: str, found: Found, dicom: bool = False) -> list[str]:
    """Paths of the pictures below a folder, relative to it; other named folders inside it keep their own."""
    pictures = IMAGE_SUFFIXES if dicom else PICTURE_SUFFIXES
    suffixes = VOLUME_SUFFIXES if spec.format == "nifti" else pictures
    listing = list_tree(spec.root, folder, suffixes)
    found.problems += listing.problems
    inside = [
        join(path, name) for path in listing.below(folder, found.named) for name in listing.pictures(path)
    ]
    return [path.removeprefix(f"{folder}/") for path in inside]


def _match(
    folder: str, images: Sequence[str], files: dict[str, list[MaskFile]], rule: Pairing, found: Found
) -> None:
    """Give each image its masks, class by class."""
    masks_of: list[dict[str, list[str]]] = [{} for _ in images]
    unclear: set[int] = set()
    ignored = found.corrections.ignored
    counted = [join(folder, path) not in ignored for path in images]
    for key, masks in files.items():
        left, right = find_keys(images, [mask.inner for mask in masks], rule)
        places = _places(left)
        for mask, mask_key in zip(masks, right, strict=True):
            fitting = places.get(mask_key, []) if mask_key is not None else None
            if fitting is None:  # its name does not follow the rule: another kind of file in the same folder
                found.others.append(mask.path)
                continue
            owners = [place for place in fitting if counted[place]]
            if len(owners) == 1:
                masks_of[owners[0]].setdefault(key, []).append(mask.path)
            elif mask.path in ignored or (fitting and not owners):
                continue  # left out, with its image or alone
            elif owners:
                unclear.update(owners)
                found.problems.append(two_images(mask.path, [images[place] for place in owners]))
            else:
                found.alone.append(mask.path)
                found.problems.append(mask_alone(mask.path, folder))
    for place, by_class in enumerate(masks_of):
        if counted[place] and place not in unclear:
            _take_image(join(folder, images[place]), by_class, found)


def _take_image(image: str, by_class: dict[str, list[str]], found: Found) -> None:
    masks = found.corrections.without_ignored(by_class)
    if masks is None:
        found.images.discard(image)
        return
    rivals = next((paths for paths in masks.values() if len(paths) > 1), None)
    if rivals:
        found.problems.append(two_masks(image, rivals))
    elif masks:
        found.pairs.append((image, tuple((key, paths[0]) for key, paths in masks.items())))
    else:
        found.lonely.append(image)


def take_chosen(spec: DatasetSpec, found: Found) -> None:
    """Give images the masks that a person chose; a mask of the same class found by its name gives way."""
    one_file = class_keys(spec) is None
    chosen: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for image, mask in found.corrections.pairs:
        key = "" if one_file else found.class_of.get(mask)
        if key is None:
            found.problems.append(no_class(mask))
        else:
            chosen[image].setdefault(key, []).append(mask)
    by_rule = {image: masks for image, masks in found.pairs if image in chosen}
    found.pairs = [pair for pair in found.pairs if pair[0] not in chosen]
    for image, by_class in chosen.items():
        found.images.add(image)
        for key, mask in by_rule.get(image, ()):
            if by_class.setdefault(key, [mask]) != [mask]:
                found.alone.append(mask)
                found.problems.append(another_chosen(mask, image))
        _take_image(image, by_class, found)


def _take_masks(pair: FolderPair, files: dict[str, list[MaskFile]], rule: Pairing, found: Found) -> None:
    """Samples without images: one for each mask, or for the masks of all classes whose names are equal."""
    grouped: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(dict)
    for key, masks in files.items():
        for mask in masks:
            core = strip_affixes(stem(mask.inner.rpartition("/")[2]), rule.mask_prefix, rule.mask_suffix)
            if core is not None:
                grouped[parent(mask.inner), core].setdefault(key, []).append(mask.path)
    for every in grouped.values():
        by_class = found.corrections.without_ignored(every)
        if by_class is None:
            continue
        found.count += 1
        rivals = next((paths for paths in by_class.values() if len(paths) > 1), None)
        if rivals:
            found.problems.append(two_masks(rivals[0], rivals))
        else:
            found.pairs.append((None, tuple((key, paths[0]) for key, paths in by_class.items())))


def _places(keys: Sequence[Key | None]) -> dict[Key, list[int]]:
    places: dict[Key, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        if key is not None:
            places[key].append(place)
    return places


def _fits(path: str, prefix: str, suffix: str) -> bool:
    return strip_affixes(stem(path.rpartition("/")[2]), prefix, suffix) is not None
