"""Image files with all their bands and their full depth: read for augmentation, and written again."""

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from core.errors import MaskError
from core.workspace.guarded import decoding_errors, open_header, read_bytes
from core.workspace.tiff import is_beyond_pillow, read_tiff

_JPEG_QUALITY = 95
_SAMPLES = 277  # the TIFF tag SamplesPerPixel
# Pillow's modes whose arrays are the pixels themselves; any other mode is shown as colour.
_PLAIN_MODES = ("L", "LA", "RGB", "RGBA", "I;16", "I", "F")
_SUFFIXES = {"JPEG": ".jpg", "TIFF": ".tif"}  # what is written; any other format as PNG


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded image.

    Attributes:
        pixels: `(H, W)` or `(H, W, bands)` in the file's depth; colours in the order red, green, blue.
        alpha: Whether the last band is alpha.
        suffix: The file type that keeps all this: `.png`, `.jpg` or `.tif`.
    """

    pixels: NDArray[Any]
    alpha: bool
    suffix: str

    @property
    def bands(self) -> int:
        """How many bands there are, alpha included."""
        return 1 if self.pixels.ndim == 2 else self.pixels.shape[2]

    def with_pixels(self, pixels: NDArray[Any]) -> "Picture":
        """The same kind of picture with other pixels."""
        return replace(self, pixels=pixels)

    def without_alpha(self) -> "Picture":
        """The picture without its alpha band, if it has one."""
        if not self.alpha:
            return self
        kept = self.pixels[..., :-1]
        return Picture(kept[..., 0] if kept.shape[2] == 1 else kept, False, self.suffix)


def read_picture(path: Path) -> Picture:
    """Decode one image file whole; a file that is cut short is refused, not filled up with grey.

    EXIF orientation is ignored, as everywhere: masks are drawn on stored pixels.

    Raises:
        DatasetError: As `core.workspace.guarded.open_image`.
    """
    data = read_bytes(path)
    if is_beyond_pillow(data, path.name):
        return Picture(*read_tiff(data, path.name), ".tif")
    with decoding_errors(path.name):
        image = open_header(BytesIO(data), path.name)
        if isinstance(image, TiffImageFile) and image.tag_v2.get(_SAMPLES, 1) != len(image.getbands()):
            return Picture(*read_tiff(data, path.name), ".tif")  # Pillow leaves out bands without a meaning
        deep_colour = _has_deep_colour(image)
        image.load()
        suffix = _SUFFIXES.get(image.format or "", ".png")
        if deep_colour:  # Pillow has checked the file, but keeps only the high byte of each channel
            return _read_deep_colour(data, path.name)
        return _from_pillow(image, suffix)


def wrap_pixels(pixels: NDArray[Any]) -> Picture:
    """Pixels that come of no picture file: kept as PNG where that holds them, else as TIFF."""
    bands = 1 if pixels.ndim == 2 else pixels.shape[2]
    fits = pixels.dtype in (np.uint8, np.uint16) and bands in (1, 3)
    return Picture(pixels, False, ".png" if fits else ".tif")


def encode_picture(picture: Picture, suffix: str = "") -> bytes:
    """The bytes of an image file.

    Args:
        picture: The image.
        suffix: `.png`, `.jpg` or `.tif`; the picture's own when empty.

    Raises:
        MaskError: That file type cannot hold the picture's bands or depth.
    """
    suffix = suffix or picture.suffix
    if suffix == ".tif":
        return _encode_tiff(picture)
    depths = (np.uint8,) if suffix == ".jpg" else (np.uint8, np.uint16)
    bands = (1, 3) if suffix == ".jpg" else (1, 3, 4)
    if picture.pixels.dtype.type not in depths or picture.bands not in bands:
        raise MaskError(
            f"{picture.bands} bands of {picture.pixels.dtype} do not fit into a {suffix} file; "
            "save the image as TIFF, or choose the plain layout."
        )
    options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY] if suffix == ".jpg" else []
    return cv2.imencode(suffix, _swap_colours(picture.pixels), options)[1].tobytes()


def _read_deep_colour(data: bytes, name: str) -> Picture:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise MaskError(f"{name}: the file is damaged; copy it again from its source.")
    return Picture(_swap_colours(pixels), pixels.shape[2] == 4, ".png")


def _has_deep_colour(image: ImageFile) -> bool:
    args = image.tile[0].args if image.tile else ""
    raw = args[0] if isinstance(args, tuple) and args else args
    return image.mode in ("RGB", "RGBA") and isinstance(raw, str) and ";16" in raw


def _from_pillow(image: ImageFile, suffix: str) -> Picture:
    shown: Image.Image = image
    if image.mode == "1":
        shown = image.convert("L")
    elif image.mode not in _PLAIN_MODES:
        shown = image.convert("RGBA" if "transparency" in image.info else "RGB")
    pixels = np.asarray(shown)
    if shown.mode == "I" and pixels.min() >= 0 and pixels.max() <= np.iinfo(np.uint16).max:
        pixels = pixels.astype(np.uint16)
    fits_png = pixels.dtype in (np.uint8, np.uint16) and shown.mode != "LA"
    return Picture(pixels, shown.mode in ("LA", "RGBA"), suffix if fits_png else ".tif")


def _swap_colours(pixels: NDArray[Any]) -> NDArray[Any]:
    """Red, green, blue to OpenCV's blue, green, red, or back."""
    if pixels.ndim == 2:
        return pixels
    code = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), code))


def _encode_tiff(picture: Picture) -> bytes:
    colour = picture.bands in (3, 4) and picture.pixels.dtype.type in (np.uint8, np.uint16)
    extra = picture.bands - (3 if colour else 1)
    kinds = ["unspecified"] * extra
    if picture.alpha and extra:
        kinds[-1] = "unassalpha"
    buffer = BytesIO()
    tifffile.imwrite(
        buffer,
        picture.pixels,
        photometric="rgb" if colour else "minisblack",
        planarconfig="contig" if picture.bands > 1 else None,
        extrasamples=kinds or None,
        compression="zlib",
        metadata=None,
    )
    return buffer.getvalue()
