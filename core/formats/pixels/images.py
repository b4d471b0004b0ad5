"""Images: their size from the header alone, and pixels that a screen can show.

EXIF orientation is ignored, for images and masks alike: masks are drawn on stored pixels, and turning the
one but not the other would misplace every class. An image whose mask was drawn on the turned picture shows
up in the scan as mis-sized, with that hint.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from core.errors import DatasetError, MaskError
from core.workspace.guarded import decoding_errors, open_header, read_bytes
from core.workspace.tiff import is_beyond_pillow, is_tiff, read_tiff, read_tiff_size

# Window of pixels deeper than 8 bits: from darkest to brightest, less half a percent of outliers each.
WINDOW_PERCENTILES = (0.5, 99.5)
_WINDOW_SAMPLE = 1 << 18
_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I", "F")


def read_size(path: Path) -> tuple[int, int]:
    """Return height and width of an image from its header, without decoding pixels.

    Raises:
        DatasetError: As `core.workspace.guarded.open_image`; an undecodable header is a `MaskError`.
    """
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise DatasetError(
                    f"{path.name}: the file is empty (0 bytes); copy it again from its source."
                )
            file.seek(0)
            try:
                image = open_header(file, path.name)
            except MaskError:
                file.seek(0)
                if not is_tiff(file.read(4)):
                    raise
                file.seek(0)
                return read_tiff_size(file, path.name)
            return image.height, image.width
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise DatasetError(f"{path.name}: {reason}; restore the file or its permissions.") from error


def read_display(path: Path, longest: int | None = None) -> NDArray[np.uint8]:
    """Return an image as people look at it, whatever its mode.

    8-bit images keep their values. Deeper ones (16-bit, float) are windowed by `WINDOW_PERCENTILES`, all
    bands alike. Of multi-band images the first three bands are shown; a band is alpha only where the file
    says so, and is then laid over black. EXIF orientation is ignored (see the module).

    Args:
        path: A file of any format of `core.workspace.guarded.READABLE`.
        longest: Reduce so that the longer side has at most so many pixels; None keeps the size.

    Returns:
        `(H, W, 3)` uint8.

    Raises:
        DatasetError: As `core.workspace.guarded.open_image`.
    """
    data = read_bytes(path)
    if is_beyond_pillow(data, path.name):
        pixels, alpha = read_tiff(data, path.name)
        return _show_array(pixels, alpha, longest)
    with decoding_errors(path.name):
        image = open_header(BytesIO(data), path.name)
        if longest is not None:
            # JPEG decodes at 1/2, 1/4 or 1/8 for a fraction of the time; other formats ignore it.
            image.draft(None, (2 * longest, 2 * longest))
        if image.mode in _DEEP_MODES:
            return _show_array(np.asarray(image), False, longest)
        return np.asarray(shrink(_flatten(image), longest))


def _flatten(image: ImageFile) -> Image.Image:
    if "A" in image.getbands() or "transparency" in image.info:
        shown = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", shown.size, (0, 0, 0, 255)), shown).convert("RGB")
    return image.convert("RGB")


def _show_array(pixels: NDArray[Any], alpha: bool, longest: int | None) -> NDArray[np.uint8]:
    bands = pixels[..., None] if pixels.ndim == 2 else pixels
    if longest is not None:
        step = max(max(bands.shape[:2]) // (2 * longest), 1)  # The window is that of what is shown
        bands = bands[::step, ::step]
    veil = bands[..., -1:] if alpha and bands.shape[2] > 1 else None
    bands = bands[..., :-1] if veil is not None else bands
    shown = _window(bands[..., :3] if bands.shape[2] >= 3 else bands[..., :1])
    if veil is not None:
        whole = np.iinfo(veil.dtype).max if np.issubdtype(veil.dtype, np.integer) else 1.0
        shown = (shown * np.clip(veil / whole, 0, 1)).astype(np.uint8)
    rgb = np.ascontiguousarray(np.broadcast_to(shown, (*shown.shape[:2], 3)))
    return np.asarray(shrink(Image.fromarray(rgb), longest))


def _window(bands: NDArray[Any]) -> NDArray[np.uint8]:
    if bands.dtype == np.uint8:
        return np.asarray(bands, dtype=np.uint8)
    values = bands.ravel()
    values = values[:: max(values.size // _WINDOW_SAMPLE, 1)].astype(np.float64)
    values = values[np.isfinite(values)]
    low, high = np.percentile(values, WINDOW_PERCENTILES) if values.size else (0.0, 1.0)
    scaled = (bands.astype(np.float32) - np.float32(low)) * np.float32(255.0 / max(high - low, 1e-12))
    return np.asarray(np.nan_to_num(np.clip(scaled, 0, 255), nan=0.0), dtype=np.uint8)


def shrink(image: Image.Image, longest: int | None) -> Image.Image:
    """The image reduced to at most `longest` pixels a side; None keeps the size."""
    if longest is None or max(image.size) <= longest:
        return image
    factor = longest / max(image.size)
    size = (max(round(image.width * factor), 1), max(round(image.height * factor), 1))
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
