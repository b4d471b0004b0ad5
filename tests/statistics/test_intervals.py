import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from core.statistics import newcombe_interval, pixel_share_error, wilson_interval


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_wilson_interval_is_that_of_scipy(case: tuple[int, int]) -> None:
    hits, count = case
    low, high = wilson_interval(hits, count)
    theirs = binomtest(hits, count).proportion_ci(method="wilson")
    assert low == pytest.approx(theirs.low, abs=1e-9)
    assert high == pytest.approx(theirs.high, abs=1e-9)
    assert 0 <= low <= hits / count <= high <= 1


def test_nothing_is_known_of_a_share_without_images() -> None:
    low, high = wilson_interval([0], [0])
    assert (low.tolist(), high.tolist()) == ([0.0], [1.0])


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    # Newcombe 1998, table II, method 10; the difference there is first - second.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_the_interval_of_a_difference_is_that_of_the_paper(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = newcombe_interval(*second, *first)
    assert [float(value) for value in found] == pytest.approx([low, high], abs=6e-5)


def test_the_error_of_a_pixel_share_is_the_spread_over_repeated_draws_of_images() -> None:
    rng = np.random.default_rng(0)
    totals = rng.integers(500, 1500, 4000)
    pixels = (totals * rng.beta(0.5, 8, 4000)).astype(np.int64)[:, None]
    draws = [rng.choice(4000, 200) for _ in range(600)]
    spread = np.std([pixels[rows].sum() / totals[rows].sum() for rows in draws])
    errors = [pixel_share_error(pixels[rows], totals[rows])[0] for rows in draws[:100]]
    assert np.mean(errors) == pytest.approx(spread, rel=0.1)


def test_one_image_tells_nothing_of_the_spread() -> None:
    assert np.isnan(pixel_share_error(np.array([[3]]), np.array([9]))).all()
