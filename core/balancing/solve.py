"""The best possible balance, and the proof of how near to it the answer is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.balancing.euclidean import solve_euclidean
from core.balancing.newton import solve_dual
from core.balancing.problem import (
    BalanceProblem,
    compute_chi2,
    compute_ess,
    compute_published_drift,
)
from core.balancing.proximal import solve_proximal

GAP_TOLERANCE = 1e-9
# With little or no drift the last digits drown in rounding: the proof is a minimum over single groups.
ZERO_DRIFT_TOLERANCE = 1e-7
_PATH_START, _PATH_SHRINK, _PATH_TOLERANCE, _MAX_PATH = 0.1, 0.1, 1.0, 10
# Below these parts of the dial's unit the drift is left out of the search (not of the objective and the gap):
# it would drown in rounding. The root distance is solved as squared ones with far smaller strengths.
_NEGLIGIBLE = {"squared": 1e-15, "euclidean": 1e-6}
_MAX_STEPS = 60  # per strength; whatever needs more is better served by the proximal way


@dataclass(frozen=True, slots=True)
class BalanceSolution:
    """The optimum of a `BalanceProblem`, with its certificate. Not converged is a value, not an error.

    Attributes:
        weights: `(K,)` w, share of each label vector in the balanced set; feasible in any case.
        shares: `(C,)` share of images that contain each class.
        distance: L at `weights`, squared or Euclidean as the problem asks.
        drift_chi2: `Σ (w−p)²/p`.
        drift_published: `Σ (w−p)²`.
        objective: F, distance plus strength times the chosen drift.
        bound: Proved: no feasible balance has a lower F.
        gap: `objective − bound`, ≥ 0.
        relative_gap: gap over bound; over `problem.least_distance` where the bound is below that.
        ess: Effective sample size as a share of N, in (0, 1].
        dual: `(C,)` y, the pull of each class at the optimum.
        iterations: Newton steps in all.
        converged: Whether the relative gap is within tolerance (1e-9; 1e-7 with little or no drift, and for
            the Euclidean distance).
    """

    weights: NDArray[np.float64]
    shares: NDArray[np.float64]
    distance: float
    drift_chi2: float
    drift_published: float
    objective: float
    bound: float
    gap: float
    relative_gap: float
    ess: float
    dual: NDArray[np.float64]
    iterations: int
    converged: bool


def solve(problem: BalanceProblem, start: NDArray[np.float64] | None = None) -> BalanceSolution:
    """Find the optimum of F and prove it.

    Args:
        problem: What to minimise.
        start: `(C,)` the `dual` of a solution nearby; makes a repeated solve faster, never different.

    Returns:
        The solution. It is deterministic and never holds NaN.

    Sources: S1 for F; the dual method is described in `newton`, no drift in `proximal`, the root in
        `euclidean`.
    """
    if problem.strength <= _NEGLIGIBLE[problem.distance_kind] * problem.unit_strength:
        return _solve_without_drift(problem)
    if problem.distance_kind == "euclidean":
        found = solve_euclidean(problem, start, GAP_TOLERANCE)
        return _describe(
            problem, found.weights, found.dual, found.gap, found.iterations, ZERO_DRIFT_TOLERANCE
        )
    return _solve_squared(problem, start)


def compute_relative_gap(problem: BalanceProblem, gap: float, bound: float) -> float:
    """How far above the best possible, as a part of it; see `BalanceSolution.relative_gap`."""
    return gap / max(bound, problem.least_distance)


def _solve_squared(problem: BalanceProblem, start: NDArray[np.float64] | None) -> BalanceSolution:
    steps = 0
    floor = problem.least_distance
    if start is None:
        for strength in _approach(problem):
            quadratic = problem.build_quadratic(strength)
            point, used = solve_dual(quadratic, start, _PATH_TOLERANCE, floor, _MAX_STEPS)
            steps, start = steps + used, point.y
            if used == _MAX_STEPS:
                return _solve_slowly(problem, steps)
    quadratic = problem.build_quadratic(problem.strength)
    point, used = solve_dual(quadratic, start, GAP_TOLERANCE, floor, _MAX_STEPS)
    steps += used
    if point.gap <= GAP_TOLERANCE * max(point.bound, floor):
        return _describe(problem, point.weights, point.y, point.gap, steps, GAP_TOLERANCE)
    return _solve_slowly(problem, steps)


def _solve_slowly(problem: BalanceProblem, steps: int) -> BalanceSolution:
    found = solve_proximal(problem, GAP_TOLERANCE, problem.least_distance)
    return _describe(
        problem, found.weights, found.dual, found.gap, steps + found.iterations, ZERO_DRIFT_TOLERANCE
    )


def _approach(problem: BalanceProblem) -> list[float]:
    """Easier strengths to pass through on the way to a very small one."""
    strengths: list[float] = []
    strength = _PATH_START * problem.unit_strength
    while strength > problem.strength and len(strengths) < _MAX_PATH:
        strengths.append(strength)
        strength *= _PATH_SHRINK
    return strengths


def _solve_without_drift(problem: BalanceProblem) -> BalanceSolution:
    """The nearest shares; the root distance has the squared one's answer, and the root of its proof."""
    is_root = problem.distance_kind == "euclidean"
    floor = problem.least_distance ** (2 if is_root else 1)
    found = solve_proximal(problem.with_strength(0.0), ZERO_DRIFT_TOLERANCE, floor)
    converged = found.gap <= ZERO_DRIFT_TOLERANCE * max(found.bound, floor)
    gap, dual = found.gap, found.dual
    if is_root:
        root = float(np.sqrt(found.objective))
        gap, dual = root - float(np.sqrt(found.bound)), dual / max(2.0 * root, 1e-300)
    penalty = problem.strength * problem.compute_drift(found.weights)
    gap += penalty
    converged = converged and penalty <= ZERO_DRIFT_TOLERANCE * max(found.bound, problem.least_distance)
    return _describe(problem, found.weights, dual, gap, found.iterations, np.inf if converged else 0.0)


def _describe(
    problem: BalanceProblem,
    weights: NDArray[np.float64],
    dual: NDArray[np.float64],
    gap: float,
    iterations: int,
    tolerance: float,
) -> BalanceSolution:
    shares = problem.labels.shares(weights)
    distance = problem.compute_distance(shares)
    chi2 = compute_chi2(weights, problem.proportions)
    published = compute_published_drift(weights, problem.proportions)
    objective = distance + problem.strength * (chi2 if problem.drift_kind == "chi2" else published)
    bound = objective - gap
    relative_gap = compute_relative_gap(problem, gap, bound)
    return BalanceSolution(
        weights=weights,
        shares=shares,
        distance=distance,
        drift_chi2=chi2,
        drift_published=published,
        objective=objective,
        bound=bound,
        gap=gap,
        relative_gap=relative_gap,
        ess=compute_ess(weights, problem.proportions),
        dual=dual,
        iterations=iterations,
        converged=bool(relative_gap <= tolerance),
    )
