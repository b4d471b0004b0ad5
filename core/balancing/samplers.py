"""What practitioners sample by today, as copies per image that depend on its label vector only.

None of these takes a target: each has one number to tune, and `peers` tunes it for the target at hand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.balancing.problem import BalanceProblem

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sampler:
    """One rule with its number.

    Attributes:
        title: What people call it.
        source: Where it was published, or what uses it.
        parameter: The sign of its number.
        scale: Whether the number is tried on a logarithmic or a linear scale.
        find_range: Least and greatest value worth trying on this data.
        compute_repeats: `(K,)` r ≥ 0, how often an image of each group is drawn, up to a common factor.
    """

    title: str
    source: str
    parameter: str
    scale: Literal["log", "linear"]
    find_range: Callable[[BalanceProblem], tuple[float, float]]
    compute_repeats: Callable[[BalanceProblem, float], Vector]

    def compute_weights(self, problem: BalanceProblem, value: float) -> Vector:
        """`(K,)` w, the share of each group among what is drawn; the sum is 1."""
        drawn = problem.multiplicities * self.compute_repeats(problem, value)
        weights: Vector = drawn / drawn.sum()
        return weights


def _find_frequencies(problem: BalanceProblem) -> Vector:
    return problem.labels.shares(problem.proportions)


def _find_rarest(problem: BalanceProblem) -> Vector:
    """`(K,)` share of the rarest class in each label vector; 1 for a vector without classes."""
    rows = problem.labels.rows
    rarest = np.ones(rows.shape[0])
    filled = np.flatnonzero(np.diff(rows.indptr))
    if filled.size:
        shares = _find_frequencies(problem)[rows.indices]
        rarest[filled] = np.minimum.reduceat(shares, rows.indptr[filled])
    return rarest


def _find_threshold_range(problem: BalanceProblem) -> tuple[float, float]:
    return float(_find_rarest(problem).min()), 1.0


def _repeat_by_root(problem: BalanceProblem, threshold: float) -> Vector:
    repeats: Vector = np.maximum(1.0, np.sqrt(threshold / _find_rarest(problem)))
    return repeats


def _repeat_linearly(problem: BalanceProblem, threshold: float) -> Vector:
    repeats: Vector = np.maximum(1.0, threshold / _find_rarest(problem))
    return repeats


def _repeat_rare_classes(problem: BalanceProblem, temperature: float) -> Vector:
    """A class is drawn by a softmax of its rarity, then one of its images, all alike."""
    shares = _find_frequencies(problem)
    occurs = shares > 0
    if not occurs.any():
        return np.ones(problem.multiplicities.size)
    logits = np.where(occurs, (1.0 - shares) / temperature, -np.inf)
    chance = np.exp(logits - logits.max())
    chance /= chance.sum()
    return problem.labels.scores(np.divide(chance, shares, out=np.zeros_like(chance), where=occurs))


def _repeat_inversely(problem: BalanceProblem, power: float) -> Vector:
    """The mean of `f^-power` over an image's classes; 1 for an image without classes."""
    shares = _find_frequencies(problem)
    inverse = np.power(shares, -power, out=np.zeros_like(shares), where=shares > 0)
    held = np.diff(problem.labels.rows.indptr)
    return np.where(held > 0, problem.labels.scores(inverse) / np.maximum(held, 1), 1.0)


SAMPLERS: dict[str, Sampler] = {
    "repeat-factor": Sampler(
        "Repeat factor, √",
        "Gupta, Dollár and Girshick 2019 (LVIS); detectron2, mmdetection: r = max_c max(1, √(t/f_c))",
        "t",
        "log",
        _find_threshold_range,
        _repeat_by_root,
    ),
    "repeat-factor-linear": Sampler(
        "Repeat factor, linear",
        "The same without the root: r = max_c max(1, t/f_c)",
        "t",
        "log",
        _find_threshold_range,
        _repeat_linearly,
    ),
    "rare-class-sampling": Sampler(
        "Rare class sampling",
        "Hoyer, Dai and Van Gool 2022 (DAFormer): P(c) = softmax((1 − f_c)/τ), then any image with c",
        "τ",
        "log",
        lambda problem: (1e-3, 1e3),
        _repeat_rare_classes,
    ),
    "inverse-frequency": Sampler(
        "Inverse frequency",
        "Usual weights for WeightedRandomSampler: the mean of f_c^−s over the image's classes",
        "s",
        "linear",
        lambda problem: (0.0, 3.0),
        _repeat_inversely,
    ),
}
