"""Images and masks at training size, decoded once and shared by all processes.

They lie in memory-mapped files that are filled as samples are first asked for: loader workers, folds and
runs of one dataset share them, duplicates are the same sample again, and what a run has decoded the next one
finds. The operating system keeps in memory what fits.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.data.copies import SourceDataset, read_source_label
from core.domain.masks import VOID_POSITION, LabelMask
from core.domain.scan import Sample
from core.errors import MaskError, WorkspaceError
from core.formats.whole import read_display

VOID = 255
"""Void in the stored masks of exclusive classes."""

_MOST_CLASSES = 254
_LOOKS = 8  # images that say whether a set is grey
_COLOURLESS = 8  # JPEG leaves a trace of colour in grey pictures
_GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601


@dataclass(frozen=True, slots=True)
class ResizedSample:
    """One sample at training size.

    Attributes:
        image: `(S, S, bands)` uint8.
        mask: `(S, S)` uint8 positions into the classes, 255 for void; or `(C, S, S)` bool where classes
            overlap.
    """

    image: NDArray[np.uint8]
    mask: NDArray[Any]


def resize_sample(source: SourceDataset, sample: Sample, size: int, bands: int) -> ResizedSample:
    """Decode one sample and bring it to `size` × `size` pixels; the aspect ratio is not kept.

    Images are averaged over areas where they shrink, and taken as a person sees them: deeper ones are
    windowed to 8 bits, see `core.formats.pixels.images.read_display`. Masks are read at the nearest pixel.

    Raises:
        DatasetError: A file is missing or damaged, or mask and image differ in size.
    """
    image = read_display(source.spec, sample)
    label = read_source_label(source, sample)
    if label.shape != image.shape[:2]:
        raise MaskError(
            f"{sample.id}: the mask is {label.shape[1]} x {label.shape[0]} pixels, its image "
            f"{image.shape[1]} x {image.shape[0]}; save both alike and scan again."
        )
    return ResizedSample(resize_image(image, size, bands), _resize_label(label, size))


def resize_image(image: NDArray[np.uint8], size: int, bands: int) -> NDArray[np.uint8]:
    """`(S, S, bands)` uint8 of an `(H, W, 3)` uint8 image; see `resize_sample`."""
    shrinks = max(image.shape[:2]) > size
    small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    if bands == 1:
        small = np.rint(small.astype(np.float32) @ _GREY).astype(np.uint8)[..., None]
    return np.ascontiguousarray(small)


def count_bands(source: SourceDataset, samples: Sequence[Sample]) -> int:
    """1 where the first few images are grey, else 3.

    Raises:
        DatasetError: An image cannot be read.
    """
    for sample in samples[:_LOOKS]:
        image = read_display(source.spec, sample, 64).astype(np.int16)
        if np.ptp(image, axis=2).max(initial=0) > _COLOURLESS:
            return 3
    return 1


def _resize_label(label: LabelMask, size: int) -> NDArray[Any]:
    if label.overlapping:
        layers = [_nearest(layer.astype(np.uint8), size) for layer in label.pixels]
        return np.stack(layers).astype(np.bool_)
    if label.class_count > _MOST_CLASSES:
        raise MaskError(
            f"{label.class_count} classes cannot be trained on; at most {_MOST_CLASSES} are possible. "
            "Give those that matter little the role “background” or “void”."
        )
    stored = np.where(label.pixels == VOID_POSITION, VOID, label.pixels).astype(np.uint8)
    return _nearest(stored, size)


def _nearest(mask: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(mask, (size, size), interpolation=cv2.INTER_NEAREST_EXACT))


class ResizedStore:
    """The samples of a dataset at training size, on disk.

    Args:
        folder: Where they lie; made if it is not there. Its name must stand for dataset, size and bands.
            None keeps nothing, and decodes every time.
        source: What is read.
        samples: The N samples, always in the same order.
        size: S, pixels a side.
        bands: 1 (grey) or 3.
    """

    def __init__(
        self, folder: Path | None, source: SourceDataset, samples: tuple[Sample, ...], size: int, bands: int
    ) -> None:
        self._folder = folder
        self._source = source
        self._samples = samples
        self._size, self._bands = size, bands
        self._maps: tuple[NDArray[Any], NDArray[Any], NDArray[np.uint8]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the open files: each process opens its own."""
        return {**self.__dict__, "_maps": None}

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self._samples)

    @property
    def samples(self) -> tuple[Sample, ...]:
        """The samples, in order."""
        return self._samples

    def count_bytes(self) -> int:
        """Bytes on disk once every sample has been read."""
        return sum(int(np.prod(shape)) for shape, _ in self._shapes())

    def read(self, position: int) -> ResizedSample:
        """One sample; decoded the first time that any process asks for it.

        Raises:
            DatasetError: Its files cannot be read.
            WorkspaceError: The store cannot be written.
        """
        if self._folder is None:
            return self._decode(position)
        images, masks, done = self._open(self._folder)
        if not done[position]:
            fresh = self._decode(position)
            # Two processes may both write here: the same bytes. The flag comes last.
            images[position] = fresh.image
            masks[position] = np.packbits(fresh.mask, axis=0) if self._source.overlapping else fresh.mask
            done[position] = 1
            return fresh
        mask = np.array(masks[position])
        if self._source.overlapping:
            mask = np.unpackbits(mask, axis=0, count=len(self._source.classes)).astype(np.bool_)
        return ResizedSample(np.array(images[position]), mask)

    def _decode(self, position: int) -> ResizedSample:
        return resize_sample(self._source, self._samples[position], self._size, self._bands)

    def _shapes(self) -> list[tuple[tuple[int, ...], str]]:
        count, size = len(self._samples), self._size
        packed = -(-len(self._source.classes) // 8)
        mask = (count, packed, size, size) if self._source.overlapping else (count, size, size)
        return [((count, size, size, self._bands), "images"), (mask, "masks"), ((count,), "done")]

    def _open(self, folder: Path) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.uint8]]:
        if self._maps is None:
            opened = [_open_map(folder / f"{name}.bin", shape) for shape, name in self._shapes()]
            self._maps = opened[0], opened[1], opened[2]
        return self._maps


def _open_map(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Map a file of exactly this shape, of zeros where it is new."""
    size = int(np.prod(shape))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            if file.tell() != size:
                file.truncate(0)
                _reserve(file.fileno(), size)
        return np.memmap(path, dtype=np.uint8, mode="r+", shape=shape)
    except OSError as error:
        raise WorkspaceError(
            f"Cannot write {path}: {error.strerror or error}. Make room on the disk, or choose another "
            "workspace with COUNTERPOISE_HOME."
        ) from error


def _reserve(descriptor: int, size: int) -> None:
    """Take the room now: a mapped file that meets a full disk later kills the process without a word."""
    if sys.platform == "linux":
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.truncate(descriptor, size)
