import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.statistics import compute_region_quantiles, count_sizes, find_smallest_regions

counts = arrays.arrays(np.int64, (7, 3), elements=st.integers(0, 20))


@given(counts)
def test_region_quantiles_are_those_of_the_images_that_hold_the_class(pixels: np.ndarray) -> None:
    totals = np.full(7, 40)
    found = compute_region_quantiles(pixels, totals, (0.0, 0.5, 1.0))
    for column in range(3):
        held = pixels[pixels[:, column] > 0, column] / 40
        if held.size:
            assert found[column].tolist() == pytest.approx([held.min(), np.median(held), held.max()])
        else:
            assert np.isnan(found[column]).all()


@given(counts)
def test_the_smallest_regions_are_the_smallest_of_all(pixels: np.ndarray) -> None:
    totals = np.arange(30, 37)
    found = find_smallest_regions(pixels, totals, [0, 2], 4)
    shares = [pixels[row, column] / totals[row] for row, column in found]
    every = sorted((pixels / totals[:, None])[:, [0, 2]][pixels[:, [0, 2]] > 0].tolist())
    assert shares == pytest.approx(every[:4])


def test_sizes_are_counted_the_commonest_first() -> None:
    distinct, found = count_sizes(np.array([[3, 4], [1, 2], [3, 4], [1, 2], [3, 4], [9, 9]]))
    assert distinct.tolist() == [[3, 4], [1, 2], [9, 9]]
    assert found.tolist() == [3, 2, 1]
