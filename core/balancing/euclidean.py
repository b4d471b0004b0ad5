"""The un-squared distance, as the published implementation minimises it.

`√L = min over τ > 0 of L/(2τ) + τ/2`, so F becomes a squared problem with the strength `2τc`, and τ a single
unknown: the best τ is √L at the answer itself. The minimum over `w` is convex in τ, so the sign of `τ² −
L(w_τ)` says on which side the best τ lies. Where a small enough drift lets T be met exactly, τ runs to 0 and
is stopped at a part of the original distance that nobody can see; the certificate stays honest, it is
computed for the un-squared objective.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.balancing.newton import DualPoint, evaluate, solve_dual
from core.balancing.problem import BalanceProblem

_LEAST_TAU = 1e-9
_MAX_ROUNDS, _MAX_INNER_STEPS = 40, 200
_STRIDE = 4.0  # fixed-point steps are lengthened where the secant fails: τ is then on its way to 0
_INNER_TOLERANCE = 1e-13


@dataclass(frozen=True, slots=True)
class EuclideanResult:
    """The best weights seen, the dual that proves them, and how far apart the two are."""

    weights: NDArray[np.float64]
    dual: NDArray[np.float64]
    gap: float
    iterations: int


def solve_euclidean(
    problem: BalanceProblem, start: NDArray[np.float64] | None, tolerance: float
) -> EuclideanResult:
    """Minimise `√L + c·drift`, c > 0, to a relative gap of `tolerance` where rounding allows."""
    if problem.original_distance <= problem.least_distance:
        nothing = np.zeros_like(problem.target)
        return EuclideanResult(problem.proportions, nothing, problem.original_distance, 0)
    search = _TauSearch(problem.original_distance)
    best = EuclideanResult(problem.proportions, np.zeros_like(problem.target), np.inf, 0)
    lowest, bound = np.inf, -np.inf
    dual = None if start is None else 2.0 * search.tau * start
    for _ in range(_MAX_ROUNDS):
        tau = max(search.tau, 1e-300)
        quadratic = problem.build_quadratic(max(2.0 * tau * problem.strength, 1e-300))
        point, used = solve_dual(quadratic, dual, _INNER_TOLERANCE, floor=1e-30, max_steps=_MAX_INNER_STEPS)
        objective = problem.compute_objective(point.weights)
        proved, candidate = _find_proof(problem, point.y / (2.0 * tau))
        weights = point.weights if objective < lowest else best.weights
        proof = candidate if proved > bound else best.dual
        lowest, bound = min(lowest, objective), max(bound, proved)
        best = EuclideanResult(weights, proof, max(lowest - bound, 0.0), best.iterations + used)
        if best.gap <= tolerance * max(bound, problem.least_distance):
            break
        search.narrow(_compute_length(problem, point))
        dual = point.y * (search.tau / tau)
    return best


class _TauSearch:
    """Bracketed secant search, on logarithms, for the τ that equals the distance it leads to."""

    def __init__(self, original_distance: float) -> None:
        self.tau = original_distance
        self._low = _LEAST_TAU * original_distance
        self._high = original_distance
        self._last: tuple[float, float] | None = None

    def narrow(self, length: float) -> None:
        """Take in that the present τ led to the distance `length`, and choose the next τ."""
        if self.tau > length:
            self._high = self.tau
        else:
            self._low = self.tau
        here = (float(np.log(self.tau)), float(np.log(max(length, 1e-300) / self.tau)))
        low, high = float(np.log(self._low)), float(np.log(self._high))
        steps = (self._cross_zero(here), here[0] + _STRIDE * here[1], 0.5 * (low + high))
        self.tau = float(np.exp(next((step for step in steps if low < step < high), high)))
        self._last = here

    def _cross_zero(self, here: tuple[float, float]) -> float:
        """The log τ at which the secant through the last two points vanishes; at first, the distance."""
        if self._last is None:
            return here[0] + here[1]
        rise = here[1] - self._last[1]
        return here[0] - here[1] * (here[0] - self._last[0]) / rise if rise else np.nan


def _compute_length(problem: BalanceProblem, point: DualPoint) -> float:
    return float(np.sqrt(problem.class_weights @ (point.shares - problem.target) ** 2))


def _find_proof(problem: BalanceProblem, y: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """The better of two bounds: `y` on the edge of the ball `Σ y²/ω ≤ 1`, and `y` itself if inside.

    Outside the ball the conjugate of the distance is infinite. Where T is missed the best `y` is on the edge.
    """
    length = float(np.sqrt(y @ (y / problem.class_weights)))
    candidates = [y / max(length, 1e-300)]
    if length < 1.0:
        candidates.append(y)
    bounds = [_compute_bound(problem, candidate) for candidate in candidates]
    best = int(np.argmax(bounds))
    return bounds[best], candidates[best]


def _compute_bound(problem: BalanceProblem, y: NDArray[np.float64]) -> float:
    """The dual value of the un-squared objective: that of the squared one without its quadratic term."""
    point = evaluate(problem.build_quadratic(problem.strength), y)
    return point.bound + float(y @ (y / (4.0 * problem.class_weights)))
