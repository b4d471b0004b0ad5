"""Small mask files and datasets for the tests of formats and scans."""

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from struct import pack
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.scan import Sample
from core.formats.masks.protocol import CountedMask, CountedSample
from core.formats.pixels.counting import count_values

SHAPE = (24, 32)


def write_array(path: Path, array: NDArray[Any], **options: Any) -> Path:
    """Write an array in the format that the suffix names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **options)
    return path


def write_palette(path: Path, array: NDArray[np.uint8], palette: Sequence[int]) -> Path:
    """Write indices with a palette of flat r, g, b, r, g, b, …"""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(array, mode=None).convert("L")
    image.putpalette(list(palette))
    image.save(path)
    return path


def blocks(*values: int, shape: tuple[int, int] = SHAPE, dtype: Any = np.uint8) -> NDArray[Any]:
    """Vertical stripes of equal width, one a value."""
    columns = np.repeat(np.array(values, dtype=dtype), -(-shape[1] // len(values)))[: shape[1]]
    return np.tile(columns, (shape[0], 1))


def paint(indices: NDArray[Any], colours: Mapping[int, tuple[int, int, int]]) -> NDArray[np.uint8]:
    """Colours of `(H, W)` indices."""
    table = np.zeros((256, 3), dtype=np.uint8)
    for index, colour in colours.items():
        table[index] = colour
    return table[indices]


def bomb_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that promises any number of pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))

    header = pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def build_spec(root: Path, mask_format: str = "index", **fields: Any) -> DatasetSpec:
    """A dataset whose masks lie anywhere below its root."""
    fields.setdefault("folders", (FolderPair(masks="."),))
    return DatasetSpec(name="test", root=root, format=mask_format, **fields)


def named(*pairs: tuple[str, str]) -> tuple[ClassSpec, ...]:
    """Classes of (key, name)."""
    return tuple(ClassSpec(key=key, name=name) for key, name in pairs)


def sample(*masks: str, image: str | None = None, keys: Sequence[str] = ("",)) -> Sample:
    """A sample of mask files, named after the first."""
    files = tuple((key, PurePosixPath(file)) for key, file in zip(keys, masks, strict=True))
    return Sample(image or masks[0], PurePosixPath(image) if image else None, files)


def counted(*files: Path) -> list[CountedSample]:
    """Samples of one counted mask each."""
    samples = []
    for file in files:
        counts = count_values(file)
        mask = CountedMask("", file.name, counts)
        samples.append(CountedSample(sample(file.name), counts.height, counts.width, (mask,)))
    return samples
