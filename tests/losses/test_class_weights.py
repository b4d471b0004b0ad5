"""Class weights from pixel counts (S3)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.losses.class_weights import compute_class_weights


def test_equal_classes_weigh_one() -> None:
    assert compute_class_weights([50, 50, 50]).tolist() == [1, 1, 1]


@settings(deadline=None)
@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=12))
def test_every_class_counts_alike_and_the_mean_over_pixels_is_one(pixels: list[int]) -> None:
    weights = compute_class_weights(pixels, limit=np.inf)
    shares = np.array(pixels) / sum(pixels)
    np.testing.assert_allclose(weights * shares, 1 / len(pixels))


def test_the_limit_holds_for_a_handful_of_pixels() -> None:
    assert compute_class_weights([10**9, 3], limit=20.0).tolist() == pytest.approx([0.5, 20])


def test_a_class_without_pixels_weighs_one_and_does_not_count() -> None:
    assert compute_class_weights([30, 0, 10]).tolist() == pytest.approx([2 / 3, 1, 2])
    assert compute_class_weights([0, 0]).tolist() == [1, 1]
