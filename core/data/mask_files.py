"""Mask files as they are stored, palette and all, so that a duplicate's mask reads like its source's."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import MaskError
from core.workspace.guarded import open_image

# Higher levels take ten times as long and save a tenth: masks are flat.
_COMPRESS_LEVEL = 1


@dataclass(frozen=True, slots=True)
class StoredMask:
    """The stored pixels of one PNG mask.

    Attributes:
        key: The class key, empty where one file keeps all classes.
        pixels: `(H, W)` or `(H, W, channels)`; uint8 or uint16.
        palette: The palette of a palette image, as Pillow takes it; None for others.
        bilevel: Whether the file has 1 bit per pixel; its pixels are then 0 and 1.
    """

    key: str
    pixels: NDArray[Any]
    palette: bytes | None = None
    bilevel: bool = False

    def encode(self, pixels: NDArray[Any]) -> bytes:
        """A PNG of the same mode, bit depth of palettes apart, with other pixels."""
        if self.bilevel:
            return _encode(Image.fromarray(np.ascontiguousarray(pixels).astype(np.bool_)))
        image = Image.fromarray(np.ascontiguousarray(pixels))
        if self.palette is not None:
            image.putpalette(self.palette)
        return _encode(image)


def read_stored_mask(path: Path, key: str) -> StoredMask:
    """Decode one PNG mask without giving its values a meaning.

    Raises:
        DatasetError: As `core.workspace.guarded.open_image`.
    """
    image = open_image(path)
    pixels = np.asarray(image)
    if image.mode == "1":
        return StoredMask(key, pixels.astype(np.uint8), bilevel=True)
    if pixels.dtype not in (np.uint8, np.uint16):
        raise MaskError(f"{path.name}: {image.mode} pixels are no PNG mask; save 8 or 16 bits a pixel.")
    palette = image.getpalette("RGB") if image.mode == "P" else None
    return StoredMask(key, pixels, None if palette is None else bytes(palette))


def encode_index_mask(positions: NDArray[np.int16], numbers: NDArray[np.int64]) -> bytes:
    """An index PNG of a label mask.

    Args:
        positions: `(H, W)` positions into the classes, -1 for void.
        numbers: `(C + 1,)` what each class is written as, and at the end void; at most 65535. The file has
            16 bits where a number is above 255.
    """
    depth = np.uint8 if numbers.max(initial=0) <= np.iinfo(np.uint8).max else np.uint16
    return _encode(Image.fromarray(numbers.astype(depth)[positions]))


def encode_binary_mask(region: NDArray[np.bool_]) -> bytes:
    """A PNG of 0 and 255."""
    return _encode(Image.fromarray(region.astype(np.uint8) * np.uint8(255)))


def _encode(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG", compress_level=_COMPRESS_LEVEL)
    return buffer.getvalue()
