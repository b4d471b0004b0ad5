"""Slices as samples: their names, their counts, and how they are shown and written, whatever the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.domain.classes import ClassSpec
from core.domain.masks import VOID_POSITION
from core.errors import DatasetError, MaskError
from core.formats.pixels.images import WINDOW_PERCENTILES, shrink

Window = tuple[float, float]

MAX_VALUES = 1024  # class numbers of one volume; more of them is an image
_SAMPLED = 1 << 18  # voxels that a window is chosen from
_WORD = np.iinfo(np.uint16).max


@dataclass(frozen=True, slots=True)
class Stack:
    """The upright slices of one image.

    Attributes:
        pixels: `(H, W, D)` or `(H, W, D, bands)`; every value is finite.
        window: The values shown as black and as white, the same for all slices; None where they are colours.
    """

    pixels: NDArray[Any]
    window: Window | None

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return self.pixels.nbytes


def name_slices(name: str, depth: int, kind: str = "z") -> list[str]:
    """Ids of the slices of one file, which sort in their order.

    >>> name_slices("a.nii.gz", 2)
    ['a.nii.gz#z=000', 'a.nii.gz#z=001']
    """
    width = max(3, len(str(depth - 1)))
    return [f"{name}#{kind}={number:0{width}}" for number in range(depth)]


def fill_gaps(voxels: NDArray[Any]) -> NDArray[Any]:
    """The voxels with the smallest finite value in place of NaN and infinite ones."""
    if voxels.dtype.kind != "f":
        return voxels
    finite = np.isfinite(voxels)
    if finite.all():
        return voxels
    lowest = voxels[finite].min() if finite.any() else 0
    return np.where(finite, voxels, np.asarray(lowest, voxels.dtype))


def fit_depth(voxels: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers from 0 to 65535 as uint16, which PNG keeps; anything else as int16 or float32.

    Small types become uint16 too: the volumes of one set often differ in their type, not in their scale.
    """
    low, high = (voxels.min(), voxels.max()) if voxels.size else (0, 0)
    if voxels.dtype.kind in "iu" or bool((voxels == np.rint(voxels)).all()):
        if low >= 0 and high <= _WORD:
            return voxels.astype(np.uint16)
        if low >= np.iinfo(np.int16).min and high <= np.iinfo(np.int16).max:
            return voxels.astype(np.int16)
    return voxels.astype(np.float32)


def find_window(voxels: NDArray[Any]) -> Window:
    """The values shown as black and white: all but half a percent of outliers on either side."""
    sampled = voxels.ravel(order="K")[:: max(voxels.size // _SAMPLED, 1)]
    low, high = np.percentile(sampled.astype(np.float64), WINDOW_PERCENTILES) if sampled.size else (0.0, 1.0)
    return float(low), float(high)


def show(pixels: NDArray[Any], window: Window | None, longest: int | None) -> NDArray[np.uint8]:
    """`(H, W, 3)` uint8 of one slice `(H, W)` or `(H, W, bands)`; of bands that are no colours the first.

    Args:
        pixels: The slice.
        window: The values shown as black and as white; None shows three bands of uint8 as they are.
        longest: Reduce to at most so many pixels a side.
    """
    if window is None:
        grey = np.ascontiguousarray(pixels[..., :3], dtype=np.uint8)
    else:
        low, high = window
        band = (pixels if pixels.ndim == 2 else pixels[..., 0]).astype(np.float32)
        scaled = (band - np.float32(low)) * np.float32(255.0 / max(high - low, 1e-12))
        grey = np.repeat(np.clip(scaled, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return np.asarray(shrink(Image.fromarray(grey), longest))


def count_values(numbers: NDArray[np.int32], name: str) -> dict[str, int]:
    """How often each class number occurs, by its key.

    Raises:
        MaskError: There are more numbers than a label has.
    """
    low, high = int(numbers.min()), int(numbers.max())
    if high - low <= _WORD:
        counts = np.bincount((numbers - low).ravel())
        values = np.flatnonzero(counts) + low
        counts = counts[counts > 0]
    else:
        values, counts = np.unique(numbers, return_counts=True)
    if values.size > MAX_VALUES:
        raise MaskError(
            f"{name}: the label holds {values.size:,} different numbers, as an image does; a label has one "
            "number a class, so check which folder holds the labels."
        )
    return {str(value): count for value, count in zip(values.tolist(), counts.tolist(), strict=True)}


def find_positions(numbers: NDArray[np.int32], classes: Sequence[ClassSpec]) -> NDArray[np.int16]:
    """Positions into the classes for class numbers, in the same shape; -1 for numbers of no class.

    Raises:
        DatasetError: A key of the classes is no whole number.
    """
    positions = np.full(numbers.shape, VOID_POSITION, dtype=np.int16)
    for place, item in enumerate(classes):
        positions[numbers == parse_number(item.key)] = place
    return positions


def parse_number(key: str) -> int:
    """The class number that a key names.

    Raises:
        DatasetError: It is no whole number.
    """
    try:
        return int(key)
    except ValueError:
        raise DatasetError(
            f"The key {key!r} is no class number; in label volumes keys are whole numbers such as 0 or 2."
        ) from None


def find_fullest(labelled: NDArray[np.bool_]) -> int:
    """The slice of `(H, W, D)` with most labelled pixels, the first of equals; the middle one of none."""
    counts = labelled.sum(axis=(0, 1))
    return int(counts.argmax()) if counts.any() else labelled.shape[2] // 2


def digest(numbers: NDArray[Any]) -> str:
    """A hash of the shape and the contents of class numbers or layers."""
    content = blake2b(repr((numbers.shape, numbers.dtype.str)).encode(), digest_size=16)
    content.update(np.ascontiguousarray(numbers).data)
    return content.hexdigest()


def sum_counts(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Counts of slices as those of their volume.

    >>> sum_counts([{"0": 3}, {"0": 1, "2": 2}])
    {'0': 4, '2': 2}
    """
    total: dict[str, int] = {}
    for item in counts:
        for key, count in item.items():
            total[key] = total.get(key, 0) + count
    return total
