"""JPEG masks: the levels that were painted are found, and the ripples of compression are not."""

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.formats.pixels.lossy_levels import find_levels, snap_to_levels


def _compress(mask: NDArray[np.uint8], quality: int) -> NDArray[np.int64]:
    buffer = BytesIO()
    Image.fromarray(mask).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer)).astype(np.int64)


def _discs(*values: int) -> NDArray[np.uint8]:
    """Discs side by side on 0, 96 pixels wide."""
    image = Image.new("L", (96, 48))
    for place, value in enumerate(values):
        left = 3 + place * 23
        ImageDraw.Draw(image).ellipse((left, 13, left + 19, 32), fill=value)
    return np.asarray(image)


def _count(pixels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.unique(pixels, return_counts=True)


@pytest.mark.parametrize("quality", [60, 75, 95])
@pytest.mark.parametrize("painted", [(255,), (128, 255), (85, 170, 255)])
def test_levels_are_those_that_were_painted(painted: tuple[int, ...], quality: int) -> None:
    levels = find_levels(*_count(_compress(_discs(*painted), quality)))
    np.testing.assert_allclose(levels, (0, *painted), atol=1)


@pytest.mark.parametrize("painted", [(1, 2, 3), (10, 20, 30)])
def test_levels_that_lie_too_near_are_not_guessed(painted: tuple[int, ...]) -> None:
    assert find_levels(*_count(_compress(_discs(*painted), 75))).size == 0


def test_a_photograph_has_no_levels() -> None:
    noise = np.random.default_rng(0).normal(120, 40, (96, 96)).clip(0, 255).astype(np.uint8)
    assert find_levels(*_count(_compress(noise, 75))).size == 0


def test_the_edge_between_two_levels_makes_none_between_them_present() -> None:
    pixels = _compress(_discs(255, 255), 60)
    assert set(snap_to_levels(*_count(pixels), np.array([0, 128, 255]))) == {0, 255}


def test_a_small_region_between_two_levels_is_present() -> None:
    pixels = _compress(_discs(128, 255), 75)
    assert set(snap_to_levels(*_count(pixels), np.array([0, 128, 255]))) == {0, 128, 255}


def test_every_value_counts_as_the_nearest_level() -> None:
    values = np.array([2, 100, 130, 250])
    counts = np.array([100, 1, 100, 100])
    assert snap_to_levels(values, counts, np.array([0, 128, 255])).tolist() == [0, 128, 128, 255]
