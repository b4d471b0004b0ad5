import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.measurement.distances import compute_hd95


def outline(region: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Pixels of a region with an edge neighbour outside it, written out."""
    points = []
    for row, column in np.argwhere(region):
        for shift in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            near = row + shift[0], column + shift[1]
            inside = 0 <= near[0] < region.shape[0] and 0 <= near[1] < region.shape[1]
            if not inside or not region[near]:
                points.append((row, column))
                break
    return np.array(points, dtype=np.float64)


def brute_force(first: NDArray[np.bool_], second: NDArray[np.bool_], spacing: tuple[float, float]) -> float:
    one, other = outline(first) * spacing, outline(second) * spacing
    every = np.linalg.norm(one[:, None] - other[None], axis=2)
    return float(max(np.percentile(every.min(axis=1), 95), np.percentile(every.min(axis=0), 95)))


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(1.0, 1.0), (0.7, 0.7), (2.5, 0.4)]))
def test_it_is_what_all_pairs_of_outline_pixels_give(seed: int, spacing: tuple[float, float]) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.random((2, 9, 12)) > rng.random((2, 1, 1)) * 0.9
    first[tuple(rng.integers(0, 9, 2))] = second[tuple(rng.integers(0, 9, 2))] = True
    assert compute_hd95(first, second, spacing) == pytest.approx(brute_force(first, second, spacing))


def test_a_square_moved_by_three_pixels_is_three_pixels_away() -> None:
    first, second = np.zeros((2, 30, 30), bool)
    first[5:15, 5:15] = second[5:15, 8:18] = True
    assert compute_hd95(first, second) == 3
    assert compute_hd95(first, second, (1.0, 0.5)) == 1.5


def test_one_far_speck_does_not_decide_it() -> None:
    first = np.zeros((200, 200), bool)
    first[50:150, 50:150] = True
    second = first.copy()
    second[0, 0] = True
    assert compute_hd95(first, second) == 0


def test_equal_regions_touch_and_order_does_not_matter() -> None:
    first, second = np.random.default_rng(0).random((2, 8, 8, 8)) > 0.6
    assert compute_hd95(first, first) == 0
    assert compute_hd95(first, second, (2.0, 1.0, 1.0)) == compute_hd95(second, first, (2.0, 1.0, 1.0))


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 1), (1, 0)])
def test_an_empty_region_has_no_distance(first: int, second: int) -> None:
    assert np.isnan(compute_hd95(np.full((4, 4), first, bool), np.full((4, 4), second, bool)))


def test_regions_of_two_sizes_are_the_callers_fault() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        compute_hd95(np.zeros((3, 3), bool), np.zeros((3, 4), bool))
