"""The layout of nnU-Net v2: `imagesTr`, `labelsTr`, `dataset.json`, and folds that split no source."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.copies import Drawn, SourceDataset, SourceSample
from core.data.entries import Entry
from core.data.layouts.protocol import Files, WriteContext
from core.data.mask_files import encode_index_mask
from core.data.naming import flatten_name
from core.data.pictures import Picture, encode_picture
from core.data.placing import place_bytes, place_file
from core.domain.classes import ClassRole
from core.domain.scan import Sample
from core.errors import AppError, DatasetError, MaskError
from core.formats.folders.listing import stem

FOLDS = 5
_ENDING = ".png"
_COLOURS = ("R", "G", "B")
_MOST_LABELS = 255


class NnunetLayout:
    """PNG for nnU-Net's `NaturalImage2DIO`: one file for grey or colour, else one file a band.

    Labels are consecutive, the background is 0; void is nnU-Net's `ignore`, the highest label, and is
    declared only where the dataset can hold it.
    """

    def settle(self, context: WriteContext, samples: Sequence[Sample]) -> WriteContext:
        """All images get the bands of the first that can be read."""
        if max(number_labels(context.dataset)) > _MOST_LABELS:
            raise DatasetError(
                f"nnU-Net's PNG labels end at {_MOST_LABELS}, this dataset has more classes; "
                "choose the plain layout."
            )
        for sample in samples:
            try:
                picture = SourceSample(context.dataset, sample).picture.without_alpha()
            except AppError:
                continue  # it becomes a problem when its turn comes
            return replace(context, image_suffix=_ENDING, bands=picture.bands)
        raise DatasetError(f"None of the {len(samples)} images of the plan can be read; scan the dataset.")

    def name(self, name: str) -> str:
        """Cases have no sub-folders."""
        return flatten_name(name)

    def write(self, context: WriteContext, source: SourceSample, drawn: Drawn | None, name: str) -> Files:
        """Write `imagesTr/NAME_0000.png` (and further bands) and `labelsTr/NAME.png`."""
        picture = source.picture if drawn is None else drawn.picture
        label = source.label if drawn is None else drawn.label
        images = self._write_bands(context, source if drawn is None else None, picture, name)
        mask = f"labelsTr/{name}{_ENDING}"
        numbers = np.array(number_labels(context.dataset), dtype=np.int64)
        place_bytes(context.folder / mask, encode_index_mask(label.index_map(), numbers))
        return Files(images, (mask,))

    def finish(self, context: WriteContext, entries: Sequence[Entry]) -> None:
        """Write `dataset.json` and `splits_final.json`."""
        channels = _COLOURS if context.bands == 3 else [f"band {band}" for band in range(context.bands)]
        write_about(context, entries, channels, {"overwrite_image_reader_writer": "NaturalImage2DIO"})

    def _write_bands(
        self, context: WriteContext, original: SourceSample | None, picture: Picture, name: str
    ) -> tuple[str, ...]:
        plain = _with_bands(picture.without_alpha(), context.bands)
        if plain.bands in (1, 3):
            path = f"imagesTr/{name}_0000{_ENDING}"
            linked = original is not None and original.is_file and plain is picture
            if original is not None and linked and original.image_path.suffix == _ENDING:
                place_file(original.image_path, context.folder / path, context.spec.link)
            else:
                place_bytes(context.folder / path, encode_picture(plain, _ENDING))
            return (path,)
        paths = tuple(f"imagesTr/{name}_{band:04}{_ENDING}" for band in range(plain.bands))
        for band, path in enumerate(paths):
            layer = plain.with_pixels(plain.pixels[..., band])
            place_bytes(context.folder / path, encode_picture(layer, _ENDING))
        return paths


def write_about(
    context: WriteContext, entries: Sequence[Entry], channels: Sequence[str], more: Mapping[str, str]
) -> None:
    """Write `dataset.json` and `splits_final.json`.

    Args:
        context: The set; its one suffix of images is the ending of all files.
        entries: What was written.
        channels: What each file of an image holds.
        more: Further fields.
    """
    numbers = number_labels(context.dataset)
    labels = {"background": 0}
    for item, number in zip(context.dataset.classes, numbers, strict=False):
        if item.role is ClassRole.CLASS:
            labels[item.name] = number
    if numbers[-1]:
        labels["ignore"] = numbers[-1]
    about = {
        "channel_names": {str(i): channel for i, channel in enumerate(channels)},
        "labels": labels,
        "numTraining": len(entries),
        "file_ending": context.image_suffix,
        "name": context.title,
        **more,
    }
    _write_json(context, "dataset.json", about)
    _write_json(context, "splits_final.json", build_folds(entries))


def number_labels(dataset: SourceDataset) -> list[int]:
    """The label of each class, and at the end of void: 0 where the dataset holds none."""
    numbers, used = [], 0
    for item in dataset.classes:
        used += item.role is ClassRole.CLASS
        numbers.append(used if item.role is ClassRole.CLASS else 0)
    spec = dataset.spec
    # Colours far from every class are void too.
    has_void = bool(spec.void) or spec.format == "colour" or any(spec.is_void(c.key) for c in spec.classes)
    return [*numbers, used + 1 if has_void else 0]


def build_folds(entries: Sequence[Entry], count: int = FOLDS) -> list[dict[str, list[str]]]:
    """nnU-Net's folds, by group: its own would put a duplicate into training and its source into validation.

    Groups go to the folds in turn, the largest first. Validation parts hold originals only.
    """
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.group or entry.sample, []).append(entry)
    ordered = sorted(groups.values(), key=len, reverse=True)
    folds = []
    for fold in range(min(count, len(ordered))):
        train = [_case(e) for i, group in enumerate(ordered) if i % count != fold for e in group]
        held = [
            _case(e) for i, group in enumerate(ordered) if i % count == fold for e in group if e.copy == 1
        ]
        folds.append({"train": sorted(train), "val": sorted(held)})
    return folds


def _case(entry: Entry) -> str:
    return stem(entry.masks[0].removeprefix("labelsTr/"))


def _with_bands(picture: Picture, bands: int) -> Picture:
    """The picture with that many bands; grey among colour becomes colour, anything else is refused."""
    if picture.bands == bands:
        return picture
    if picture.bands == 1 and bands == 3:
        grey: NDArray[Any] = picture.pixels
        return picture.with_pixels(np.repeat(grey.reshape(*grey.shape[:2], 1), 3, axis=2))
    raise MaskError(
        f"the image has {picture.bands} bands, the first of the set {bands}; nnU-Net needs the same bands "
        "everywhere, so convert it."
    )


def _write_json(context: WriteContext, name: str, content: object) -> None:
    place_bytes(context.folder / name, json.dumps(content, indent=2, ensure_ascii=False).encode())
