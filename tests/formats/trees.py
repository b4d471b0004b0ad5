"""Small synthetic pictures for folder trees: photographs, and masks of every kind; seeded, 64 pixels."""

from pathlib import Path
from zlib import crc32

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 64


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def photo(path: Path) -> None:
    """Coloured noise: what a photograph looks like to a histogram."""
    save(path, rng(path).integers(0, 256, (SIDE, SIDE, 3)))


def grey_photo(path: Path) -> None:
    save(path, rng(path).integers(0, 256, (SIDE, SIDE)))


def index(path: Path, values: tuple[int, ...] = (0, 1, 2, 3)) -> None:
    """Discs of each value, at places that the file's name decides."""
    save(path, discs(path, values))


def binary(path: Path, value: int = 255) -> None:
    save(path, discs(path, (0, value)))


def soft(path: Path) -> None:
    """A blurred two-level mask."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(discs(path, (0, 255)).astype(np.uint8))
    image.resize((SIDE * 4, SIDE * 4)).filter(ImageFilter.GaussianBlur(3)).save(path)


def colour(path: Path) -> None:
    palette = np.array([(0, 0, 0), (128, 64, 128), (220, 20, 60), (0, 0, 142)])
    save(path, palette[discs(path, (0, 1, 2, 3))])


def field_of_view(path: Path) -> None:
    """The same disc in every file."""
    image = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(image).ellipse((4, 4, SIDE - 5, SIDE - 5), fill=255)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def discs(path: Path, values: tuple[int, ...]) -> np.ndarray:
    """`(64, 64)`: the first value everywhere, a disc of each other value."""
    draw_at = rng(path)
    image = Image.new("L", (SIDE, SIDE), values[0])
    for value in values[1:]:
        x, y = draw_at.integers(4, SIDE - 20, 2)
        ImageDraw.Draw(image).ellipse((x, y, x + 14, y + 14), fill=value)
    return np.asarray(image)


def rng(path: Path) -> np.random.Generator:
    return np.random.default_rng(crc32(path.name.encode()))
