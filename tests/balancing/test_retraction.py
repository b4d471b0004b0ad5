"""Back into caps and floors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.balancing.retraction import find_free, retract


@given(st.integers(0, 10_000), st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_weights_come_to_lie_within_bounds_and_sum_to_one(seed, count):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(count))
    lower, upper = p * rng.random(count), np.minimum(p * (1 + 3 * rng.random(count)), 1.0)
    weights = rng.dirichlet(np.full(count, 0.2)) * rng.integers(0, 2, count)
    fitted = retract(weights, lower, upper)
    assert fitted.sum() == pytest.approx(1.0)
    assert (fitted >= lower - 1e-12).all()
    assert (fitted <= upper + 1e-9).all()


def test_groups_within_their_bounds_keep_their_proportions():
    fitted = retract(np.array([0.7, 0.2, 0.1]), np.zeros(3), np.array([0.4, 1.0, 1.0]))
    assert fitted == pytest.approx([0.4, 0.4, 0.2])


def test_groups_at_a_bound_are_not_free():
    free = find_free(np.array([0.4, 0.6]), np.zeros(2), np.array([0.4, 1.0]))
    assert free.tolist() == [0.0, 0.6]


def test_where_nothing_is_free_all_count():
    weights = np.array([0.5, 0.5])
    assert find_free(weights, weights, weights).tolist() == [0.5, 0.5]
