"""Balanced sets of whole volumes: NIfTI files in the plain layout, or in nnU-Net's."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from core.data.copies import SourceDataset
from core.data.entries import Entry
from core.data.layouts.nnunet import number_labels, write_about
from core.data.layouts.plain import describe_groups, number_classes
from core.data.layouts.protocol import Files, WriteContext
from core.data.naming import COPY_MARK, flatten_name
from core.data.placing import place_bytes, place_file
from core.data.volumes import DrawnVolume, VolumeSample, encode_volume
from core.domain.dataset import DatasetSpec, FolderPair, Pairing
from core.domain.scan import Sample
from core.errors import AppError, DatasetError, MaskError
from core.formats.dataset_file import DATASET_FILE, write_dataset_file
from core.formats.sources.slices import parse_number
from core.formats.sources.volumes import Volume
from core.workspace.guarded import check_readable

ENDING = ".nii.gz"
_FIRST = "_0000"
_VOID = 255
_CHANNEL = re.compile(rf"_0000(?=$|{COPY_MARK}\d)")


class PlainVolumes:
    """`images/NAME.nii.gz` and `masks/NAME.nii.gz`; with several channels `NAME_0000.nii.gz` and so on."""

    def settle(self, context: WriteContext, samples: Sequence[Sample]) -> WriteContext:
        """All volumes have the channels of the first that can be read."""
        return _count_bands(context, samples)

    def name(self, name: str) -> str:
        """Sub-folders are kept."""
        return _without_channel(name)

    def write(
        self, context: WriteContext, source: VolumeSample, drawn: DrawnVolume | None, name: str
    ) -> Files:
        """Write image and label; originals are linked or copied as they are."""
        volume = source.volume if drawn is None else drawn.volume
        mark = _FIRST if context.bands > 1 else ""
        images = _write_bands(context, volume, f"images/{name}", mark)
        mask = f"masks/{name}{ENDING}"
        if volume.label is not None and volume.label.name.endswith(ENDING):
            _place_original(context, volume.label, mask)
        else:
            _place_label(context, volume, mask, _list_numbers(context.dataset))
        return Files(images, (mask,))

    def finish(self, context: WriteContext, entries: Sequence[Entry]) -> None:
        """Write the `dataset.toml` that opens the set with the classes of its source."""
        numbers = _list_numbers(context.dataset).tolist()
        classes = tuple(
            item.model_copy(update={"key": str(number)})
            for item, number in zip(context.dataset.classes, numbers[:-1], strict=True)
        )
        spec = DatasetSpec(
            name=context.title,
            root=Path(),
            format="nifti",
            unit="volume",
            folders=(FolderPair(images="images", masks="masks"),),
            pairing=Pairing(rule="affix", image_suffix=_FIRST) if context.bands > 1 else Pairing(),
            classes=classes,
            void=(str(numbers[-1]),),
        )
        spec = spec.model_copy(update={**describe_groups(context, entries)})
        write_dataset_file(context.folder / DATASET_FILE, spec)


class NnunetVolumes:
    """nnU-Net's own layout of NIfTI volumes: `imagesTr`, `labelsTr`, `dataset.json` and folds."""

    def settle(self, context: WriteContext, samples: Sequence[Sample]) -> WriteContext:
        """All volumes have the channels of the first that can be read."""
        return _count_bands(context, samples)

    def name(self, name: str) -> str:
        """Cases have no sub-folders."""
        return flatten_name(_without_channel(name))

    def write(
        self, context: WriteContext, source: VolumeSample, drawn: DrawnVolume | None, name: str
    ) -> Files:
        """Write every channel and the label, whose numbers are consecutive."""
        volume = source.volume if drawn is None else drawn.volume
        images = _write_bands(context, volume, f"imagesTr/{name}", _FIRST)
        mask = f"labelsTr/{name}{ENDING}"
        _place_label(context, volume, mask, np.array(number_labels(context.dataset), dtype=np.int64))
        return Files(images, (mask,))

    def finish(self, context: WriteContext, entries: Sequence[Entry]) -> None:
        """Write `dataset.json` and `splits_final.json`."""
        channels = [f"channel {band}" for band in range(context.bands)]
        write_about(context, entries, channels, {})


def _without_channel(name: str) -> str:
    """The name of a case: its first channel, which is called `case_0000`, names the image of the source."""
    return _CHANNEL.sub("", name)


def _count_bands(context: WriteContext, samples: Sequence[Sample]) -> WriteContext:
    for sample in samples:
        try:
            bands = VolumeSample(context.dataset, sample).volume.pixels.shape[3]
        except AppError:
            continue  # it becomes a problem when its turn comes
        return replace(context, image_suffix=ENDING, bands=bands)
    raise DatasetError(f"None of the {len(samples)} volumes of the plan can be read; scan the dataset.")


def _write_bands(context: WriteContext, volume: Volume, stem: str, mark: str) -> tuple[str, ...]:
    """Write one file a channel; those of an original are linked or copied as they are."""
    bands = volume.pixels.shape[3]
    if bands != context.bands:
        raise MaskError(
            f"the volume has {bands} channels, the first of the set {context.bands}; give all the same."
        )
    marks = [f"_{band:04}" for band in range(bands)] if mark else [""]
    paths = tuple(f"{stem}{end}{ENDING}" for end in marks)
    for band, path in enumerate(paths):
        if volume.files and volume.files[band].name.endswith(ENDING):
            _place_original(context, volume.files[band], path)
        else:
            place_bytes(context.folder / path, encode_volume(volume.pixels[..., band], volume))
    return paths


def _place_label(context: WriteContext, volume: Volume, path: str, numbers: NDArray[np.int64]) -> None:
    """Write the classes as numbers, in the smallest type that holds all of the set."""
    kinds = (np.uint8, np.int16, np.int32)
    kind = next(
        kind for kind in kinds if np.iinfo(kind).min <= numbers.min() and numbers.max() <= np.iinfo(kind).max
    )
    table = numbers.astype(kind)  # (C + 1,): -1 is the last entry, void
    place_bytes(context.folder / path, encode_volume(table[volume.positions], volume))


def _place_original(context: WriteContext, file: PurePosixPath, path: str) -> None:
    root = context.dataset.spec.root
    check_readable(root / file, root)
    place_file(root / file, context.folder / path, context.spec.link)


def _list_numbers(dataset: SourceDataset) -> NDArray[np.int64]:
    """`(C + 1,)` the number of each class, and of void, which is last; those of the source if it has any."""
    if dataset.spec.format != "nifti":
        return number_classes(dataset)
    own = [parse_number(item.key) for item in dataset.classes]
    known = [parse_number(key) for key in dataset.spec.void]
    void = known[0] if known else next(number for number in (_VOID, *range(1 << 16)) if number not in own)
    return np.array([*own, void], dtype=np.int64)
