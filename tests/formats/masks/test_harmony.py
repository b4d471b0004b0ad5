from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.formats.masks.harmony import find_harmony, read_numbers
from core.formats.pixels.counting import ValueCounts, count_values
from core.formats.pixels.mask_pixels import read_mask_pixels
from tests.formats.files import blocks, write_array, write_palette

RED, BLUE, BLACK, WHITE = [255, 0, 0], [0, 0, 255], [0, 0, 0], [255, 255, 255]


def counts_of(*paths: Path) -> list[ValueCounts]:
    return [count_values(path) for path in paths]


def numbers_of(masks: list[ValueCounts], keys: tuple[int, ...] = ()) -> list[list[int]]:
    harmony = find_harmony(masks, keys)
    return [harmony.numbers(item).tolist() for item in masks]


def bilevel(path: Path) -> Path:
    Image.fromarray(blocks(0, 255)).convert("1").save(path)
    return path


def test_one_palette_for_all_counts_by_index(tmp_path: Path) -> None:
    masks = counts_of(
        write_palette(tmp_path / "a.png", blocks(0, 1), BLACK + RED + BLUE),
        write_palette(tmp_path / "b.png", blocks(0, 2), BLACK + RED + BLUE),
    )
    assert find_harmony(masks, ()).conflict is None
    assert numbers_of(masks) == [[0, 1], [0, 2]]


def test_an_index_in_two_colours_is_a_conflict(tmp_path: Path) -> None:
    masks = counts_of(
        write_palette(tmp_path / "a.png", blocks(0, 1), BLACK + RED),
        write_palette(tmp_path / "b.png", blocks(0, 1), BLACK + BLUE),
    )
    assert find_harmony(masks, ()).conflict == (0, 1, 1)


def test_a_colour_under_two_indices_is_a_conflict(tmp_path: Path) -> None:
    masks = counts_of(
        write_palette(tmp_path / "a.png", blocks(0, 1), BLACK + RED),
        write_palette(tmp_path / "b.png", blocks(0, 2), BLACK + BLUE + RED),
    )
    assert find_harmony(masks, ()).conflict == (0, 1, 2)


def test_grey_palettes_that_differ_count_by_their_grey(tmp_path: Path) -> None:
    masks = counts_of(
        write_palette(tmp_path / "a.png", blocks(0, 1), BLACK + WHITE),
        write_palette(tmp_path / "b.png", blocks(0, 1), WHITE + BLACK),
    )
    assert numbers_of(masks) == [[0, 255], [255, 0]]


def test_a_black_palette_is_no_legend(tmp_path: Path) -> None:
    masks = counts_of(
        write_palette(tmp_path / "a.png", blocks(0, 1, 2), BLACK * 3),
        write_palette(tmp_path / "b.png", blocks(0, 1), BLACK + RED),
    )
    assert find_harmony(masks, ()).conflict is None
    assert numbers_of(masks) == [[0, 1, 2], [0, 1]]


def test_a_grey_palette_among_grey_files_counts_by_its_grey(tmp_path: Path) -> None:
    masks = counts_of(
        write_palette(tmp_path / "a.png", blocks(0, 1), BLACK + WHITE),
        write_array(tmp_path / "b.png", blocks(0, 255)),
    )
    assert numbers_of(masks) == [[0, 255], [0, 255]]


@pytest.mark.parametrize(
    ("others", "keys", "white"),
    [
        ((), (), 1),
        ((0, 255), (), 255),
        ((0, 1, 2), (), 1),
        ((0, 1, 255), (), 1),
        ((), (0, 255), 255),
        ((0,), (0, 1), 1),
    ],
)
def test_white_of_a_1_bit_file_is_what_the_set_makes_it(
    tmp_path: Path, others: tuple[int, ...], keys: tuple[int, ...], white: int
) -> None:
    paths = [bilevel(tmp_path / "a.png")]
    if others:
        paths.append(write_array(tmp_path / "b.png", blocks(*others)))
    assert numbers_of(counts_of(*paths), keys)[0] == [0, white]


def test_pixels_are_read_as_the_keys_say(tmp_path: Path) -> None:
    grey = write_palette(tmp_path / "a.png", blocks(0, 1), BLACK + WHITE)
    white = bilevel(tmp_path / "b.png")
    for path in (grey, white):
        assert np.unique(read_numbers(read_mask_pixels(path), {0, 255})).tolist() == [0, 255]
        assert np.unique(read_numbers(read_mask_pixels(path), {0, 1})).tolist() == [0, 1]
