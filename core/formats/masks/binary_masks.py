"""Two-level masks: one class and its background in one file, sharp, soft or JPEG."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec, FormatName
from core.domain.masks import LabelMask
from core.domain.scan import Problem
from core.errors import DatasetError
from core.formats.masks.protocol import CountedMask, CountedSample, Tabulation
from core.formats.pixels.counting import ValueCounts
from core.formats.pixels.levels import Threshold, count_levels, find_threshold, guess_threshold, level_array
from core.formats.pixels.mask_pixels import MaskPixels
from core.formats.wording import say_count

BACKGROUND_KEY, CLASS_KEY = "0", "1"


class BinaryMasks:
    """One class per file; key `"0"` is below the threshold, `"1"` at or above it."""

    name: FormatName = "binary"
    title = "One class and background in one file"
    overlapping = False

    def sniff(self, counts: Sequence[ValueCounts]) -> float:
        """How well the counts of some files fit: nearly all pixels at the two ends of the set's range."""
        if not counts:
            return 0.0
        files = [count_levels(item) for item in counts]
        levels = np.concatenate([levels for levels, _ in files])
        pixels = np.concatenate([pixels for _, pixels in files])
        levels = np.minimum(levels, 255 if levels.max() > 255 else levels.max())
        low, high = levels.min(), levels.max()
        if high == low:
            return 0.3
        ends = np.minimum(levels - low, high - levels) <= 0.1 * (high - low)
        return 0.9 * max(float(pixels[ends].sum() / pixels.sum()) - 0.9, 0.0) / 0.1

    def tabulate(self, spec: DatasetSpec, samples: Sequence[CountedSample]) -> Tabulation:
        """Turn raw counts into background and class; the threshold is the spec's, or half of the set's range.

        Raises:
            DatasetError: The spec names keys other than "0" and "1".
        """
        classes = _classes(spec)
        masks = [sample.masks[0] for sample in samples]
        threshold = find_threshold([item.counts for item in masks], spec.threshold)
        sizes = np.array([sample.height * sample.width for sample in samples], dtype=np.int64)
        inside = count_inside([item.counts for item in masks], threshold)
        pixels_of = {BACKGROUND_KEY: sizes - inside, CLASS_KEY: inside}
        pixels = (
            np.stack([pixels_of[item.key] for item in classes], axis=1) if classes else sizes[:, None][:, :0]
        )
        void = sum((pixels_of[key] for key in pixels_of if spec.is_void(key)), np.zeros_like(sizes))
        return Tabulation(
            classes,
            np.arange(len(samples), dtype=np.intp),
            pixels > 0,
            pixels,
            sizes - void,
            tuple(threshold_problems(masks, threshold)),
            threshold.level,
        )

    def read(
        self, spec: DatasetSpec, classes: Sequence[ClassSpec], masks: Sequence[tuple[str, MaskPixels]]
    ) -> LabelMask:
        """Turn the pixels of one mask into positions into `classes`."""
        levels = level_array(masks[0][1])
        threshold = guess_threshold([levels]) if spec.threshold is None else spec.threshold
        places = {item.key: place for place, item in enumerate(classes)}
        inside, outside = places.get(CLASS_KEY, -1), places.get(BACKGROUND_KEY, -1)
        return LabelMask(np.where(levels >= threshold, inside, outside).astype(np.int16), len(classes))


def count_inside(masks: Sequence[ValueCounts], threshold: Threshold) -> NDArray[np.int64]:
    """Return `(N,)` pixels at or above the threshold."""
    inside = np.zeros(len(masks), dtype=np.int64)
    for place, item in enumerate(masks):
        levels, pixels = count_levels(item)
        inside[place] = pixels[levels >= threshold.level].sum()
    return inside


def threshold_problems(masks: Sequence[CountedMask], threshold: Threshold) -> list[Problem]:
    """Say where the threshold may not mean what it should: noise only, or files of another scale."""
    if not masks:
        return []
    if threshold.noise:
        text = "no mask of the set reaches a level of a class, only noise; all count as empty"
        return [Problem(masks[0].file, text, "If they are not empty, set the threshold by hand.")]
    small = [item for item in masks if _is_zero_one(item.counts)]
    if threshold.level <= 1 or not small:
        return []
    text = (
        f"{say_count(len(small), 'mask holds', 'masks hold')} only 0 and 1, for example this one, but the "
        f"set's threshold is {threshold.level:g}: such a mask counts as empty"
    )
    return [Problem(small[0].file, text, "Save all masks with the same two values.")]


def _is_zero_one(counts: ValueCounts) -> bool:
    levels = count_levels(counts)[0]
    return not counts.lossy and levels[-1] == 1 and levels.size <= 2


def _classes(spec: DatasetSpec) -> tuple[ClassSpec, ...]:
    strange = [item.key for item in spec.classes if item.key not in (BACKGROUND_KEY, CLASS_KEY)]
    if strange:
        raise DatasetError(
            f'The key {strange[0]!r} does not fit two-level masks: "0" is the background, "1" the class. '
            "Rename the key, or choose the format for index masks."
        )
    keys = {item.key for item in spec.classes}
    names = {item.name for item in spec.classes}
    classes = list(spec.classes)
    if BACKGROUND_KEY not in keys:
        name = "background" if "background" not in names else "background (below the threshold)"
        classes.insert(0, ClassSpec(key=BACKGROUND_KEY, name=name, role=ClassRole.BACKGROUND))
    if CLASS_KEY not in keys:
        name = "foreground" if "foreground" not in names else "foreground (above the threshold)"
        classes.append(ClassSpec(key=CLASS_KEY, name=name))
    return tuple(item for item in classes if not spec.is_void(item.key))
