"""One mask file per class: classes may overlap, and a missing file means that the class is absent."""

from collections.abc import Collection, Sequence
from pathlib import Path, PurePath

import numpy as np
from PIL import Image

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec, FormatName
from core.domain.masks import LabelMask
from core.errors import DatasetError
from core.formats.masks.binary_masks import BinaryMasks, count_inside, threshold_problems
from core.formats.masks.protocol import CountedSample, Tabulation
from core.formats.masks.tabulation import FlatCounts
from core.formats.pixels.counting import ValueCounts
from core.formats.pixels.levels import find_threshold, guess_threshold, level_array
from core.formats.pixels.mask_pixels import MaskPixels
from core.workspace.files import replacing

BACKGROUND_KEY = "background"


class PerClassMasks:
    """A two-level file per class and image; the background is what no file covers."""

    name: FormatName = "binary_per_class"
    title = "One file per class"
    overlapping = True

    def sniff(self, counts: Sequence[ValueCounts]) -> float:
        """How well the counts of some files fit; as for two-level masks: only names tell the two apart."""
        return BinaryMasks().sniff(counts)

    def tabulate(self, spec: DatasetSpec, samples: Sequence[CountedSample]) -> Tabulation:
        """Turn raw counts into classes, presence and pixels.

        The class whose role is background and that has no files is the complement of an image's masks;
        without such a class in the spec it is listed first, with the key `"background"`. Pixels of a void
        mask are neither in the totals nor background; classes under it keep their pixels.
        """
        masks = [item for sample in samples for item in sample.masks]
        keys = [item.key for item in masks]
        classes = _classes(spec, keys)
        threshold = find_threshold([item.counts for item in masks], spec.threshold)
        sizes = np.array([sample.height * sample.width for sample in samples], dtype=np.int64)
        outside = sizes - count_inside([_union(sample) for sample in samples], threshold)
        flat = FlatCounts(
            np.repeat(np.arange(len(samples)), [len(sample.masks) for sample in samples]),
            np.zeros(len(masks), dtype=np.int64),
            count_inside([item.counts for item in masks], threshold),
            len(samples),
        )
        places = {item.key: place for place, item in enumerate(classes)}
        pixels = flat.spread(np.array([places.get(key, -1) for key in keys], dtype=np.intp), len(classes))
        void = flat.spread(np.where([spec.is_void(key) for key in keys], 0, -1).astype(np.intp), 1)[:, 0]
        if (complement := _find_complement(classes, set(keys))) is not None:
            pixels[:, complement] = outside
        elif spec.is_void(BACKGROUND_KEY):
            void = void + outside
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
        """Turn the pixels of one image's masks into a layer a class; classes without a file are empty."""
        levels = {key: level_array(mask) for key, mask in masks}
        threshold = guess_threshold(list(levels.values())) if spec.threshold is None else spec.threshold
        inside = {key: level >= threshold for key, level in levels.items()}
        covered = np.logical_or.reduce(list(inside.values()))
        layers = np.zeros((len(classes), *covered.shape), dtype=np.bool_)
        for place, item in enumerate(classes):
            if item.key in inside:
                layers[place] = inside[item.key]
        if (complement := _find_complement(classes, inside)) is not None:
            layers[complement] = ~covered
        return LabelMask(layers, len(classes))

    def write(self, folder: Path, stem: str, mask: LabelMask, classes: Sequence[ClassSpec]) -> list[Path]:
        """Write `<class key>/<stem>.png`, 0 and 255, for each class that occurs; the background has no file.

        Raises:
            DatasetError: A key cannot name a folder.
            WorkspaceError: A folder cannot be written.
        """
        written = []
        for place, item in enumerate(classes):
            if item.key == ".." or PurePath(item.key).name != item.key:
                raise DatasetError(
                    f"The key {item.key!r} cannot name a folder of masks; choose a plain name."
                )
            region = mask.region(place)
            if item.role is not ClassRole.CLASS or not region.any():
                continue
            path = folder / item.key / f"{stem}.png"
            with replacing(path) as temporary:
                Image.fromarray(region.astype(np.uint8) * 255).save(temporary, "PNG")
            written.append(path)
        return written


def _union(sample: CountedSample) -> ValueCounts:
    return sample.masks[0].counts if sample.union is None else sample.union


def _classes(spec: DatasetSpec, keys: Sequence[str]) -> tuple[ClassSpec, ...]:
    known = {item.key for item in spec.classes}
    names = {item.name for item in spec.classes}
    classes = list(spec.classes)
    for key in sorted(set(keys) - known):
        name = key.strip("_-. ") or key
        classes.append(ClassSpec(key=key, name=name if name not in names else f"{name} ({key})"))
        names.add(classes[-1].name)
    if not any(item.role is ClassRole.BACKGROUND or item.key == BACKGROUND_KEY for item in classes):
        name = "background" if "background" not in names else "background (no mask)"
        classes.insert(0, ClassSpec(key=BACKGROUND_KEY, name=name, role=ClassRole.BACKGROUND))
    return tuple(item for item in classes if not spec.is_void(item.key))


def _find_complement(classes: Sequence[ClassSpec], keys: Collection[str]) -> int | None:
    """Return the class that means "in no mask": a background without files of its own."""
    for place, item in enumerate(classes):
        if item.key not in keys and (item.role is ClassRole.BACKGROUND or item.key == BACKGROUND_KEY):
            return place
    return None
