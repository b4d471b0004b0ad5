"""Little or no drift (γ ≈ 0): the nearest reachable shares, without falling into a corner.

Many balances share the least distance. A linear-programming method would return a corner, which heaps all
copies on a few images. The proximal point method (Rockafellar 1976) walks there from the original proportions
through well-posed problems, each with a small χ² price for leaving the last answer, and so stays near where
it began.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.balancing.newton import DualPoint, Quadratic, evaluate, solve_dual
from core.balancing.problem import BalanceProblem

_SHRINK = 0.1
_FIRST_PART, _LEAST_PART, _LAST_PART = 1e-2, 1e-6, 1e-10
_EASY_STEPS = 2
_RECENTRE_BELOW = 1e-5
_MAX_ROUNDS = 40
_MAX_INNER_STEPS = 100
_INNER_TOLERANCE = 1e-11


@dataclass(frozen=True, slots=True)
class ProximalResult:
    """The best `weights` found, their `objective` (squared distance + c·drift), the proof, and its `dual`."""

    weights: NDArray[np.float64]
    dual: NDArray[np.float64]
    objective: float
    bound: float
    iterations: int

    @property
    def gap(self) -> float:
        """How far the objective can be from the best."""
        return max(self.objective - self.bound, 0.0)


def solve_proximal(problem: BalanceProblem, tolerance: float, floor: float) -> ProximalResult:
    """Minimise the squared distance plus c·drift, c ≥ 0, until `gap ≤ tolerance · max(bound, floor)`."""
    original = problem.labels.shares(problem.proportions) - problem.target
    scale = float(problem.class_weights @ original**2)
    best = _certify(problem, problem.proportions, 0)
    center, dual, part = problem.proportions, None, _FIRST_PART
    for _ in range(_MAX_ROUNDS):
        if best.gap <= tolerance * max(best.bound, floor):
            break
        point, used = _solve_round(problem, center, part * scale, dual)
        dual = point.y
        best = _keep_better(best, _certify(problem, point.weights, best.iterations + used))
        if part <= _RECENTRE_BELOW:
            center = point.weights
        if used <= _EASY_STEPS or part > _LEAST_PART:
            part = max(part * _SHRINK, _LAST_PART)
    return best


def find_lowest(scores: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]) -> float:
    """`min scores·v` over `lower ≤ v ≤ upper`, `Σ v = 1`: fill the cheapest first."""
    order = np.argsort(scores, kind="stable")
    room = np.cumsum((upper - lower)[order])
    left = max(1.0 - float(lower.sum()), 0.0)
    filled = np.diff(np.minimum(room, left), prepend=0.0)
    return float((scores * lower).sum() + (scores[order] * filled).sum())


def _solve_round(
    problem: BalanceProblem, center: NDArray[np.float64], price: float, dual: NDArray[np.float64] | None
) -> tuple[DualPoint, int]:
    """One well-posed problem: the drift from p and the χ² step from `center`, added up to a single square."""
    drift = problem.strength * problem.drift_weights
    step = price / problem.proportions
    both = drift + step
    inner = replace(
        problem.build_quadratic(1.0),
        center=(drift * problem.proportions + step * center) / both,
        spread=0.5 / both,
    )
    return solve_dual(inner, dual, _INNER_TOLERANCE, floor=1e-30, max_steps=_MAX_INNER_STEPS)


def _certify(problem: BalanceProblem, weights: NDArray[np.float64], steps: int) -> ProximalResult:
    miss = problem.labels.shares(weights) - problem.target
    distance = float(problem.class_weights @ miss**2)
    dual = 2.0 * problem.class_weights * miss
    objective = distance + problem.strength * problem.compute_drift(weights)
    if problem.strength > 0:
        bound = evaluate(problem.build_quadratic(problem.strength), dual).bound
    else:
        bound = _bound_distance(problem.build_quadratic(1.0), dual, distance, weights)
    return ProximalResult(weights, dual, objective, min(max(bound, 0.0), objective), steps)


def _bound_distance(
    quadratic: Quadratic, dual: NDArray[np.float64], distance: float, weights: NDArray[np.float64]
) -> float:
    """The Frank–Wolfe bound: the distance is convex, so it lies above the least of its tangent."""
    scores = quadratic.labels.scores(dual)
    lowest = find_lowest(scores, quadratic.lower, quadratic.upper)
    return distance - max(float((scores * weights).sum()) - lowest, 0.0)


def _keep_better(old: ProximalResult, new: ProximalResult) -> ProximalResult:
    """The better weights with the better of both proofs."""
    nearer = new if new.objective <= old.objective else old
    proof = new if new.bound >= old.bound else old
    return ProximalResult(nearer.weights, proof.dual, nearer.objective, proof.bound, new.iterations)
