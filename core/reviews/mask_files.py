"""Masks by their hash, and corrected masks on disk, each under its hash: nothing is ever overwritten.

    reviews/<review>/000012/<hash>.index.png    exclusive classes: the class's position, 8 or 16 bits; the
                                                largest number for none
    reviews/<review>/000012/<hash>.layers.png   overlapping classes: bits, eight layers a byte, planes below
                                                one another

A mask's hash is the SHA-256 of one line of JSON, as `_header` writes it, followed by its pixels row by row:
int16, lowest byte first, or a byte 0 or 1 a layer. It does not depend on how the file is compressed.
"""

import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.domain.masks import VOID_POSITION, LabelMask
from core.errors import DatasetError, ReviewError
from core.workspace.files import write_atomic
from core.workspace.guarded import decode_image, open_header, open_image

_INDEX, _LAYERS = ".index.png", ".layers.png"
_MOST_SMALL = 255  # classes that a byte can tell from none


def digest_mask(mask: LabelMask, names: Sequence[str]) -> str:
    """The hash that stands for a mask wherever it lies.

    >>> digest_mask(LabelMask(np.zeros((1, 2), np.int16), 1), ["lung"])[:12]
    '40111f7913c0'
    """
    pixels = mask.pixels.astype(np.uint8 if mask.overlapping else "<i2", order="C")
    return hashlib.sha256(_header(mask, names) + pixels.tobytes()).hexdigest()


def encode_mask(mask: LabelMask, names: Sequence[str]) -> tuple[str, bytes]:
    """The name and the content of the file that stands for a mask."""
    return _name_file(digest_mask(mask, names), mask.overlapping), _encode(_pack(mask))


def decode_mask(
    content: bytes, name: str, digest: str, names: Sequence[str], shape: tuple[int, int]
) -> LabelMask:
    """The mask in a file that `encode_mask` made somewhere else; its size is checked before it is decoded.

    Args:
        content: The file.
        name: Its name, which ends as `encode_mask` named it; said in errors.
        digest: The hash that the mask must have.
        names: Names of the classes.
        shape: Height and width that the mask must have.

    Raises:
        ReviewError: It is no such mask.
        DatasetError: It is no image, a damaged one, or one that promises too many pixels.
    """
    overlapping = name.endswith(_LAYERS)
    height, width = shape
    rows = height * (-(-len(names) // 8) if overlapping else 1)
    image = open_header(io.BytesIO(content), name)
    if image.size != (width, rows):
        raise ReviewError(
            f"{name}: the mask has {image.height} x {image.width} pixels, its case asks for {rows} x {width}."
        )
    try:
        mask = _unpack(np.asarray(decode_image(content, name)), overlapping, len(names))
    except ValueError as error:
        raise ReviewError(f"{name}: this is no mask of {len(names)} classes ({error}).") from error
    if digest_mask(mask, names) != digest:
        raise ReviewError(f"{name}: the mask is not the one that its name promises.")
    return mask


def write_mask(folder: Path, mask: LabelMask, names: Sequence[str]) -> str:
    """Keep a mask; when this returns, it lies on the disk. Returns its hash.

    Raises:
        WorkspaceError: The folder cannot be written.
    """
    digest = digest_mask(mask, names)
    path = folder / _name_file(digest, mask.overlapping)
    if _find_intact(path, mask, names) != digest:
        write_atomic(path, _encode(_pack(mask)))
        _sync_folder(folder)
    return digest


def read_mask(folder: Path, digest: str, names: Sequence[str]) -> LabelMask:
    """Read what `write_mask` kept.

    Raises:
        ReviewError: There is no such mask, or it is no longer what was saved.
    """
    layers = folder / f"{digest}{_LAYERS}"
    overlapping = layers.exists()
    path = layers if overlapping else folder / f"{digest}{_INDEX}"
    try:
        mask = _unpack(np.asarray(open_image(path, folder)), overlapping, len(names))
    except (DatasetError, ValueError) as error:
        raise ReviewError(
            f"The corrected mask {digest[:12]} cannot be read ({error}) Restore {path} from a backup."
        ) from error
    if digest_mask(mask, names) != digest:
        raise ReviewError(
            f"The corrected mask {digest[:12]} is not what was saved: {path} was changed. Restore it from a "
            "backup."
        )
    return mask


def _name_file(digest: str, overlapping: bool) -> str:
    return f"{digest}{_LAYERS if overlapping else _INDEX}"


def _header(mask: LabelMask, names: Sequence[str]) -> bytes:
    height, width = mask.shape
    form = "layers" if mask.overlapping else "index"
    content = {"classes": list(names), "form": form, "height": height, "width": width}
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _find_intact(path: Path, mask: LabelMask, names: Sequence[str]) -> str | None:
    if not path.exists():
        return None
    try:
        kept = np.asarray(open_image(path))
        return digest_mask(_unpack(kept, mask.overlapping, len(names)), names)
    except (DatasetError, ValueError):
        return None  # Damaged by the disk: what is written now is what its name promises


def _pack(mask: LabelMask) -> NDArray[np.uint8] | NDArray[np.uint16]:
    if mask.overlapping:
        planes = np.packbits(mask.pixels.astype(np.bool_), axis=0)  # (C, H, W) -> (P, H, W)
        return planes.reshape(-1, planes.shape[2])
    if mask.class_count <= _MOST_SMALL:
        return np.where(mask.pixels == VOID_POSITION, 255, mask.pixels).astype(np.uint8)
    return np.where(mask.pixels == VOID_POSITION, 65535, mask.pixels).astype(np.uint16)


def _unpack(stored: NDArray[np.uint8], overlapping: bool, class_count: int) -> LabelMask:
    if not overlapping:
        none = 255 if class_count <= _MOST_SMALL else 65535
        wide = stored.astype(np.int32)
        return LabelMask(np.where(wide == none, VOID_POSITION, wide).astype(np.int16), class_count)
    planes = stored.reshape(-(-class_count // 8), -1, stored.shape[1])
    return LabelMask(np.unpackbits(planes, axis=0, count=class_count).astype(np.bool_), class_count)


def _encode(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _sync_folder(folder: Path) -> None:
    """Bring the file's name to the disk too, before the decision that speaks of it is stored."""
    if os.name != "posix":
        return
    for place in (folder, *folder.parents[:3]):  # those of the case, its review, all reviews, the workspace
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
