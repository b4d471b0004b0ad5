"""The trade-off that γ decides: the distance to T against the effective sample size.

A person should choose γ from this curve, not guess it. Every point is a proved optimum, so no plan lies below
the curve: at its effective sample size nothing comes nearer to T.

The squared distance and its root have the same optima, at other prices: where the gradients of both agree,
`c_root = c_squared / (2 √L)`. So the curve of the root is traced on the squared problem, which is faster.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.balancing.problem import BalanceProblem, compute_chi2
from core.balancing.solve import BalanceSolution, solve

_NEARLY_ORIGINAL = 1e-3  # χ² at the dear end: 99.9 % of the images count
_PROBE_STEP = 0.1
_LEVEL_ESS, _LEVEL_DISTANCE = 0.005, 2e-3  # what a further decade must change to be worth showing
_LEAST_PART = 1e-6
_LEAST_CHI2 = 1e-12
_LEAST_ROOT = 1e-12


@dataclass(frozen=True, slots=True)
class TradeoffCurve:
    """Optima over c, from next to no drift to the original set; all arrays are `(P,)` unless said.

    Attributes:
        strength: c, rising; spaced evenly on a log scale for the squared distance.
        dial: γ̂, c in the units of the relative dial.
        distance: L, of the problem's kind; rises with c.
        ess: Effective sample size as a share of N; rises with c.
        largest_copies: Most copies of one image, in expectation, at B images.
        duplicates: Copies beyond the first of an image, in expectation, at B images.
        worst_miss: Largest `|share − T|` over the classes, in [0, 1].
        shares: `(P, C)` share of images that contain each class.
        relative_gap: How far each point can be from the best possible, as in `BalanceSolution`; of the
            squared distance in any case.
    """

    strength: NDArray[np.float64]
    dial: NDArray[np.float64]
    distance: NDArray[np.float64]
    ess: NDArray[np.float64]
    largest_copies: NDArray[np.float64]
    duplicates: NDArray[np.float64]
    worst_miss: NDArray[np.float64]
    shares: NDArray[np.float64]
    relative_gap: NDArray[np.float64]


def compute_tradeoff(problem: BalanceProblem, points: int = 25) -> TradeoffCurve:
    """Solve for a range of c that the data give, each from the dual of the last.

    The dear end is where the effective sample size is 99.9 % of N, estimated from the pull of the target at
    the original set; the cheap end where a tenth of c changes neither the effective sample size nor the
    distance visibly. Where the problem's own c lies outside, the range is widened to hold it (for the
    squared distance only).

    Args:
        problem: What is balanced, caps and floors included.
        points: How many optima, at least 2.

    Raises:
        ValueError: If fewer than 2 points are asked for.
    """
    if points < 2:
        raise ValueError(f"a curve needs at least 2 points, not {points}")
    is_root = problem.distance_kind == "euclidean"
    squared = replace(problem, distance_kind="squared", strength=0.0) if is_root else problem
    strengths, solutions = _trace(squared, points)
    curve = _describe(squared, strengths, solutions)
    if not is_root:
        return curve
    distance = np.sqrt(curve.distance)
    strength = strengths / np.maximum(2.0 * distance, _LEAST_ROOT)
    return replace(curve, distance=distance, strength=strength, dial=strength / problem.unit_strength)


def estimate_copies(problem: BalanceProblem, weights: NDArray[np.float64]) -> tuple[float, float]:
    """Most copies of one image and copies beyond the first, when B images are drawn by `(K,)` weights."""
    copies = problem.total * weights / problem.multiplicities
    beyond = problem.multiplicities * np.maximum(copies - 1.0, 0.0)
    return float(copies.max()), float(beyond.sum())


def _trace(problem: BalanceProblem, points: int) -> tuple[NDArray[np.float64], list[BalanceSolution]]:
    dearest = _find_dearest(problem)
    cheapest, solution = _find_cheapest(problem, dearest)
    own = problem.strength if problem.strength > _LEAST_PART * cheapest else cheapest
    strengths = np.geomspace(min(cheapest, own), max(dearest, own), points)
    solutions = []
    for strength in strengths.tolist():
        solution = solve(problem.with_strength(strength), solution.dual)
        solutions.append(solution)
    return strengths, solutions


def _find_dearest(problem: BalanceProblem) -> float:
    """The c at which a first-order step from the original set has χ² = 0.1 %: more c, still less drift."""
    p = problem.proportions
    pull = 2.0 * problem.class_weights * (problem.labels.shares(p) - problem.target)
    spread = 0.5 / problem.drift_weights
    scores = problem.labels.scores(pull)
    step = spread * (scores - float((spread * scores).sum()) / float(spread.sum()))
    chi2 = compute_chi2(p + step, p)
    if chi2 <= _LEAST_CHI2:  # no copying changes the distance, or T is met: any range shows the same
        return problem.unit_strength
    return float(np.sqrt(chi2 / _NEARLY_ORIGINAL))


def _find_cheapest(problem: BalanceProblem, dearest: float) -> tuple[float, BalanceSolution]:
    """Divide c by ten until nothing changes any more; the last c that did, and its optimum."""
    strength = dearest * _PROBE_STEP
    solution = solve(problem.with_strength(strength))
    while strength > 1.5 * _LEAST_PART * dearest:  # not on to a seventh decade by rounding
        following = solve(problem.with_strength(strength * _PROBE_STEP), solution.dual)
        if _is_level(problem, solution, following):
            break
        strength, solution = strength * _PROBE_STEP, following
    return strength, solution


def _is_level(problem: BalanceProblem, one: BalanceSolution, other: BalanceSolution) -> bool:
    least = max(_LEVEL_DISTANCE * problem.original_distance, problem.least_distance)
    return abs(one.ess - other.ess) <= _LEVEL_ESS and abs(one.distance - other.distance) <= least


def _describe(
    problem: BalanceProblem, strengths: NDArray[np.float64], solutions: list[BalanceSolution]
) -> TradeoffCurve:
    copies = np.array([estimate_copies(problem, item.weights) for item in solutions])
    shares = np.array([item.shares for item in solutions])
    return TradeoffCurve(
        strength=strengths,
        dial=strengths / problem.unit_strength,
        distance=np.array([item.distance for item in solutions]),
        ess=np.array([item.ess for item in solutions]),
        largest_copies=copies[:, 0],
        duplicates=copies[:, 1],
        worst_miss=np.abs(shares - problem.target).max(axis=1, initial=0.0),
        shares=shares,
        relative_gap=np.array([item.relative_gap for item in solutions]),
    )
