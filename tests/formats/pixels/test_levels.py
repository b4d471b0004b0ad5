from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.formats.pixels.counting import count_mask_pixels, count_values
from core.formats.pixels.levels import (
    CERTAIN,
    Threshold,
    count_levels,
    find_threshold,
    guess_threshold,
    join_levels,
    level_array,
)
from core.formats.pixels.mask_pixels import read_mask_pixels
from tests.formats.files import blocks, paint, write_array, write_palette

NOISE = blocks(0, 1, 2, 5)


def threshold_of(
    tmp_path: Path, *arrays: np.ndarray, suffix: str = "png", given: float | None = None
) -> Threshold:
    files = [write_array(tmp_path / f"{place}.{suffix}", array) for place, array in enumerate(arrays)]
    return find_threshold([count_values(file) for file in files], given)


def test_the_threshold_is_half_of_the_sets_range(tmp_path: Path) -> None:
    assert threshold_of(tmp_path, NOISE, blocks(0, 10, 255)) == Threshold(127.5)
    assert threshold_of(tmp_path, blocks(100, 100), blocks(100, 200)) == Threshold(150.0)
    assert threshold_of(tmp_path, blocks(0, 1)) == Threshold(0.5)


def test_a_given_threshold_wins(tmp_path: Path) -> None:
    assert threshold_of(tmp_path, NOISE, given=3.0) == Threshold(3.0)


@pytest.mark.parametrize("arrays", [(NOISE, NOISE), (blocks(0, 1, 2), blocks(0, 0))])
def test_a_set_of_noise_has_no_presence(tmp_path: Path, arrays: tuple[np.ndarray, ...]) -> None:
    found = threshold_of(tmp_path, *arrays)
    assert found.noise
    assert found.level > 5


def test_an_all_black_set_is_below_its_threshold_and_a_white_one_above(tmp_path: Path) -> None:
    assert threshold_of(tmp_path, blocks(0, 0)).level > 0
    assert threshold_of(tmp_path, blocks(255, 255)).level <= 255


def test_red_reaches_its_full_level(tmp_path: Path) -> None:
    file = write_array(tmp_path / "a.png", paint(blocks(0, 1), {1: (255, 0, 0)}))
    assert count_levels(count_values(file))[0].tolist() == [0, 255]
    assert np.unique(level_array(read_mask_pixels(file))).tolist() == [0, 255]


def test_palette_levels_are_those_of_the_colours(tmp_path: Path) -> None:
    file = write_palette(tmp_path / "a.png", blocks(0, 1), [255, 255, 255, 0, 0, 0])
    assert count_levels(count_values(file))[0].tolist() == [255, 0]
    assert level_array(read_mask_pixels(file))[0, [0, -1]].tolist() == [255, 0]


def test_a_black_palette_leaves_the_indices(tmp_path: Path) -> None:
    file = write_palette(tmp_path / "a.png", blocks(0, 1), [0] * 6)
    assert count_levels(count_values(file))[0].tolist() == [0, 1]


def test_white_of_a_1_bit_file_passes_every_threshold(tmp_path: Path) -> None:
    Image.fromarray(blocks(0, 255)).convert("1").save(tmp_path / "a.png")
    deep = write_array(tmp_path / "b.png", blocks(0, 60_000, dtype=np.uint16))
    counts = [count_values(tmp_path / "a.png"), count_values(deep)]
    assert find_threshold(counts, None).level == 30_000
    assert count_levels(counts[0])[0].tolist() == [0, CERTAIN]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_union_at_any_threshold_is_that_of_the_masks(tmp_path: Path, dtype: type) -> None:
    rng = np.random.default_rng(1)
    arrays = [rng.integers(0, 256, (20, 30)).astype(dtype) for _ in range(3)]
    files = [write_array(tmp_path / f"{place}.png", array) for place, array in enumerate(arrays)]
    union = count_mask_pixels(join_levels([read_mask_pixels(file) for file in files]))
    levels, pixels = count_levels(union)
    for threshold in (1, 100, 127.5, 255):
        expected = np.logical_or.reduce([array >= threshold for array in arrays]).sum()
        assert pixels[levels >= threshold].sum() == expected


def test_the_union_of_fractions_keeps_them(tmp_path: Path) -> None:
    half = np.full((4, 4), 0.5, np.float32)
    Image.fromarray(half).save(tmp_path / "a.tif")
    Image.fromarray(half / 2).save(tmp_path / "b.tif")
    union = count_mask_pixels(join_levels([read_mask_pixels(tmp_path / name) for name in ("a.tif", "b.tif")]))
    assert count_levels(union)[0] == pytest.approx([0.5], abs=0.003)


@pytest.mark.parametrize(("high", "expected"), [(0, 0.5), (1, 0.5), (80, 127.5), (255, 127.5), (4000, 2000)])
def test_without_the_set_the_range_is_guessed_from_the_mask(high: float, expected: float) -> None:
    assert guess_threshold([np.array([0.0, high])]) == expected


def test_fractions_that_reach_1_are_no_noise(tmp_path: Path) -> None:
    soft = np.linspace(0, 1, 32, dtype=np.float32)[None].repeat(24, axis=0)
    assert threshold_of(tmp_path, soft, suffix="tif") == Threshold(0.5)
