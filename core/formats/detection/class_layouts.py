"""Layouts in which every class has mask files of its own, judged by names alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from core.domain.dataset import Pairing
from core.formats.detection.hints import class_name, is_reader
from core.formats.folders.listing import stem
from core.formats.folders.matching import Fit, fit_pairing, rank_pairings
from core.formats.folders.naming import sample_names
from core.formats.folders.splits import find_split

ClassLayout = tuple[Pairing, tuple[str, ...], float]  # the rule, the class keys, how completely names pair

_MOST_CLASSES = 1000
_SAMPLE = 200  # masks of one class that a rule is tried on


def find_class_folders(images: Sequence[str], folders: Mapping[str, Sequence[str]]) -> ClassLayout | None:
    """Sub-folders that are classes: each one's masks pair with the same images.

    Args:
        images: Image paths, relative to their folder.
        folders: Name of each sub-folder to the paths of its pictures, relative to it.
    """
    if not images or not 2 <= len(folders) <= _MOST_CLASSES or not _are_class_names(folders):
        return None
    sampled = {name: sample_names(paths, _SAMPLE) for name, paths in folders.items()}
    largest = max(sampled.values(), key=len)
    rules = [fit.pairing for fit in rank_pairings(images, largest)[:3]]
    best: ClassLayout | None = None
    for rule in dict.fromkeys([*rules, Pairing(rule="number")]):
        fits = [fit_pairing(images, paths, rule) for paths in sampled.values()]
        # An image without the class has no file, so only the masks must find a partner.
        score = sum(fit.paired for fit in fits) / max(sum(map(len, sampled.values())), 1)
        if score > (best[2] if best else 0.6) and min(fit.paired for fit in fits) > 0:
            best = (rule, tuple(sorted(folders)), score)
    return best


def find_class_suffixes(fits: Sequence[Fit]) -> ClassLayout | None:
    """Suffixes (or prefixes) that are classes: each pairs its own masks with the same images.

    Args:
        fits: The rules that pair the masks of one folder.
    """
    by_image: dict[tuple[str, str, bool], list[Fit]] = defaultdict(list)
    for fit in fits:
        rule = fit.pairing
        one_sided = rule.rule == "affix" and bool(rule.mask_prefix) != bool(rule.mask_suffix)
        if one_sided and fit.paired >= 0.9 * fit.fitting:
            by_image[rule.image_prefix, rule.image_suffix, bool(rule.mask_prefix)].append(fit)
    if not by_image:
        return None
    group = max(by_image.values(), key=lambda members: sum(fit.paired for fit in members))
    keys = [fit.pairing.mask_prefix or fit.pairing.mask_suffix for fit in group]
    if len(group) < 2 or not _are_class_names(keys):
        return None
    first = group[0].pairing
    pairing = Pairing(
        rule="affix" if first.image_prefix or first.image_suffix else "stem",
        image_prefix=first.image_prefix,
        image_suffix=first.image_suffix,
    )
    return pairing, tuple(sorted(keys)), sum(fit.paired for fit in group) / sum(fit.fitting for fit in group)


def are_classes(folders: Mapping[str, Sequence[str]]) -> bool:
    """Whether sub-folders are classes of the same images: most stems occur in more than one of them.

    Args:
        folders: Name of each sub-folder to the paths of its pictures, relative to it.
    """
    counts = Counter(stem(path) for paths in folders.values() for path in paths)
    shared = sum(1 for count in counts.values() if count > 1)
    return 2 <= len(folders) <= _MOST_CLASSES and 2 * shared >= len(counts) and _are_class_names(folders)


def _are_class_names(names: Mapping[str, Sequence[str]] | Sequence[str]) -> bool:
    """Splits are no classes, nor are two readers' masks of the same thing."""
    if any(find_split(name) for name in names) or sum(map(is_reader, names)) > 1:
        return False
    return any(class_name(name) or "class" in name.lower() for name in names)
