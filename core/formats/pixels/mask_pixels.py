"""The pixels of one mask file, freed from how the file happens to store them.

Numbers stay numbers: grey of any depth, palette indices, and RGB files whose channels are equal are all
scalars; only files with real colours are colours. What is counted (`counting`) and what is read (the
formats) start here, so that both always mean the same.
"""

from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from PIL.ImageFile import ImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import TiffImageFile

from core.errors import MaskError
from core.workspace.guarded import decoding_errors, open_header, read_bytes
from core.workspace.tiff import is_beyond_pillow, read_tiff

FRACTION_SCALE = 255  # Fractions in [0, 1] are kept as whole numbers in 0..255
_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I", "F")


@dataclass(frozen=True, slots=True)
class MaskPixels:
    """One decoded mask file.

    Attributes:
        pixels: A Pillow image of mode 1, L, P or RGB; or `(H, W)` integers for deeper files.
        lossy: Whether the file's compression changes values.
        digest: blake2b of the file's bytes, 32 hex digits.
        scale: Stored number per unit of the file: 255 for fractions in [0, 1], else 1.
    """

    pixels: Image.Image | NDArray[np.int64]
    lossy: bool
    digest: str
    scale: int = 1

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        if isinstance(self.pixels, Image.Image):
            return self.pixels.height, self.pixels.width
        height, width = self.pixels.shape
        return height, width

    @property
    def is_colour(self) -> bool:
        """Whether the pixels are colours, not numbers."""
        return isinstance(self.pixels, Image.Image) and self.pixels.mode == "RGB"

    @property
    def is_bilevel(self) -> bool:
        """Whether the file has 1 bit per pixel."""
        return isinstance(self.pixels, Image.Image) and self.pixels.mode == "1"

    @property
    def palette(self) -> NDArray[np.int64] | None:
        """`(256,)` packed colours of a palette image, black where the palette ends; None for others."""
        if not isinstance(self.pixels, Image.Image) or self.pixels.mode != "P":
            return None
        colours = np.zeros((256, 3), dtype=np.int64)
        given = np.array(self.pixels.getpalette("RGB") or [], dtype=np.int64).reshape(-1, 3)[:256]
        colours[: len(given)] = given
        return pack_colours(colours)

    def numbers(self) -> NDArray[np.int64]:
        """`(H, W)` numbers, palette indices, or colours packed as 0xRRGGBB."""
        if not isinstance(self.pixels, Image.Image):
            return self.pixels
        if self.is_colour:
            return packed_pixels(self.pixels).astype(np.int64)
        return np.asarray(self.pixels).astype(np.int64)

    def peaks(self) -> Image.Image:
        """The largest channel of a colour image: red on black is as bright there as white on black."""
        assert isinstance(self.pixels, Image.Image)  # noqa: S101  only colours have channels
        red, green, blue = self.pixels.split()
        return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def read_mask_pixels(path: Path, root: Path | None = None) -> MaskPixels:
    """Return the pixels of one mask file; of animated or many-page files the first.

    Alpha is ignored where it is the same everywhere; where all is black or all is white but for
    alpha, alpha is the mask; else pixels that are more than half transparent become 0.

    Raises:
        DatasetError: As `core.workspace.guarded.open_image`.
        MaskError: Also for bands, depths or numbers that no mask has.
    """
    data = read_bytes(path, root)
    digest = blake2b(data, digest_size=16).hexdigest()
    if is_beyond_pillow(data, path.name):
        plain = _from_bands(read_tiff(data, path.name)[0], path.name)
        if isinstance(plain, Image.Image):
            return MaskPixels(plain, False, digest)
        numbers, scale = _from_array(plain, path.name)
        return MaskPixels(numbers, False, digest, scale)
    with decoding_errors(path.name):
        image = open_header(BytesIO(data), path.name)
        _check_depth(image, path.name)
        _check_pages(image, path.name)
        highest = _find_highest(image)
        image.load()
        lossy = _is_lossy(image, data)
        if highest is not None and image.mode in ("L", *_DEEP_MODES):
            return MaskPixels(_unstretch(np.asarray(image), highest), lossy, digest)
        if image.mode in _DEEP_MODES:
            numbers, scale = _from_array(np.asarray(image), path.name)
            return MaskPixels(numbers, lossy, digest, scale)
        return MaskPixels(_plain(image), lossy, digest)


def pack_colours(colours: NDArray[Any]) -> NDArray[np.int64]:
    """Return `(...,)` 0xRRGGBB of `(..., 3)` channels in 0..255."""
    wide = colours.astype(np.int32)
    return ((wide[..., 0] << 16) | (wide[..., 1] << 8) | wide[..., 2]).astype(np.int64)


def packed_pixels(image: Image.Image) -> NDArray[np.uint32]:
    """Return `(H, W)` 0xRRGGBB of an RGB image."""
    words = np.frombuffer(image.tobytes("raw", "BGRX"), dtype="<u4").reshape(image.height, image.width)
    return words & np.uint32(0xFFFFFF)


def _check_depth(image: ImageFile, name: str) -> None:
    args = image.tile[0].args if image.tile else ""
    raw = args[0] if isinstance(args, tuple) and args else args
    deep = (isinstance(raw, str) and ";16" in raw) or (_find_highest(image) or 0) > 255
    if deep and image.mode not in _DEEP_MODES:
        raise MaskError(
            f"{name}: 16 bits a channel cannot be read without loss; save the mask with 8 bits a channel."
        )


def _check_pages(image: ImageFile, name: str) -> None:
    """Refuse a TIFF whose pages are masks of their own; smaller pages are thumbnails and do no harm."""
    if not isinstance(image, TiffImageFile) or image.n_frames < 2:
        return
    size = image.size
    image.seek(1)
    second = image.size
    image.seek(0)
    if second == size:
        raise MaskError(
            f"{name}: the file holds {image.n_frames} pages of one size; save each page as a mask of its own."
        )


def _is_lossy(image: ImageFile, data: bytes) -> bool:
    if image.format == "WEBP":
        return data[12:16] != b"VP8L" and b"VP8L" not in data[:4096]
    if image.format == "JPEG2000":
        coding = data.find(b"\xff\x52", data.find(b"\xff\x4f\xff\x51"))
        return (
            data[coding + 13 : coding + 14] != b"\1"
        )  # ISO 15444-1, table A.20: 1 is the reversible wavelet
    return image.format == "JPEG" or image.info.get("compression") == "jpeg"


def _find_highest(image: ImageFile) -> int | None:
    """The largest value that a PGM or PPM file declares, where Pillow stretches it to the full range."""
    args = image.tile[0].args if isinstance(image, PpmImageFile) and image.tile else None
    return args[1] if isinstance(args, tuple) and len(args) == 2 and args[1] not in (255, 65535) else None


def _unstretch(numbers: NDArray[Any], highest: int) -> NDArray[np.int64]:
    """Return the numbers of a PGM file as they are written: 2 of 0..3 is 2, not 170."""
    full = 255 if highest <= 255 else 65535
    return np.rint(numbers * (highest / full)).astype(np.int64)


def _plain(image: Image.Image) -> Image.Image:
    """Reduce any 8-bit mode to 1, L, P or RGB."""
    if image.mode in ("1", "L", "P"):
        return image.convert("L") if _is_grey_gif(image) else image
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        image = _without_alpha(image)
    if image.mode == "L":
        return image
    colours = image if image.mode == "RGB" else image.convert("RGB")
    red, green, blue = colours.split()
    if ImageChops.difference(red, green).getbbox() or ImageChops.difference(red, blue).getbbox():
        return colours
    return red


def _is_grey_gif(image: Image.Image) -> bool:
    """Whether a GIF shows greys only: writers renumber indices file by file, but never the greys."""
    palette = image.getpalette("RGB") if image.format == "GIF" and image.mode == "P" else None
    if palette is None:
        return False
    colours = np.array(palette, dtype=np.uint8).reshape(-1, 3)
    used = np.flatnonzero(image.histogram())
    used = used[used < len(colours)]
    return bool((colours[used] == colours[used][:, :1]).all())


def _without_alpha(image: Image.Image) -> Image.Image:
    grey = image.mode in ("LA", "La")
    opaque = image.convert("LA" if grey else "RGBA")
    alpha = opaque.getchannel("A")
    plain = opaque.convert("L" if grey else "RGB")
    low, high = alpha.getextrema()
    if low != high and _is_black_or_white(plain):
        return alpha  # no colour tells one pixel from another, only alpha does: it is the mask
    if low != high:
        plain.paste(0, mask=alpha.point(lambda value: 255 if value < 128 else 0))
    return plain


def _is_black_or_white(image: Image.Image) -> bool:
    """Whether all pixels are black, or all are white."""
    extrema = {band.getextrema() for band in image.split()}
    return extrema in ({(0, 0)}, {(255, 255)})


def _from_bands(bands: NDArray[Any], name: str) -> Image.Image | NDArray[Any]:
    """Return `(H, W)` of equal bands, or an 8-bit colour image; any further bands must be constant."""
    if bands.ndim == 2:
        return bands
    count = bands.shape[2]
    main = 1 if count == 2 else 3
    constant = all(bands[..., band].min() == bands[..., band].max() for band in range(main, count))
    if constant and all(np.array_equal(bands[..., 0], bands[..., band]) for band in range(1, main)):
        return np.asarray(bands[..., 0])
    if constant and bands.dtype == np.uint8:
        return Image.fromarray(np.ascontiguousarray(bands[..., :3]))
    raise MaskError(
        f"{name}: {count} bands of {bands.dtype.itemsize * 8} bits are an image, not a mask; choose masks "
        "of one band, or of three bands with 8 bits."
    )


def _from_array(array: NDArray[Any], name: str) -> tuple[NDArray[np.int64], int]:
    """Return whole numbers and their scale; fractions in [0, 1] are scaled, other fractions rounded."""
    if np.issubdtype(array.dtype, np.integer) or array.dtype == np.bool_:
        return array.astype(np.int64), 1
    if not np.issubdtype(array.dtype, np.floating):
        raise MaskError(f"{name}: pixels of the type {array.dtype} are no mask; save whole numbers.")
    if not np.isfinite(array).all():
        raise MaskError(
            f"{name}: some pixels are not numbers (NaN or infinite); replace them by the void value."
        )
    whole = np.rint(array)
    if float(np.abs(whole).max(initial=0)) > 2**53:
        raise MaskError(f"{name}: values above 2^53 are no mask; save whole numbers.")
    fractions = array.size > 0 and float(array.min()) >= 0 and float(array.max()) <= 1
    if fractions and not np.array_equal(whole, array):
        return np.rint(array * FRACTION_SCALE).astype(np.int64), FRACTION_SCALE
    return whole.astype(np.int64), 1
