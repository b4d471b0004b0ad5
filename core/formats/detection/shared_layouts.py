"""Images and masks that lie in one folder and differ by suffix or prefix, judged by names alone."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import permutations

from core.domain.dataset import Pairing
from core.formats.detection.class_layouts import find_class_suffixes
from core.formats.detection.hints import mask_hint
from core.formats.folders.listing import is_lossy, stem
from core.formats.folders.matching import Fit, fit_pairing, split_shared_folder

SharedLayout = tuple[Pairing, tuple[str, ...], float, float, int]  # rule, classes, fit, hint, masks

_SAMPLE = 1000
_KINDS = 6  # most frequent endings (or beginnings) that are tried against each other
_MOST = 20


def rank_shared(paths: Sequence[str]) -> list[SharedLayout]:
    """Rules under which the pictures of one folder are images and masks of each other.

    Args:
        paths: Pictures, relative to the folder.
    """
    ordered = sorted(paths)[:_SAMPLE]  # neighbours in the alphabet: an image and its masks stay together
    fits = [fit for rule in _rules(ordered) if (fit := _fit(ordered, rule)).paired]
    found = [_weigh(fit, len(ordered)) for fit in fits]
    classes = find_class_suffixes(fits)
    if classes:
        pairing, keys, score = classes
        found.append((pairing, keys, score, max(mask_hint(key) for key in keys) - 0.25, len(paths)))
    return found


def _weigh(fit: Fit, count: int) -> SharedLayout:
    """A rule that pairs few of the files of a folder was read off by accident."""
    rule = fit.pairing
    hint = mask_hint(f"{rule.mask_prefix} {rule.mask_suffix}")
    if mask_hint(f"{rule.image_prefix} {rule.image_suffix}") > 0:
        hint -= 0.5
    if rule.rule == "number":
        hint -= 0.25
    return rule, (), fit.score * min(2 * fit.paired / count + 0.2, 1.0), hint - 0.25, fit.fitting


def _fit(paths: Sequence[str], rule: Pairing) -> Fit:
    images, masks = split_shared_folder(paths, rule)
    return fit_pairing(images, masks, rule)


def _rules(paths: Sequence[str]) -> list[Pairing]:
    stems = [stem(path.rpartition("/")[2]) for path in paths]
    rules: list[Pairing] = []
    if len({is_lossy(path) for path in paths}) == 2:
        rules.append(Pairing(rule="stem"))
    rules += _extensions(stems)
    if len(names := sorted(set(stems))) == 2:  # image.png and mask.png, alone or in each case's folder
        rules += [Pairing(rule="affix", image_prefix=a, mask_prefix=b) for a, b in permutations(names)]
    for pattern, side in ((r"[^0-9]*$", "suffix"), (r"^[^0-9]*", "prefix"), (r"[_\-. ][^_\-. ]*$", "suffix")):
        kinds = Counter(match.group() for name in stems if (match := re.search(pattern, name)))
        frequent = [kind for kind, count in kinds.most_common(_KINDS) if count > 1]
        rules += [
            _differing(side, image, mask)
            for image in frequent
            for mask in frequent
            if image != mask and mask and not any(map(str.isdigit, image + mask))
        ]
    # `patch7_0` and `mask_7`: what precedes the number tells the two apart, the number which belong together.
    rules += [rule.model_copy(update={"rule": "number"}) for rule in rules if rule.image_prefix]
    return list(dict.fromkeys(rules))


def _differing(side: str, image: str, mask: str) -> Pairing:
    """The rule for two endings or beginnings; `)` and `)_mask` differ by `_mask` alone."""
    if side == "suffix" and mask.startswith(image):
        image, mask = "", mask.removeprefix(image)
    elif side == "prefix" and mask.endswith(image):
        image, mask = "", mask.removesuffix(image)
    return Pairing.model_validate({"rule": "affix", f"image_{side}": image, f"mask_{side}": mask})


def _extensions(stems: Sequence[str]) -> list[Pairing]:
    """What one stem adds to another, shorter one: `a` and `a_mask`."""
    known = set(stems)
    suffixes: Counter[str] = Counter()
    prefixes: Counter[str] = Counter()
    for name in sorted(known):  # in order, so that of equal counts always the same comes first
        ends = (end for end in range(len(name) - 1, 0, -1) if name[:end] in known)
        starts = (start for start in range(1, len(name)) if name[start:] in known)
        suffixes.update(name[end:] for end in [next(ends, 0)] if end)
        prefixes.update(name[:start] for start in [next(starts, 0)] if start)
    return [
        *(
            Pairing(rule="affix", mask_suffix=text)
            for text, _ in suffixes.most_common(_MOST)
            if _is_word(text)
        ),
        *(
            Pairing(rule="affix", mask_prefix=text)
            for text, _ in prefixes.most_common(_MOST)
            if _is_word(text)
        ),
    ]


def _is_word(text: str) -> bool:
    return any(map(str.isalpha, text))
