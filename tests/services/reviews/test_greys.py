"""Deep images keep their depth, and begin in the window of the other pages."""

import numpy as np
import pytest

from core.services.reviews.greys import pack_values

RNG = np.random.default_rng(2)


def show(values: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.clip((values.astype(float) - low) * 255 / (high - low), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("kind", [np.int16, np.uint16])
def test_whole_numbers_are_kept_exactly(kind: type) -> None:
    values = RNG.integers(np.iinfo(kind).min, np.iinfo(kind).max, (40, 50), kind, endpoint=True)
    numbers, grey = pack_values(values, values, show(values, -1000, 1000))
    np.testing.assert_array_equal(grey.first + grey.step * numbers, values)


def test_other_numbers_are_kept_to_a_65_535th_of_their_span() -> None:
    values = RNG.normal(0, 1e-3, (40, 50)).astype(np.float32)
    numbers, grey = pack_values(values, values, show(values, -1e-3, 1e-3))
    assert np.abs(grey.first + grey.step * numbers - values).max() <= np.ptp(values) / 65535


def test_the_first_window_is_the_one_of_the_picture() -> None:
    values = RNG.integers(-1000, 2000, (200, 200)).astype(np.int16)
    _, grey = pack_values(values, values, show(values, -160, 240))
    assert grey.window == pytest.approx((-160, 240), abs=2)


@pytest.mark.parametrize("shade", [0, 7, 255])
def test_a_flat_picture_has_a_window_too(shade: int) -> None:
    values = np.full((5, 5), 300, np.uint16)
    _, grey = pack_values(values, values, np.full((5, 5), shade, np.uint8))
    assert grey.window[0] < grey.window[1]
