"""Which image belongs to which mask: the samples of a dataset, and the files that found no partner."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from core.domain.dataset import DatasetSpec, FolderPair, Pairing
from core.domain.scan import Problem, Sample
from core.errors import DatasetError
from core.formats.folders.class_masks import MaskFile, class_keys, split_by_class
from core.formats.folders.listing import PICTURE_SUFFIXES, VOLUME_SUFFIXES, join, list_tree, parent, stem
from core.formats.folders.matching import Key, find_keys, rank_pairings, split_shared_folder
from core.formats.folders.naming import strip_affixes
from core.formats.group_pattern import build_group_finder
from core.workspace.guarded import READABLE

Masks = tuple[tuple[str, str], ...]  # class key, path; the key is "" where one file keeps all classes


@dataclass(slots=True)
class _Found:
    """What the folder pairs hold; paths are relative to the root.

    Attributes:
        pairs: Image or None, with its masks.
        problems: Files without a partner, or with too many.
        lonely: Images without a mask in their folder pair; another pair may hold one.
        images: All images.
        count: Samples where there are no images.
        named: Folders of all pairs; a folder inside another keeps its files to itself.
    """

    named: frozenset[str]
    pairs: list[tuple[str | None, Masks]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lonely: list[str] = field(default_factory=list)
    images: set[str] = field(default_factory=set)
    count: int = 0


def find_samples(spec: DatasetSpec) -> tuple[list[Sample], list[Problem], int]:
    """All samples of a dataset with masks, in the order of their paths.

    Returns:
        The samples; a problem for each file that has no partner or more than one; the number of images (of
        samples, where there are no images), problem files included.

    Raises:
        DatasetError: A folder is missing, no name fits the rule, or the group pattern is not valid.
    """
    if not spec.root.is_dir():
        raise DatasetError(
            f"The dataset's folder {spec.root} is not there; connect its disk, or correct the dataset's root."
        )
    find_group = build_group_finder(spec.group_pattern)
    named = frozenset(name for pair in spec.folders for name in (pair.images, pair.masks) if name)
    found = _Found(named)
    for pair in spec.folders:
        _collect(spec, pair, found)
    _report_lonely(found, spec.pairing.mask_suffix)
    samples = _build_samples(found, find_group)
    count = found.count + len(found.images)
    if not count:
        raise DatasetError(_nothing_found(spec))
    return samples, list(dict.fromkeys(found.problems)), count


def _build_samples(found: _Found, find_group: Callable[[str], str]) -> list[Sample]:
    """The samples in the order of their names; a file that two of them claim is a problem."""
    samples: dict[str, Sample] = {}
    owners: dict[str, str] = {}
    for image, masks in found.pairs:
        name = image or masks[0][1]
        if name in samples:
            step = "Name each folder once in the dataset's folders."
            found.problems.append(Problem(name, "two folder pairs hold this file", step))
            continue
        shared = next((path for _, path in masks if owners.setdefault(path, name) != name), None)
        if shared is not None:
            found.problems.append(_two_images(shared, [owners[shared], name]))
            continue
        paths = tuple((key, PurePosixPath(path)) for key, path in masks)
        samples[name] = Sample(name, PurePosixPath(image) if image else None, paths, find_group(name))
    return [samples[name] for name in sorted(samples)]


def propose_pairing(images: Sequence[str], masks: Sequence[str]) -> tuple[Pairing, float, str]:
    """The rule that pairs most files without ambiguity.

    Args:
        images: Image paths relative to their folder, POSIX.
        masks: Mask paths relative to theirs.

    Returns:
        The rule, its score in [0, 1] (0: nothing pairs), and a sentence that says why.
    """
    fits = rank_pairings(images, masks)
    if not fits:
        return Pairing(), 0.0, "No name of a mask fits the name of an image."
    best = fits[0]
    return (
        best.pairing,
        best.score,
        f"{describe_rule(best.pairing)}: {best.paired} of {len(masks)} masks paired.",
    )


def describe_rule(pairing: Pairing) -> str:
    """A rule in words, without a full stop.

    >>> describe_rule(Pairing(rule="affix", mask_suffix="_EX"))
    "Names are equal once '_EX' is cut from the end of the mask's"
    """
    if pairing.rule == "none":
        return "There are no images, only masks"
    parts = [
        f"{text!r} is cut from the {end} of the {side}'s"
        for side, end, text in (
            ("image", "beginning", pairing.image_prefix),
            ("image", "end", pairing.image_suffix),
            ("mask", "beginning", pairing.mask_prefix),
            ("mask", "end", pairing.mask_suffix),
        )
        if text
    ]
    cut = f" once {' and '.join(parts)}" if parts else ""
    return (
        f"The number that tells the files apart is equal{cut}"
        if pairing.rule == "number"
        else f"Names are equal{cut}"
    )


def _collect(spec: DatasetSpec, pair: FolderPair, found: _Found) -> None:
    """Add the samples and problems of one folder pair."""
    rule = spec.pairing
    masks = _pictures(spec, pair.masks, found)
    images = _pictures(spec, pair.images, found) if pair.images is not None else []
    keys = class_keys(spec)
    if pair.images == pair.masks and keys is None:
        images, masks = split_shared_folder(masks, rule)
    files = split_by_class(keys, pair.masks, masks)
    if pair.images == pair.masks:
        taken = {mask.path for of_class in files.values() for mask in of_class}
        images = [path for path in images if join(pair.masks, path) not in taken]
    images = [path for path in images if _fits(path, rule.image_prefix, rule.image_suffix)]
    if pair.images is None or rule.rule == "none":
        _take_masks(pair, files, rule, found)
        return
    found.images.update(join(pair.images, path) for path in images)
    _match(pair.images, images, files, rule, found)


def _pictures(spec: DatasetSpec, folder: str, found: _Found) -> list[str]:
    """Paths of the pictures below a folder, relative to it; other named folders inside it keep their own."""
    suffixes = VOLUME_SUFFIXES if spec.format == "nifti" else PICTURE_SUFFIXES
    listing = list_tree(spec.root, folder, suffixes)
    found.problems += listing.problems
    inside = [
        join(path, name) for path in listing.below(folder, found.named) for name in listing.pictures(path)
    ]
    return [path.removeprefix(f"{folder}/") for path in inside]


def _match(
    folder: str, images: Sequence[str], files: dict[str, list[MaskFile]], rule: Pairing, found: _Found
) -> None:
    """Give each image its masks, class by class."""
    masks_of: list[dict[str, list[str]]] = [{} for _ in images]
    unclear: set[int] = set()
    for key, masks in files.items():
        left, right = find_keys(images, [mask.inner for mask in masks], rule)
        places = _places(left)
        for mask, mask_key in zip(masks, right, strict=True):
            owners = places.get(mask_key, []) if mask_key is not None else None
            if owners is None:
                continue  # its name does not follow the rule: another kind of file in the same folder
            if not owners:
                found.problems.append(_mask_alone(mask.path, folder))
            elif len(owners) > 1:
                unclear.update(owners)
                found.problems.append(_two_images(mask.path, [images[place] for place in owners]))
            else:
                masks_of[owners[0]].setdefault(key, []).append(mask.path)
    for place, by_class in enumerate(masks_of):
        if place not in unclear:
            _take_image(join(folder, images[place]), by_class, found)


def _take_image(image: str, masks: dict[str, list[str]], found: _Found) -> None:
    rivals = next((paths for paths in masks.values() if len(paths) > 1), None)
    if rivals:
        found.problems.append(_two_masks(image, rivals))
    elif masks:
        found.pairs.append((image, tuple((key, paths[0]) for key, paths in masks.items())))
    else:
        found.lonely.append(image)


def _report_lonely(found: _Found, mask_suffix: str) -> None:
    """Name the images without masks; other pictures of an image that has one are no images of their own."""
    paired = {image for image, _ in found.pairs if image is not None}
    cores = {image.rpartition(".")[0] for image in paired}
    for image in dict.fromkeys(found.lonely):
        if image in paired:
            continue
        addition = _find_addition(image, cores)
        if addition:
            found.images.discard(image)
            if mask_suffix and addition.startswith(mask_suffix):
                step = "Join the masks of an image into one file, or remove those that do not count."
                found.problems.append(Problem(image, "this further mask of an image is left out", step))
            continue
        step = "Add its mask, or correct the mask folder or the pairing rule."
        found.problems.append(Problem(image, "no mask fits the name of this image", step))


def _find_addition(image: str, cores: set[str]) -> str:
    """The word that a stem adds to that of a paired image: `_superpixels`, `_2nd_reader`; empty if none."""
    name = image.rpartition(".")[0]
    ends = (place for place, sign in enumerate(name) if place and sign in "_-. ")
    additions = (name[end:] for end in ends if name[:end] in cores)
    return next((text for text in additions if any(map(str.isalpha, text))), "")


def _take_masks(pair: FolderPair, files: dict[str, list[MaskFile]], rule: Pairing, found: _Found) -> None:
    """Samples without images: one for each mask, or for the masks of all classes whose names are equal."""
    grouped: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(dict)
    for key, masks in files.items():
        for mask in masks:
            core = strip_affixes(stem(mask.inner.rpartition("/")[2]), rule.mask_prefix, rule.mask_suffix)
            if core is not None:
                grouped[parent(mask.inner), core].setdefault(key, []).append(mask.path)
    found.count += len(grouped)
    for by_class in grouped.values():
        rivals = next((paths for paths in by_class.values() if len(paths) > 1), None)
        if rivals:
            found.problems.append(_two_masks(rivals[0], rivals))
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


def _mask_alone(mask: str, folder: str) -> Problem:
    where = "the dataset's folder" if folder == "." else folder
    return Problem(
        mask, f"no image in {where} fits the name of this mask", "Add the image, or remove the mask."
    )


def _two_images(mask: str, images: Sequence[str]) -> Problem:
    step = "Rename or remove all but one of these images."
    return Problem(mask, f"several images fit this mask: {', '.join(images[:4])}", step)


def _two_masks(file: str, masks: Sequence[str]) -> Problem:
    step = "Remove all but one, or name the suffix of the right ones in the pairing rule."
    return Problem(file, f"several masks fit: {', '.join(masks[:4])}", step)


def _nothing_found(spec: DatasetSpec) -> str:
    places = ", ".join(sorted({name for pair in spec.folders for name in (pair.images, pair.masks) if name}))
    what, readable = ("volume", ".nii and .nii.gz") if spec.format == "nifti" else ("picture", READABLE)
    return (
        f"{spec.root}: no {what} in {places} fits the pairing rule ({describe_rule(spec.pairing)}). "
        f"{readable} files count; correct the folders or the rule."
    )
