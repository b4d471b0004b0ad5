"""The layout that this program opens: `images/`, `masks/`, and a `dataset.toml`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.copies import Drawn, SourceDataset, SourceSample
from core.data.entries import Entry
from core.data.layouts.protocol import INDEX_FILE, Files, WriteContext, write_image
from core.data.mask_files import encode_binary_mask, encode_index_mask
from core.data.naming import COPY_MARK
from core.data.placing import place_bytes, place_file
from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.masks import LabelMask
from core.domain.scan import Sample
from core.formats.dataset_file import DATASET_FILE, write_dataset_file
from core.formats.group_pattern import build_group_finder

_STORED = ("index", "colour", "binary", "binary_per_class")
_VOID = 255
_HALF = 128.0
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]')  # on any system: a set is copied from one to another
# The name without folder, copy number and suffix: a duplicate is of its source's group.
_SOURCE_PATTERN = rf"^images/(.+?)(?:{COPY_MARK}\d+_*)?(?:(?:_0000)?\.nii)?\.[^./]+$"


class PlainLayout:
    """Images and masks under equal names; PNG masks keep their values, any other masks become PNG."""

    def settle(self, context: WriteContext, samples: Sequence[Sample]) -> WriteContext:
        """PNG masks stay as they are: palette, void values and the levels of soft masks included."""
        suffixes = {file.suffix.lower() for sample in samples for _, file in sample.masks}
        stored = context.dataset.spec.format in _STORED and suffixes == {".png"}
        return replace(context, verbatim=stored)

    def name(self, name: str) -> str:
        """Sub-folders are kept."""
        return name

    def write(self, context: WriteContext, source: SourceSample, drawn: Drawn | None, name: str) -> Files:
        """Write `images/NAME` and `masks/NAME.png`, or `masks/CLASS/NAME.png`."""
        if context.verbatim:
            masks = _write_stored(context, source, drawn, name)
        else:
            masks = write_label(context, source.label if drawn is None else drawn.label, name)
        return Files((write_image(context, source, drawn, f"images/{name}"),), masks)

    def finish(self, context: WriteContext, entries: Sequence[Entry]) -> None:
        """Write the `dataset.toml` that opens the set with the classes of its source."""
        write_dataset_file(context.folder / DATASET_FILE, _describe(context, entries))


def write_files(folder: Path, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write several files below a folder; returns their paths."""
    for path, content in contents.items():
        place_bytes(folder / path, content)
    return tuple(contents)


def _write_stored(
    context: WriteContext, source: SourceSample, drawn: Drawn | None, name: str
) -> tuple[str, ...]:
    paths = [f"masks/{key}/{name}.png" if key else f"masks/{name}.png" for key, _ in source.sample.masks]
    if drawn is None:
        for path, (_, file) in zip(paths, source.mask_paths(), strict=True):
            place_file(file, context.folder / path, context.spec.link)
        return tuple(paths)
    masks = zip(paths, source.stored_masks, drawn.stored, strict=True)
    return write_files(context.folder, {path: mask.encode(pixels) for path, mask, pixels in masks})


def write_label(context: WriteContext, label: LabelMask, name: str) -> tuple[str, ...]:
    """Write a mask as PNG: one number a class, or a file a class where classes overlap. Returns the paths."""
    if not label.overlapping:
        numbers = number_classes(context.dataset)
        return write_files(
            context.folder, {f"masks/{name}.png": encode_index_mask(label.index_map(), numbers)}
        )
    places = _layer_places(context.dataset.classes)
    regions = {place: label.region(place) for place in places}
    # An image without a mask file would not be part of the set, so one empty file says "no class".
    kept = [place for place in places if regions[place].any()] or places[:1]
    folders = name_folders(context.dataset.classes)
    layers = {folders[place]: regions[place] for place in kept}
    if _has_void_layer(context.dataset) and not (labelled := label.stack().any(axis=0)).all():
        layers[_name_void(context.dataset)] = np.logical_not(labelled)  # nor in the background
    return write_files(
        context.folder,
        {f"masks/{folder}/{name}.png": encode_binary_mask(region) for folder, region in layers.items()},
    )


def _has_void_layer(dataset: SourceDataset) -> bool:
    """Whether layers leave out what is void: they do where one of them is the background."""
    has_background = any(item.role is ClassRole.BACKGROUND for item in dataset.classes)
    has_void = bool(dataset.spec.void) or any(dataset.spec.is_void(item.key) for item in dataset.spec.classes)
    return has_background and has_void


def _name_void(dataset: SourceDataset) -> str:
    """The folder of void masks, which no class has."""
    taken = {name.casefold() for name in name_folders(dataset.classes)}
    taken |= {item.name.casefold() for item in dataset.classes}
    name = "void"
    while name in taken:
        name += "_"
    return name


def number_classes(dataset: SourceDataset) -> NDArray[np.int64]:
    """`(C + 1,)` the value of each class in a written index mask, and of void, which is last.

    A class's own `index` where all are set and fit, else its position.
    """
    own = [item.index for item in dataset.classes]
    set_ = [number for number in own if number is not None]
    usable = len(set_) == len(own) and len(set(set_)) == len(own) and max(set_, default=0) < _VOID
    numbers = set_ if usable else list(range(len(own)))
    void = _VOID if max(numbers, default=0) < _VOID else np.iinfo(np.uint16).max
    return np.array([*numbers, void], dtype=np.int64)


def _layer_places(classes: Sequence[ClassSpec]) -> list[int]:
    return [place for place, item in enumerate(classes) if item.role is ClassRole.CLASS]


def name_folders(classes: Sequence[ClassSpec]) -> list[str]:
    """The mask folder of each class: its key, but for what no folder can be called; no two are equal.

    >>> name_folders([ClassSpec(key="tv/monitor", name="a"), ClassSpec(key="tv_monitor", name="b")])
    ['tv_monitor_', 'tv_monitor']
    """
    plain = [_UNFIT.sub("_", item.key).strip(". ") or "_" for item in classes]
    taken = {name.casefold() for name, item in zip(plain, classes, strict=True) if name == item.key}
    names = []
    for name, item in zip(plain, classes, strict=True):
        while name != item.key and name.casefold() in taken:
            name += "_"
        taken.add(name.casefold())
        names.append(name)
    return names


def _describe(context: WriteContext, entries: Sequence[Entry]) -> DatasetSpec:
    base = _describe_masks(context)
    folders = (FolderPair(images="images", masks="masks"),)
    return base.model_copy(
        update={"name": context.title, "folders": folders, **describe_groups(context, entries)}
    )


def _describe_masks(context: WriteContext) -> DatasetSpec:
    """How the masks of the set are read; names and folders are still those of the source."""
    source = context.dataset
    folders = (FolderPair(masks="masks"),)
    if context.verbatim:
        void = (item for item in source.spec.classes if source.spec.is_void(item.key))
        return DatasetSpec(
            name=context.title,
            root=Path(),
            format=source.spec.format,
            folders=folders,
            classes=(*source.classes, *void),
            void=source.spec.void,
            threshold=source.spec.threshold,
        )
    if source.overlapping:
        layers = _layer_classes(source.classes)
        ignored = (_name_void(source),) if _has_void_layer(source) else ()
        layers += tuple(ClassSpec(key=name, name=name, role=ClassRole.VOID) for name in ignored)
        return DatasetSpec(
            name=context.title,
            root=Path(),
            format="binary_per_class",
            folders=folders,
            classes=layers,
            void=ignored,
            threshold=_HALF,
        )
    numbers = number_classes(source).tolist()
    classes = tuple(
        item.model_copy(update={"key": str(number), "index": number})
        for item, number in zip(source.classes, numbers[:-1], strict=True)
    )
    return DatasetSpec(
        name=context.title,
        root=Path(),
        format="index",
        folders=folders,
        classes=classes,
        void=(str(numbers[-1]),),
    )


def _layer_classes(classes: Sequence[ClassSpec]) -> tuple[ClassSpec, ...]:
    """Background is what no mask covers, whatever key it had; the key of a class is its folder."""
    return tuple(
        item.model_copy(update={"key": "background" if item.role is ClassRole.BACKGROUND else folder})
        for item, folder in zip(classes, name_folders(classes), strict=True)
    )


def describe_groups(context: WriteContext, entries: Sequence[Entry]) -> dict[str, str]:
    """The source's pattern if it still finds every image's group; else the groups that the index lists.

    A pattern comes with them, which keeps duplicates without a group beside their source.
    """
    own = find_kept_pattern(context, entries)
    if own is not None:
        return {"group_pattern": own}
    if not any(entry.group for entry in entries):
        return {"group_pattern": _SOURCE_PATTERN}
    return {"group_pattern": _SOURCE_PATTERN, "group_file": INDEX_FILE, "group_column": "group"}


def find_kept_pattern(context: WriteContext, entries: Sequence[Entry]) -> str | None:
    """The source's group pattern, if it finds the group of every written image too."""
    own = context.dataset.spec.group_pattern
    if own is None:
        return None
    find_group = build_group_finder(own)
    return own if all(find_group(entry.image) == entry.group for entry in entries) else None
