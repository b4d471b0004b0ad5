"""TIFF files beyond Pillow: many bands, deep bands, a fourth band that is no alpha.

Pillow takes an unexplained fourth band for alpha and keeps only the high byte of 16-bit colour; both would
show, and count, something that is not in the file.
"""

from io import BytesIO
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL.TiffImagePlugin import TiffImageFile

from core.errors import MaskError
from core.workspace.guarded import check_size, decoding_errors, open_header

_EXTRA_SAMPLES, _SAMPLES, _BITS = 338, 277, 258
_ALPHA = (1, 2)  # TIFF 6.0, ExtraSamples: associated and unassociated alpha; 0 is "unspecified"


def is_tiff(head: bytes) -> bool:
    """Whether a file's first four bytes are those of a TIFF or BigTIFF."""
    return head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def is_beyond_pillow(data: bytes, name: str) -> bool:
    """Whether a TIFF has bands or depths that Pillow refuses, cuts to 8 bits, or takes for alpha."""
    if not is_tiff(data):
        return False
    try:
        image = open_header(BytesIO(data), name)
    except MaskError:
        return True
    if not isinstance(image, TiffImageFile):
        return True
    samples = int(image.tag_v2.get(_SAMPLES, 1))
    deep = max(image.tag_v2.get(_BITS, (8,))) > 8
    unsaid_alpha = samples in (2, 4) and image.mode in ("LA", "RGBA") and _EXTRA_SAMPLES not in image.tag_v2
    return unsaid_alpha or (deep and samples > 1)


def read_tiff_size(file: IO[bytes], name: str) -> tuple[int, int]:
    """Return height and width of any TIFF from its header. Raises as `read_tiff`."""
    import tifffile  # See read_tiff.

    with decoding_errors(name), tifffile.TiffFile(file) as tiff:
        page = tiff.pages.first
        height, width = int(page.imagelength), int(page.imagewidth)
    check_size(height, width, 1, name)
    return height, width


def read_tiff(data: bytes, name: str) -> tuple[NDArray[Any], bool]:
    """Return the first page of a TIFF of any bands and depth.

    Args:
        data: The file's bytes.
        name: Said in errors.

    Returns:
        `(H, W)` or `(H, W, bands)` in the file's own data type, and whether its last band is alpha.

    Raises:
        UnsafeFileError: Too many pixels or bytes.
        MaskError: Damaged, or compressed in a way that cannot be read.
    """
    import tifffile  # Heavy, and only rare files need it: counting starts faster without.

    with decoding_errors(name), tifffile.TiffFile(BytesIO(data)) as tiff:
        page = tiff.pages.first
        height, width = int(page.imagelength), int(page.imagewidth)
        check_size(height, width, int(page.samplesperpixel) * max(int(page.bitspersample) // 8, 1), name)
        if page.compression not in tifffile.TIFF.DECOMPRESSORS:
            raise MaskError(
                f"{name}: its compression {tifffile.COMPRESSION(page.compression).name} cannot be read; save "
                "the file with deflate compression or with none."
            )
        pixels = _bands_last(np.asarray(page.asarray()), height, width)
        alpha = any(int(extra) in _ALPHA for extra in page.extrasamples[-1:])
    return pixels, alpha


def _bands_last(pixels: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    if pixels.ndim == 3 and pixels.shape[:2] != (height, width):
        pixels = np.moveaxis(pixels, 0, -1)  # (bands, H, W) -> (H, W, bands)
    if pixels.shape[:2] != (height, width):
        raise ValueError(f"its pixels have the shape {pixels.shape}, not {height} x {width}")
    return pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
