"""The formulas of today's samplers, by hand."""

import numpy as np
import pytest

from core.balancing import build_problem
from core.balancing.samplers import SAMPLERS
from tests.balancing.golden import make_spec, make_table

# 8 images: a in all but one, b in two of them, one image without any class.
TABLE = make_table([[1, 0]] * 5 + [[1, 1]] * 2 + [[0, 0]], ["a", "b"])
PROBLEM = build_problem(TABLE, make_spec(TABLE, [0.9, 0.5]))
A, B = 7 / 8, 2 / 8


def repeats(name, value):
    """Repeats by label vector: a alone, a and b, none."""
    found = SAMPLERS[name].compute_repeats(PROBLEM, value)
    return [float(found[TABLE.row_of_sample[image]]) for image in (0, 5, 7)]


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [(0.1, [1, 1, 1]), (0.5, [1, np.sqrt(0.5 / B), 1]), (1.0, [np.sqrt(1 / A), np.sqrt(1 / B), 1])],
)
def test_repeat_factor_is_that_of_the_rarest_class(threshold, expected):
    assert repeats("repeat-factor", threshold) == pytest.approx(expected)


def test_the_linear_repeat_factor_leaves_the_root_out():
    assert repeats("repeat-factor-linear", 0.5) == pytest.approx([1, 0.5 / B, 1])


def test_rare_class_sampling_draws_a_class_and_then_an_image():
    chance = np.exp([(1 - A) / 0.3, (1 - B) / 0.3])
    chance /= chance.sum()
    expected = [chance[0] / A, chance[0] / A + chance[1] / B, 0]
    assert repeats("rare-class-sampling", 0.3) == pytest.approx(expected)


def test_a_tiny_temperature_draws_the_rarest_class_only():
    assert repeats("rare-class-sampling", 1e-3) == pytest.approx([0, 1 / B, 0])


def test_inverse_frequency_is_the_mean_over_the_classes():
    assert repeats("inverse-frequency", 1.0) == pytest.approx([1 / A, (1 / A + 1 / B) / 2, 1])


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_gives_weights_over_its_whole_range(name):
    table = make_table([[1, 0, 0], [1, 1, 0], [0, 0, 0]])  # the last class never occurs
    problem = build_problem(table, make_spec(table, [0.5, 0.5, 0.0]))
    for value in SAMPLERS[name].find_range(problem):
        weights = SAMPLERS[name].compute_weights(problem, value)
        assert np.all(weights >= 0)
        assert weights.sum() == pytest.approx(1)
