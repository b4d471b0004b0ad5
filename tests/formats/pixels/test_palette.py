import numpy as np

from core.formats.pixels.palette import MAX_PALETTE, ColourUse, find_palette, match_colours

NONE = np.zeros(0, dtype=np.int64)


def use_of(colours: list[int], exact: bool = True, region: float = 0.1) -> ColourUse:
    count = len(colours)
    packed = np.array(sorted(colours), dtype=np.int64)
    return ColourUse(packed, np.arange(count, 0, -1) * 100, np.full(count, region), np.full(count, exact))


def test_few_exact_colours_are_all_classes_however_rare() -> None:
    palette, crowded = find_palette(use_of([0, 1, 0xFF0000], region=1e-9), NONE, False)
    assert palette.tolist() == [0, 1, 0xFF0000]
    assert not crowded


def test_new_exact_colours_join_the_known_ones() -> None:
    palette, crowded = find_palette(use_of([0, 0xFF0000]), np.array([0]), True)
    assert palette.tolist() == [0xFF0000]
    assert not crowded


def test_a_crowd_adds_nothing_to_a_known_palette() -> None:
    palette, crowded = find_palette(use_of(list(range(500))), np.array([0]), True)
    assert palette.size == 0
    assert crowded


def test_lossy_colours_are_clustered_into_regions() -> None:
    jpeg = [0x000000, 0x010100, 0x020002, 0xFE0100, 0xFF0000, 0xFD0202]
    palette, crowded = find_palette(use_of(jpeg, exact=False), NONE, False)
    assert crowded
    assert palette.size == 2


def test_a_crowd_never_gives_more_than_the_cap() -> None:
    rng = np.random.default_rng(0)
    colours = np.unique(rng.integers(0, 1 << 24, 3000)).tolist()
    assert find_palette(use_of(colours), NONE, False)[0].size <= MAX_PALETTE


def test_a_colour_matches_the_nearest_and_none_beyond_the_tolerance() -> None:
    palette = np.array([0x000000, 0xFF0000])
    assert match_colours(np.array([0x100000, 0xF00808, 0x00FF00]), palette).tolist() == [0, 1, -1]
    assert match_colours(np.array([1, 2]), NONE).tolist() == [-1, -1]
