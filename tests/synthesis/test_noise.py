"""Smooth noise."""

import numpy as np

from core.synthesis.noise import enlarge, layered_noise, smooth_noise


def test_noise_has_about_unit_variance() -> None:
    planes = [smooth_noise(np.random.default_rng(seed), 128, 24) for seed in range(8)]
    assert 0.9 < np.std(planes) < 1.1
    layers = [layered_noise(np.random.default_rng(seed), 128, 8, 3) for seed in range(8)]
    assert 0.85 < np.std(layers) < 1.15


def test_noise_looks_alike_at_every_size() -> None:
    large, small = (smooth_noise(np.random.default_rng(0), size, 8) for size in (256, 128))
    assert np.allclose(large.reshape(128, 2, 128, 2).mean((1, 3)), small, atol=0.02)


def test_enlarging_keeps_a_ramp_and_its_place() -> None:
    ramp = np.tile(np.arange(64, dtype=np.float32), (64, 1))
    large = enlarge(ramp, 128)
    assert np.allclose(large.reshape(64, 2, 64, 2).mean((1, 3))[:, 1:-1], ramp[:, 1:-1], atol=1e-4)
    assert np.array_equal(enlarge(ramp, 64), ramp)
