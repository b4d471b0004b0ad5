"""Pairing by names, pure: paths in, keys out; an image and a mask belong together if their keys are equal."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from core.domain.dataset import Pairing
from core.formats.folders.listing import is_lossy, parent, stem
from core.formats.folders.naming import (
    find_affixes,
    find_number_positions,
    numbers_at,
    numbers_in,
    sample_names,
    strip_affixes,
)

Key = tuple[str, str | tuple[int, ...]]  # the sub-folder inside the pair, and what identifies the file in it
_SAMPLE = 4000  # masks that a rule is tried on before it is chosen


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a rule pairs two lists of files.

    Attributes:
        pairing: The rule.
        paired: Masks that find exactly one image, which finds exactly them.
        ambiguous: Masks that fit several images, or share an image with another mask.
        fitting: Masks whose names the rule applies to.
        images: Images whose names the rule applies to.
        score: In [0, 1]; 1 if every mask and every image is paired.
    """

    pairing: Pairing
    paired: int
    ambiguous: int
    fitting: int
    images: int
    score: float


def find_keys(
    images: Sequence[str], masks: Sequence[str], pairing: Pairing
) -> tuple[list[Key | None], list[Key | None]]:
    """The key of every image and every mask; None where the rule does not apply to a name.

    Args:
        images: Image paths relative to their folder, POSIX.
        masks: Mask paths relative to theirs.
        pairing: The rule; its affixes are stripped first under every rule.
    """
    left = [_core(path, pairing.image_prefix, pairing.image_suffix) for path in images]
    right = [_core(path, pairing.mask_prefix, pairing.mask_suffix) for path in masks]
    if pairing.rule != "number":
        return [*left], [*right]
    positions = find_number_positions([key[1] for key in left if key], [key[1] for key in right if key])
    if positions is None:
        return [None] * len(left), [None] * len(right)
    return [_number_key(key, positions[0]) for key in left], [_number_key(key, positions[1]) for key in right]


def split_shared_folder(paths: Sequence[str], pairing: Pairing) -> tuple[list[str], list[str]]:
    """Images and masks that lie in one folder.

    The side with the longer affixes takes its files first. Where the rule names no affixes, a JPEG is an
    image and any other file a mask: a photograph is kept as JPEG, a mask never should be.
    """
    image_affix = pairing.image_prefix + pairing.image_suffix
    mask_affix = pairing.mask_prefix + pairing.mask_suffix
    if not image_affix and not mask_affix:
        return [path for path in paths if is_lossy(path)], [path for path in paths if not is_lossy(path)]
    is_image = {path for path in paths if _core(path, pairing.image_prefix, pairing.image_suffix)}
    is_mask = {path for path in paths if _core(path, pairing.mask_prefix, pairing.mask_suffix)}
    if len(mask_affix) >= len(image_affix):
        is_image -= is_mask
    else:
        is_mask -= is_image
    return [path for path in paths if path in is_image], [path for path in paths if path in is_mask]


def rank_pairings(images: Sequence[str], masks: Sequence[str]) -> list[Fit]:
    """All rules that pair at least one mask, the best first; simple rules win ties.

    Args:
        images: Image paths relative to their folder, POSIX.
        masks: Mask paths relative to theirs.
    """
    sampled = sample_names(masks, _SAMPLE)
    best = fit_pairing(images, sampled, Pairing(rule="stem"))
    if best.score > 0.99 and len(sampled) == len(masks):
        return [best]
    choices = find_affixes([stem(_name(path)) for path in images], [stem(_name(path)) for path in sampled])
    fits = [best, *(fit_pairing(images, sampled, choice) for choice in choices)]
    fits.append(fit_pairing(images, sampled, Pairing(rule="number")))
    # A rule that most images do not follow was read off by accident.
    fits = [fit for fit in fits if fit.paired and 2 * fit.images > len(images)]
    return sorted(fits, key=lambda fit: -fit.score * _TRUST[fit.pairing.rule])


# An equal stem says more than a guessed affix, and that more than an equal number.
_TRUST = {"stem": 1.0, "affix": 0.98, "number": 0.9, "none": 0.0}


def fit_pairing(images: Sequence[str], masks: Sequence[str], pairing: Pairing) -> Fit:
    """How well one rule pairs two lists of files; paths as in `find_keys`."""
    left, right = find_keys(images, masks, pairing)
    image_counts = Counter(key for key in left if key is not None)
    mask_counts = Counter(key for key in right if key is not None)
    shared = image_counts.keys() & mask_counts.keys()
    paired = sum(1 for key in shared if image_counts[key] == mask_counts[key] == 1)
    ambiguous = sum(mask_counts[key] for key in shared) - paired
    fitting = mask_counts.total()
    score = 0.0
    if paired:
        score = 0.8 * paired / fitting + 0.2 * min(1.0, paired / image_counts.total())
    return Fit(pairing, paired, ambiguous, fitting, image_counts.total(), score)


def _core(path: str, prefix: str, suffix: str) -> tuple[str, str] | None:
    """The folder, and the stem without affixes; a folder called as the stem says nothing more."""
    core = strip_affixes(stem(_name(path)), prefix, suffix)
    if core is None:
        return None
    folder = parent(path)
    if core in folder.split("/"):
        folder = "/".join(takewhile(lambda part: part != core, folder.split("/"))) or "."
    return folder, core


def _number_key(key: tuple[str, str] | None, positions: tuple[int, ...]) -> Key | None:
    numbers = numbers_at(numbers_in(key[1]), positions) if key else None
    return (key[0], numbers) if key and numbers else None


def _name(path: str) -> str:
    return path.rpartition("/")[2]
