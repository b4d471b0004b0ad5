"""Curves over epochs: smoothing, the best epoch, and the collapse alarm."""

import numpy as np
import pandas as pd
import pytest

from core.metrics import Collapse, find_best, find_collapse, smooth


@pytest.mark.parametrize("window", [1, 3, 10, 50])
def test_the_moving_average_agrees_with_pandas(window: int) -> None:
    rng = np.random.default_rng(window)
    curve = rng.random(40)
    curve[rng.random(40) < 0.2] = np.nan
    wanted = pd.Series(curve).rolling(window, min_periods=1).mean().to_numpy()
    np.testing.assert_allclose(smooth(curve, window), wanted)


def test_an_empty_curve_stays_empty_and_a_window_holds_an_epoch() -> None:
    assert smooth([]).shape == (0,)
    with pytest.raises(ValueError, match="at least 1 epoch"):
        smooth([0.5], window=0)


def test_the_best_epoch_is_the_first_of_equals() -> None:
    assert find_best([0.1, np.nan, 0.5, 0.5]) == 2
    assert find_best([np.nan]) is None
    assert find_best([]) is None


def test_a_rise_and_a_fall_to_nothing_is_a_collapse() -> None:
    curve = [0.0, 0.3, 0.72, 0.6, 0.05, 0.04, 0.0]
    assert find_collapse(curve) == Collapse(best_epoch=2, best=0.72, fallen_epoch=4, last=0.0)


def test_epochs_without_a_value_are_passed_over() -> None:
    curve = [np.nan, 0.4, np.nan, 0.01, np.nan]
    assert find_collapse(curve) == Collapse(best_epoch=1, best=0.4, fallen_epoch=3, last=0.01)


@pytest.mark.parametrize(
    "curve",
    [
        [],
        [np.nan, np.nan],
        [0.0, 0.0, 0.0],
        [0.0, 0.04, 0.0],  # never rose
        [0.2, 0.5, 0.3],  # fell, but not to nothing
        [0.5, 0.0, 0.4],  # came back
        [0.1, 0.2, 0.3],
    ],
)
def test_anything_else_is_none(curve: list[float]) -> None:
    assert find_collapse(curve) is None
