"""Which names belong together: affixes and numbers, found from the names alone."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from zlib import crc32

from core.domain.dataset import Pairing

_NUMBER = re.compile(r"\d+")
_SAMPLE = 1000  # names looked at to guess an affix; the guess is then tried on all of them
_MOST = 40  # affixes worth trying: masks with one suffix a class may have many
_FEWER = 40
_FEW = 8  # up to so many images, every image is compared with every mask
Positions = tuple[int, ...]


def strip_affixes(stem: str, prefix: str, suffix: str) -> str | None:
    """The part of a stem between its affixes; None if it does not have them.

    >>> strip_affixes("IDRiD_01_EX", "", "_EX")
    'IDRiD_01'
    """
    if len(stem) < len(prefix) + len(suffix) or not (stem.startswith(prefix) and stem.endswith(suffix)):
        return None
    return stem[len(prefix) : len(stem) - len(suffix)]


def find_affixes(image_stems: Sequence[str], mask_stems: Sequence[str]) -> list[Pairing]:
    """Affixes that may turn mask stems into image stems, the most supported first.

    >>> find_affixes(["00_img", "01_img"], ["00_gt", "01_gt"])[0].mask_suffix
    '_gt'
    """
    votes: Counter[tuple[str, str, str, str]] = Counter()
    sampled = sample_names(mask_stems, _SAMPLE)
    for prefix, suffix in _image_affixes(image_stems):
        cores = {core for name in image_stems if (core := strip_affixes(name, prefix, suffix))}
        found = Counter(affixes for name in sampled if (affixes := _find_end_core(name, cores)))
        if 2 * found.total() < len(sampled):
            inner = (_find_inner_core(name, cores) for name in sampled[:_FEW])
            found.update(affixes for affixes in inner if affixes)
        votes.update({(prefix, suffix, *affixes): count for affixes, count in found.items()})
    if len(set(image_stems)) == len(set(mask_stems)) == 1:  # case_1/image.png, case_1/label.png
        votes[image_stems[0], "", mask_stems[0], ""] = 1
    if len(image_stems) <= _FEW:
        votes.update(_aligned(image_stems, sampled[:_FEWER]))
    ranked = sorted(votes, key=lambda key: (-votes[key], len("".join(key))))
    shortest = dict.fromkeys(_without_shared(*affixes) for affixes in ranked)
    return [
        Pairing(rule="affix", image_prefix=a, image_suffix=b, mask_prefix=c, mask_suffix=d)
        for a, b, c, d in list(shortest)[:_MOST]
        if a or b or c or d
    ]


def find_number_positions(
    image_stems: Sequence[str], mask_stems: Sequence[str]
) -> tuple[Positions, Positions] | None:
    """Which number of an image's stem equals which number of its mask's stem.

    One number on each side if that pairs most; else all numbers that vary, in order.

    >>> find_number_positions(["21_training", "22_training"], ["21_manual1", "22_manual1"])
    ((0,), (0,))
    """
    images = [numbers_in(name) for name in image_stems]
    masks = [numbers_in(name) for name in mask_stems]
    best: tuple[int, Positions, Positions] | None = None
    for first in _position_choices(images):
        for second in _position_choices(masks):
            if len(first) == len(second):
                paired = _count_paired(images, first, masks, second)
                if paired and (best is None or paired > best[0]):
                    best = (paired, first, second)
    return best and best[1:]


def sample_names(names: Sequence[str], count: int) -> Sequence[str]:
    """Always the same `count` of the names, as if by lot: every n-th name could miss every other suffix."""
    if len(names) <= count:
        return names
    return sorted(names, key=lambda name: crc32(name.encode("utf-8", "surrogatepass")))[:count]


def numbers_in(stem: str) -> tuple[int, ...]:
    """All numbers of a stem.

    >>> numbers_in("patch7_0")
    (7, 0)
    """
    return tuple(int(digits) for digits in _NUMBER.findall(stem))


def numbers_at(numbers: tuple[int, ...], positions: Positions) -> tuple[int, ...] | None:
    """The numbers at some positions; None if there are too few."""
    if not numbers or max(positions) >= len(numbers):
        return None
    return tuple(numbers[position] for position in positions)


def _image_affixes(stems: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What all image stems begin and end with, cut where a word begins; and nothing at all."""
    yield "", ""
    if len(stems) < 2:
        return
    prefix = _cut_prefix(_shared_start(stems))
    suffix = _cut_prefix(_shared_start([name[::-1] for name in stems]))[::-1]
    for pair in dict.fromkeys(((prefix, ""), ("", suffix), (prefix, suffix))):
        if pair != ("", ""):
            yield pair


def _shared_start(names: Sequence[str]) -> str:
    """What all names begin with: the shared beginning of the first and the last in order."""
    first, last = min(names), max(names)
    differs = (place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(differs, min(len(first), len(last)))]


def _without_shared(a: str, b: str, c: str, d: str) -> tuple[str, str, str, str]:
    """Affixes without what image and mask have in common: `img_1`/`img_1_gt` differ by `_gt` alone."""
    start = len(_shared_start([a, c]))
    end = len(_shared_start([b[::-1], d[::-1]]))
    return a[start:], b[: len(b) - end], c[start:], d[: len(d) - end]


def _cut_prefix(text: str) -> str:
    """Leave numbers and half words to the core: `img_000` and `img_12_0` -> `img_`."""
    text = text.rstrip("0123456789")
    at_separator = re.search(r"^.*[^0-9A-Za-z]", text)
    text = at_separator.group() if at_separator else text
    while number := re.search(r"(?<![0-9A-Za-z])\d+[^0-9A-Za-z]$", text):
        text = text[: number.start()]
    return text


def _find_end_core(name: str, cores: set[str]) -> tuple[str, str] | None:
    """The affixes that remain where a mask's stem begins or ends with an image core, the longest."""
    for end in range(len(name), 0, -1):
        if name[:end] in cores:
            return "", name[end:]
    for start in range(1, len(name)):
        if name[start:] in cores:
            return name[:start], ""
    return None


def _find_inner_core(name: str, cores: set[str]) -> tuple[str, str] | None:
    """The affixes around the longest image core inside a mask's stem."""
    length = len(name)
    spans = ((start, start + size) for size in range(length - 2, 0, -1) for start in range(1, length - size))
    return next(((name[:a], name[b:]) for a, b in spans if name[a:b] in cores), None)


def _aligned(images: Sequence[str], masks: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    """Affixes that remain when an image and a mask are laid over each other, from either end."""
    for mask in masks:
        for image in images:
            core = _cut_core(image, mask)
            if core and _begins_word(image[len(core) :]) and _begins_word(mask[len(core) :]):
                yield "", image[len(core) :], "", mask[len(core) :]
            core = _cut_core(image[::-1], mask[::-1])[::-1]
            if core:
                yield image[: len(image) - len(core)], "", mask[: len(mask) - len(core)], ""


def _cut_core(image: str, mask: str) -> str:
    """The common beginning, cut back to whole words and numbers: a core must tell one file from another."""
    shared = _shared_start([image, mask])
    rests = image[len(shared) :], mask[len(shared) :]
    while shared and any(_same_kind(shared[-1], rest[:1]) for rest in rests):
        shared = shared[:-1]
        rests = image[len(shared) :], mask[len(shared) :]
    return shared.rstrip("_-. ") if all(rests) else shared


def _begins_word(affix: str) -> bool:
    """Whether an affix is set off, or a word: digits straight after the core belong to the core."""
    return not affix[:1].isalnum() or affix.isalpha()


def _same_kind(a: str, b: str) -> bool:
    return (a.isdigit() and b.isdigit()) or (a.isalpha() and b.isalpha())


def _position_choices(numbers: Sequence[tuple[int, ...]]) -> list[Positions]:
    """Single positions of numbers that vary, then all of them together."""
    width = min((len(row) for row in numbers), default=0)
    if not width:
        return []
    varying = [p for p in range(width) if len(numbers) == 1 or len({row[p] for row in numbers}) > 1]
    singles: list[Positions] = [(p,) for p in varying[:4]]
    return [*singles, tuple(varying)] if len(varying) > 1 else singles


def _count_paired(
    images: Sequence[tuple[int, ...]],
    image_positions: Positions,
    masks: Sequence[tuple[int, ...]],
    mask_positions: Positions,
) -> int:
    """How many numbers name exactly one image and one mask."""
    left = Counter(numbers_at(row, image_positions) for row in images)
    right = Counter(numbers_at(row, mask_positions) for row in masks)
    return sum(1 for key, count in left.items() if count == 1 and right.get(key) == 1)
