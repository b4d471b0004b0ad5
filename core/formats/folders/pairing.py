"""Which image belongs to which mask: the samples of a dataset, and the files that found no partner."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.domain.dataset import DatasetSpec, Pairing
from core.domain.scan import Problem, Sample
from core.errors import DatasetError
from core.formats.folders.collecting import Found, collect, take_chosen
from core.formats.folders.corrections import find_corrections
from core.formats.folders.matching import rank_pairings
from core.formats.folders.pairing_problems import further_mask, held_twice, image_alone, two_images
from core.workspace.guarded import READABLE


@dataclass(frozen=True, slots=True)
class Unpaired:
    """Files that a person may pair by hand, POSIX and relative to the root.

    Attributes:
        images: Images without a mask.
        masks: Masks without an image, and after them the files of the mask folders that follow no rule.
    """

    images: tuple[str, ...]
    masks: tuple[str, ...]


def find_samples(spec: DatasetSpec) -> tuple[list[Sample], list[Problem], int]:
    """All samples of a dataset with masks, in the order of their paths.

    Returns:
        The samples; a problem for each file that has no partner or more than one; the number of images (of
        samples, where there are no images), problem files included.

    Raises:
        DatasetError: A folder is missing, or no name fits the rule.
    """
    found = _find(spec)
    samples = _build_samples(found)
    count = found.count + len(found.images)
    if not count:
        raise DatasetError(_nothing_found(spec))
    ignored = found.corrections.ignored
    problems = [problem for problem in dict.fromkeys(found.problems) if problem.file not in ignored]
    return samples, problems, count


def find_unpaired(spec: DatasetSpec) -> Unpaired:
    """The images and the masks that have no partner, in the order of their paths.

    Raises:
        DatasetError: A folder is missing.
    """
    found = _find(spec)
    used = {path for _, masks in found.pairs for _, path in masks}
    used |= found.corrections.ignored | found.images
    masks = dict.fromkeys((*sorted(found.alone), *sorted(found.others)))
    return Unpaired(tuple(sorted(found.lonely)), tuple(path for path in masks if path not in used))


def _find(spec: DatasetSpec) -> Found:
    """What the folder pairs and the pairs made by hand hold."""
    if not spec.root.is_dir():
        raise DatasetError(
            f"The dataset's folder {spec.root} is not there; connect its disk, or correct the dataset's root."
        )
    named = frozenset(name for pair in spec.folders for name in (pair.images, pair.masks) if name)
    found = Found(named, find_corrections(spec))
    for pair in spec.folders:
        collect(spec, pair, found)
    take_chosen(spec, found)
    _report_lonely(found, spec.pairing.mask_suffix)
    return found


def _build_samples(found: Found) -> list[Sample]:
    """The samples in the order of their names; a file that two of them claim is a problem."""
    samples: dict[str, Sample] = {}
    owners: dict[str, str] = {}
    for image, masks in found.pairs:
        name = image or masks[0][1]
        if name in samples:
            found.problems.append(held_twice(name))
            continue
        shared = next((path for _, path in masks if owners.setdefault(path, name) != name), None)
        if shared is not None:
            found.problems.append(two_images(shared, [owners[shared], name]))
            continue
        paths = tuple((key, PurePosixPath(path)) for key, path in masks)
        samples[name] = Sample(name, PurePosixPath(image) if image else None, paths)
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


def _report_lonely(found: Found, mask_suffix: str) -> None:
    """Name the images without masks; other pictures of an image that has one are no images of their own."""
    paired = {image for image, _ in found.pairs if image is not None}
    cores = {image.rpartition(".")[0] for image in paired}
    lonely = [image for image in dict.fromkeys(found.lonely) if image not in paired]
    found.lonely = []
    for image in lonely:
        addition = _find_addition(image, cores)
        if addition:
            found.images.discard(image)
            if mask_suffix and addition.startswith(mask_suffix):
                found.problems.append(further_mask(image))
            continue
        found.lonely.append(image)
        found.problems.append(image_alone(image))


def _find_addition(image: str, cores: set[str]) -> str:
    """The word that a stem adds to that of a paired image: `_superpixels`, `_2nd_reader`; empty if none."""
    name = image.rpartition(".")[0]
    ends = (place for place, sign in enumerate(name) if place and sign in "_-. ")
    additions = (name[end:] for end in ends if name[:end] in cores)
    return next((text for text in additions if any(map(str.isalpha, text))), "")


def _nothing_found(spec: DatasetSpec) -> str:
    places = ", ".join(sorted({name for pair in spec.folders for name in (pair.images, pair.masks) if name}))
    what, readable = ("volume", ".nii and .nii.gz") if spec.format == "nifti" else ("picture", READABLE)
    return (
        f"{spec.root}: no {what} in {places} fits the pairing rule ({describe_rule(spec.pairing)}). "
        f"{readable} files count; correct the folders or the rule."
    )
