"""Adam as its authors print it."""

import numpy as np
import pytest

from core.balancing.adam import Adam


def test_the_first_step_is_the_learning_rate_against_the_gradient():
    change = Adam(2).step(np.array([3.0, -0.5]), lr=0.1, beta1=0.9, beta2=0.999, eps=1e-16)
    assert change == pytest.approx([-0.1, 0.1])


def test_steps_are_those_of_the_published_algorithm():
    gradients = np.random.default_rng(0).normal(size=(6, 3))
    adam, mean, square = Adam(3), np.zeros(3), np.zeros(3)
    for t, gradient in enumerate(gradients, start=1):
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        expected = -0.2 * (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.99**t)) + 1e-8)
        assert adam.step(gradient, 0.2, 0.9, 0.99, 1e-8) == pytest.approx(expected)


def test_a_zero_gradient_gives_no_step_and_no_nan():
    assert Adam(1).step(np.zeros(1), 0.1, 0.0, 0.0, 1e-16).tolist() == [0.0]
