"""Index masks: the number of a pixel is its class; 0 may be one like any other."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec, FormatName
from core.domain.masks import LabelMask
from core.domain.scan import Problem
from core.errors import DatasetError, MaskError
from core.formats.masks.harmony import Harmony, find_harmony, read_numbers
from core.formats.masks.protocol import CountedSample, Tabulation
from core.formats.masks.tabulation import MAX_CLASSES, FlatCounts, flatten, join_classes, look_up
from core.formats.pixels.counting import MAX_VALUES, ValueCounts
from core.formats.pixels.mask_pixels import MaskPixels
from core.formats.wording import describe_unknown, say_count
from core.workspace.files import replacing

_FEW_VALUES = 64
_MANY_VALUES = 256  # More than the largest label sets that are annotated by hand
_VOID_BYTE, _VOID_WORD = 255, 65535


class IndexMasks:
    """One number per pixel: grey value, palette index, or the equal channels of an RGB file."""

    name: FormatName = "index"
    title = "One number per class"
    overlapping = False

    def sniff(self, counts: Sequence[ValueCounts]) -> float:
        """How well the counts of some files fit: few whole numbers, stored without loss."""
        if not counts or any(_why_unusable(item) or item.lossy for item in counts):
            return 0.0
        values = np.unique(np.concatenate([item.values for item in counts]))
        if values.size > _FEW_VALUES:
            return 0.1
        return 0.5 if values.size <= 2 else 0.9

    def tabulate(self, spec: DatasetSpec, samples: Sequence[CountedSample]) -> Tabulation:
        """Turn raw counts into classes, presence and pixels.

        Without classes in the spec every value is proposed as a class, but for a set of exactly two values
        of which one is 0: that is proposed as background.

        Raises:
            DatasetError: A key of the spec is no whole number.
        """
        known = {_parse_key(item.key): item.key for item in spec.classes}
        known |= {_parse_key(key): key for key in spec.void}
        kept, problems = _usable(samples)
        harmony = find_harmony([samples[place].masks[0].counts for place in kept], known)
        problems += _palette_problems(harmony, [samples[place] for place in kept])
        if harmony.blurred:
            kept, blurred = _leave_out_lossy(samples, kept)
            problems += blurred
        masks = [samples[place].masks[0].counts for place in kept]
        flat = flatten((harmony.numbers(item), item.counts) for item in masks)
        found, count = _find_keys(flat, known)
        classes = join_classes(spec, [known.get(value, str(value)) for value in found], _role_of(spec, found))
        columns = look_up(flat.values, {_parse_key(item.key): column for column, item in enumerate(classes)})
        pixels = flat.spread(columns, len(classes))
        is_void = np.isin(flat.values, [value for value, key in known.items() if spec.is_void(key)])
        void = flat.spread(np.where(is_void, 0, -1).astype(np.intp), 1)[:, 0]
        sizes = np.array([item.height * item.width for item in masks], dtype=np.int64)
        files = [samples[place].masks[0].file for place in kept]
        problems += _crowd_problems(spec, count, files) + _lossy_problems(masks, files, harmony)
        problems += _value_problems(spec, classes, pixels, files) if count <= MAX_CLASSES else []
        return Tabulation(
            classes, np.array(kept, dtype=np.intp), pixels > 0, pixels, sizes - void, tuple(problems)
        )

    def read(
        self, spec: DatasetSpec, classes: Sequence[ClassSpec], masks: Sequence[tuple[str, MaskPixels]]
    ) -> LabelMask:
        """Turn the pixels of one mask into positions into `classes`; void and other values are -1.

        Raises:
            MaskError: The mask holds colours or fractions.
        """
        mask = masks[0][1]
        if mask.is_colour or mask.scale != 1:
            what = "colours" if mask.is_colour else "fractions"
            raise MaskError(f"the mask holds {what}, not class numbers; choose another mask format.")
        table = {_parse_key(item.key): place for place, item in enumerate(classes)}
        void = [_parse_key(key) for key in spec.void]
        numbers = read_numbers(mask, {*table, *void})
        low, high = int(numbers.min()), int(numbers.max())
        if high - low > _VOID_WORD:
            return LabelMask(look_up(numbers, table).astype(np.int16), len(classes))
        # One step per pixel; a search per pixel takes ten times as long.
        positions = look_up(np.arange(low, high + 1), table).astype(np.int16)
        return LabelMask(positions[numbers - low], len(classes))

    def write(self, folder: Path, stem: str, mask: LabelMask, classes: Sequence[ClassSpec]) -> list[Path]:
        """Write `stem.png`: each class as its `index` (its position where none is set), void as 255.

        With a class above 254 the file has 16 bits and void is 65535.

        Raises:
            DatasetError: Two classes would be written as one number, or a class as void.
            WorkspaceError: The folder cannot be written.
        """
        numbers = [place if item.index is None else item.index for place, item in enumerate(classes)]
        void = _VOID_BYTE if max(numbers, default=0) < _VOID_BYTE else _VOID_WORD
        if len(set(numbers)) < len(numbers) or void in numbers:
            raise DatasetError(
                f"Class indices {numbers} are not distinct or use {void} (void); change an index."
            )
        table = np.array([*numbers, void], dtype=np.uint8 if void == _VOID_BYTE else np.uint16)
        path = folder / f"{stem}.png"
        with replacing(path) as temporary:
            Image.fromarray(table[mask.index_map()]).save(temporary, "PNG")  # -1 is the last entry: void
        return [path]


def _parse_key(key: str) -> int:
    try:
        return int(key)
    except ValueError:
        raise DatasetError(
            f"The key {key!r} is no pixel value; in index masks keys are whole numbers such as 0 or 80."
        ) from None


def _usable(samples: Sequence[CountedSample]) -> tuple[list[int], list[Problem]]:
    kept, problems = [], []
    for place, sample in enumerate(samples):
        reason = _why_unusable(sample.masks[0].counts)
        if reason:
            problems.append(Problem(sample.masks[0].file, *reason))
        else:
            kept.append(place)
    return kept, problems


def _leave_out_lossy(
    samples: Sequence[CountedSample], kept: Sequence[int]
) -> tuple[list[int], list[Problem]]:
    text = "the mask is compressed with loss (JPEG), and its class numbers cannot be told from the noise"
    step = (
        "Use masks saved as PNG; or name the classes with their values, and each pixel counts as the nearest."
    )
    masks = {place: samples[place].masks[0] for place in kept}
    problems = [Problem(mask.file, text, step) for mask in masks.values() if mask.counts.lossy]
    return [place for place, mask in masks.items() if not mask.counts.lossy], problems


def _why_unusable(counts: ValueCounts) -> tuple[str, str] | None:
    if counts.kind == "colour":
        return (
            "the mask holds colours, not numbers",
            "Choose the format for colour masks, or remove the file.",
        )
    if counts.scale != 1:
        return (
            "the mask holds fractions, not numbers",
            "Choose the format for soft masks, or remove the file.",
        )
    if counts.step != 1:
        return (
            f"the mask holds more than {MAX_VALUES} different values",
            "This looks like an image or a soft mask; check the mask folder and the format.",
        )
    return None


def _find_keys(flat: FlatCounts, known: Iterable[int]) -> tuple[list[int], int]:
    """Return the values found (of a crowd, the known and most widespread) and their number."""
    values, files = np.unique(flat.values, return_counts=True)
    order = np.lexsort((-files, ~np.isin(values, list(known))))[:MAX_CLASSES]
    return np.sort(values[order]).tolist(), int(values.size)


def _role_of(spec: DatasetSpec, found: Sequence[int]) -> Callable[[str], ClassRole]:
    values = [value for value in found if not spec.is_void(str(value))]
    background = (
        "0" if len(values) == 2 and 0 in values else None
    )  # two classes out of many are no two levels
    return lambda key: ClassRole.BACKGROUND if key == background else ClassRole.CLASS


def _palette_problems(harmony: Harmony, samples: Sequence[CountedSample]) -> list[Problem]:
    if harmony.conflict is None:
        return []
    first, second, index = harmony.conflict
    one, other = (samples[place].masks[0].file for place in (first, second))
    return [
        Problem(
            other,
            f"its palette differs from that of {one}, so that index {index} does not mean the same in both",
            "Choose the format for colour masks, or save all masks with one palette.",
        )
    ]


def _value_problems(
    spec: DatasetSpec, classes: Sequence[ClassSpec], pixels: NDArray[np.int64], files: Sequence[str]
) -> list[Problem]:
    if not spec.classes:
        return []
    known = {item.key for item in spec.classes}
    problems = []
    for column, item in enumerate(classes):
        if item.key in known:
            continue
        holders = [files[place] for place in np.flatnonzero(pixels[:, column]).tolist()]
        problems.append(describe_unknown(f"value {item.key}", holders))
    return problems


def _lossy_problems(masks: Sequence[ValueCounts], files: Sequence[str], harmony: Harmony) -> list[Problem]:
    lossy = [file for mask, file in zip(masks, files, strict=True) if mask.lossy]
    if not lossy:
        return []
    text = (
        f"{say_count(len(lossy), 'mask is', 'masks are')} compressed with loss (JPEG), which changes class "
        "numbers at every edge"
    )
    if harmony.levels:
        levels = ", ".join(map(str, harmony.levels))
        text += f"; every pixel counts as the nearest of the levels {levels}"
        return [Problem(lossy[0], text, "Check the levels, and use masks saved as PNG where there are any.")]
    return [Problem(lossy[0], text, "Save the masks as PNG, or choose the format for soft masks.")]


def _crowd_problems(spec: DatasetSpec, count: int, files: Sequence[str]) -> list[Problem]:
    if count <= max(_MANY_VALUES, len(spec.classes)):
        return []
    listed = f"; the {MAX_CLASSES} that most files hold are listed" if count > MAX_CLASSES else ""
    step = "These look like images or instance numbers; check the mask folder and the format."
    return [Problem(files[0], f"the masks of the set hold {count} different values{listed}", step)]
