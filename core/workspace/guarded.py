"""Guarded reads: every file that comes from a person is checked before it is decoded.

A dataset may hold anything: half-copied files, links to other places, headers that promise a petabyte.
Nothing here raises other than the `AppError` tree, and nothing changes Pillow's global limits: the plugin
that the file's first bytes name is called directly, so that our own limit holds whatever
`Image.MAX_IMAGE_PIXELS` is.
"""

import os
import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.Image import DecompressionBombError
from PIL.ImageFile import ImageFile

from core.errors import DatasetError, MaskError, UnsafeFileError

# Whole-slide thumbnails and aerial mosaics reach some 200 megapixels; above lie bombs, and what needs tiling.
MAX_PIXELS = 300_000_000
# Decoded, in bytes: 300 megapixels of RGB are 1.2 GB in Pillow; multi-band float TIFFs ask for far more.
MAX_DECODED_BYTES = 2 << 30

READABLE = "PNG, TIFF, GIF, BMP, JPEG, JPEG 2000, WebP or PNM"

_PLUGINS: tuple[tuple[bytes, Callable[..., ImageFile]], ...] = (
    (b"\x89PNG\r\n\x1a\n", PngImagePlugin.PngImageFile),
    (b"\xff\xd8\xff", JpegImagePlugin.JpegImageFile),
    (b"GIF87a", GifImagePlugin.GifImageFile),
    (b"GIF89a", GifImagePlugin.GifImageFile),
    (b"II*\0", TiffImagePlugin.TiffImageFile),
    (b"MM\0*", TiffImagePlugin.TiffImageFile),
    (b"II+\0", TiffImagePlugin.TiffImageFile),
    (b"MM\0+", TiffImagePlugin.TiffImageFile),
    (b"BM", BmpImagePlugin.BmpImageFile),
    (b"RIFF", WebPImagePlugin.WebPImageFile),
    (b"\0\0\0\x0cjP  \r\n\x87\n", Jpeg2KImagePlugin.Jpeg2KImageFile),
    (b"\xff\x4f\xff\x51", Jpeg2KImagePlugin.Jpeg2KImageFile),
    *((b"P%d" % kind, PpmImagePlugin.PpmImageFile) for kind in range(1, 7)),
)
# All that Pillow and tifffile are known to raise on damaged or hostile input (their parsers index and
# divide by what the header says). Warnings become errors under `python -W error`.
_DECODING_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, NotImplementedError,
    AssertionError, AttributeError, RuntimeError, struct.error, zlib.error, DecompressionBombError, Warning,
)  # fmt: skip


def check_readable(path: Path, root: Path) -> None:
    """Raise unless `path` is an ordinary, non-empty file that lies, links followed, inside `root`.

    Raises:
        UnsafeFileError: A link leads outside `root`, or the path is no regular file.
        DatasetError: The file is missing, empty, or may not be read.
    """
    FolderGuard([root]).check(path)
    if not os.access(path, os.R_OK):
        raise DatasetError(f"{path.name}: you have no permission to read this file; change its permissions.")


class FolderGuard:
    """`check_readable` for many files: each folder's true place is looked up once.

    Args:
        roots: Folders inside which files may lie.
    """

    def __init__(self, roots: list[Path]) -> None:
        self._roots = [Path(os.path.realpath(root)) for root in roots]
        self._inside: dict[str, bool] = {}

    def check(self, file: Path | str) -> os.stat_result:
        """Return the file's status, links followed; raises as `check_readable` does."""
        path = str(file)  # Text, not Path: this runs once per file of every rescan
        name = path.rpartition(os.sep)[2]
        try:
            status = os.lstat(path)
            is_link = stat.S_ISLNK(status.st_mode)
            if is_link:
                status = os.stat(path)  # noqa: PTH116  see above
        except OSError as error:
            raise DatasetError(
                f"{name}: {_os_reason(error)}; restore the file or its permissions."
            ) from error
        target = os.path.realpath(path) if is_link else path
        if not self._is_inside(os.path.dirname(target)):  # noqa: PTH120  str in, str out: runs once per file
            raise UnsafeFileError(
                f"{name}: the link leads out of the dataset's folder; copy the file itself there."
            )
        if not stat.S_ISREG(status.st_mode):
            raise UnsafeFileError(f"{name}: this is no ordinary file; replace it by an image file.")
        if status.st_size == 0:
            raise DatasetError(f"{name}: the file is empty (0 bytes); copy it again from its source.")
        return status

    def _is_inside(self, folder: str) -> bool:
        inside = self._inside.get(folder)
        if inside is None:
            real = Path(os.path.realpath(folder))
            inside = any(real.is_relative_to(root) for root in self._roots)
            self._inside[folder] = inside
        return inside


def read_bytes(path: Path, root: Path | None = None) -> bytes:
    """Return a file's bytes; with `root`, only after `check_readable`.

    Raises:
        DatasetError: As `check_readable`, or the file is larger than `MAX_DECODED_BYTES`.
    """
    if root is not None:
        check_readable(path, root)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > MAX_DECODED_BYTES:
                raise UnsafeFileError(
                    f"{path.name}: {size / 2**30:.1f} GiB are more than the 2 GiB that are read."
                )
            data = file.read()
    except OSError as error:
        raise DatasetError(
            f"{path.name}: {_os_reason(error)}; restore the file or its permissions."
        ) from error
    if not data:
        raise DatasetError(f"{path.name}: the file is empty (0 bytes); copy it again from its source.")
    return data


def open_image(path: Path, root: Path | None = None) -> ImageFile:
    """Return a decoded Pillow image of any format of `READABLE`, whatever the file's suffix says.

    Args:
        path: The file.
        root: When given, the file must pass `check_readable`.

    Raises:
        UnsafeFileError: More than `MAX_PIXELS` pixels, or a link that leaves `root`.
        MaskError: No image, or a damaged or truncated one.
        DatasetError: The file is missing, empty, or may not be read.
    """
    return decode_image(read_bytes(path, root), path.name)


def decode_image(data: bytes, name: str) -> ImageFile:
    """Return the decoded image that `data` holds; `name` is said in errors. Raises as `open_image`."""
    with decoding_errors(name):
        image = open_header(BytesIO(data), name)
        image.load()
        return image


def open_header(file: IO[bytes], name: str) -> ImageFile:
    """Return a Pillow image of which only the header is read, its size checked against `MAX_PIXELS`.

    Decoding happens at the first use of pixels: do that inside `decoding_errors`.

    Raises:
        UnsafeFileError: More than `MAX_PIXELS` pixels.
        MaskError: No image, or a damaged header.
    """
    with decoding_errors(name):
        head = file.read(16)
        file.seek(0)
        for signature, plugin in _PLUGINS:
            if head.startswith(signature) and (signature != b"RIFF" or head[8:12] == b"WEBP"):
                image = plugin(file, name)
                check_size(image.height, image.width, 1, name)
                return image
    raise MaskError(f"{name}: this is not an image that can be read; replace it by one of {READABLE}.")


def check_size(height: int, width: int, bytes_per_pixel: int, name: str) -> None:
    """Raise `UnsafeFileError` for more pixels or decoded bytes than one file may ask for."""
    if height * width > MAX_PIXELS or height * width * bytes_per_pixel > MAX_DECODED_BYTES:
        raise UnsafeFileError(
            f"{name}: its header promises {width} x {height} pixels, more than the {MAX_PIXELS // 10**6} "
            "megapixels (2 GiB decoded) that are read; cut it into tiles first."
        )
    if height < 1 or width < 1:
        raise MaskError(
            f"{name}: its header promises no pixels ({width} x {height}); copy it again from its source."
        )


@contextmanager
def decoding_errors(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises into a `MaskError` that names the file."""
    try:
        yield
    except MemoryError as error:
        raise UnsafeFileError(
            f"{name}: decoding it needs more memory than there is; cut it into tiles."
        ) from error
    except _DECODING_ERRORS as error:
        reason = str(error).strip().rstrip(".") or type(error).__name__
        raise MaskError(
            f"{name}: the file is damaged or cut short ({reason}); copy it again from its source."
        ) from error


def _os_reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "you have no permission to read this file"
    return (error.strerror or "it cannot be read").lower()
