"""One strictly convex balance, solved on its dual: only C unknowns, however many images there are.

    minimise  Σ_j ω_j (Aᵀw − T)_j² + Σ_i (w_i − q_i)² / (2 D_i)   over  lo ≤ w ≤ hi,  Σ w = 1

The first sum is written as its conjugate, `max_y y·(Aᵀw − T) − Σ y_j²/(4 ω_j)`; for a given `y` the best `w`
is a clipped line in one number μ, which is found so that `Σ w = 1`. What remains is a smooth concave function
of `y` whose derivative is piecewise linear: a semismooth Newton method (Qi and Sun 1993; Li, Sun and Toh 2018
use the same idea for the lasso) ends in a few steps. At any `y` the primal value minus the dual value is
exactly `Σ_j ω_j r_j²`, r being the gradient, so the certificate suffers no cancellation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.balancing.labels import LabelMatrix

# Sums over the K groups are written (a * b).sum(): a BLAS product of long vectors starts threads, and waits
# for them a hundred times longer than it works wherever the processors are busy, as they are beside a
# training run.
_MAX_ROOT_STEPS = 200
_SUM_TOLERANCE, _SUM_NOISE = 1e-13, 1e-15
_MAX_HALVINGS = 40
_ARMIJO = 1e-4
_DAMPING = 1e-13

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quadratic:
    """The problem above: `center` q, `spread` D > 0, `lower`, `upper` `(K,)`; T and ω `(C,)`."""

    labels: LabelMatrix
    target: Vector
    class_weights: Vector
    center: Vector
    spread: Vector
    lower: Vector
    upper: Vector

    def start(self) -> Vector:
        """The `y` that would be right if `w = q` were: a start for the first solve."""
        return 2.0 * self.class_weights * (self.labels.shares(self.center) - self.target)


@dataclass(frozen=True, slots=True)
class DualPoint:
    """All that is known at one `y`.

    Attributes:
        y: `(C,)` dual variables.
        mu: The multiplier of `Σ w = 1`.
        weights: `(K,)` the feasible `w` that answers `y`.
        shares: `(C,)` `Aᵀw`.
        gradient: `(C,)` of the dual value, which is to be maximised.
        objective: The primal value at `weights`.
        gap: Primal minus dual value, ≥ 0: how far `weights` can be from the best.
    """

    y: Vector
    mu: float
    weights: Vector
    shares: Vector
    gradient: Vector
    objective: float
    gap: float

    @property
    def bound(self) -> float:
        """The dual value: no feasible `w` has a lower objective."""
        return self.objective - self.gap


def solve_dual(
    problem: Quadratic, start: Vector | None, tolerance: float, floor: float, max_steps: int = 300
) -> tuple[DualPoint, int]:
    """Maximise the dual until `gap ≤ tolerance · max(bound, floor)`.

    Returns:
        The best point seen and the number of Newton steps. It is feasible and its gap honest even where
        `max_steps` ran out.
    """
    point = evaluate(problem, problem.start() if start is None else start)
    best = point
    for step in range(max_steps):
        if best.gap <= tolerance * max(best.bound, floor):
            return best, step
        moved = _search(problem, point, _newton_direction(problem, point))
        if moved is None:
            return best, step
        point = moved
        if point.gap < best.gap:
            best = point
    return best, max_steps


def evaluate(problem: Quadratic, y: Vector, mu: float | None = None) -> DualPoint:
    """Answer `y` with the best `w`, and say how far apart the two values are.

    `mu` is the multiplier of a point nearby. The scores are shifted by it first: what all rows have in common
    would otherwise swamp what tells them apart, once it is multiplied by a large D.
    """
    scores = problem.labels.scores(y)
    near = -float(scores.mean()) if mu is None else mu
    line = problem.center - problem.spread * (scores + near)
    rest, weights = _fit_sum(line, problem.spread, problem.lower, problem.upper)
    mu = near + rest
    shares = problem.labels.shares(weights)
    miss = shares - problem.target
    gradient = miss - y / (2.0 * problem.class_weights)
    moved = weights - problem.center
    objective = problem.class_weights @ miss**2 + 0.5 * float((moved * moved / problem.spread).sum())
    gap = float(problem.class_weights @ gradient**2)
    return DualPoint(y, mu, weights, shares, gradient, float(objective), gap)


def _fit_sum(line: Vector, spread: Vector, lower: Vector, upper: Vector) -> tuple[float, Vector]:
    """Find μ with `Σ clip(line − spread·μ, lower, upper) = 1`, by Newton steps on falling, linear pieces.

    The caller has checked `Σ lower ≤ 1 ≤ Σ upper`.
    """
    low, high, mu = -np.inf, np.inf, 0.0
    weights = _clip(line, lower, upper)
    for _ in range(_MAX_ROOT_STEPS):
        excess = float(weights.sum()) - 1.0
        if abs(excess) <= _SUM_TOLERANCE:
            break
        low, high = (mu, high) if excess > 0 else (low, mu)
        slope = float((spread * ((weights > lower) & (weights < upper))).sum())
        following = mu + excess / slope if slope > 0 else np.nan
        if following == mu:  # μ has no finer steps; `_settle` takes up the rest
            break
        if not low < following < high:
            following = (float(line.sum()) - 1.0) / float(spread.sum())  # as if no row were clipped
        if not low < following < high:
            following = _bisect(line, spread, lower, upper, low, high)
        mu = following
        weights = _clip(line - spread * mu, lower, upper)
    return mu, _settle(weights, lower, upper)


def _clip(values: Vector, lower: Vector, upper: Vector) -> Vector:
    """`np.clip` without its overhead, which short vectors feel."""
    raised = np.maximum(values, lower)
    return np.minimum(raised, upper, out=raised)


def _settle(weights: Vector, lower: Vector, upper: Vector) -> Vector:
    """Take up what the resolution of μ has left of the sum, with the unclipped rows as far as they can."""
    excess = float(weights.sum()) - 1.0
    if abs(excess) <= _SUM_NOISE:
        return weights
    room = weights - lower if excess > 0 else upper - weights
    inner = np.where((weights > lower) & (weights < upper), room, 0.0)
    if float(inner.sum()) >= abs(excess):
        room = inner
    return np.clip(weights - excess * room / max(float(room.sum()), 1e-300), lower, upper)


def _bisect(line: Vector, spread: Vector, lower: Vector, upper: Vector, low: float, high: float) -> float:
    """The middle of a bracket; an open side is first closed at the outermost kink."""
    if not np.isfinite(low):
        low = float(np.min((line - upper) / spread))
    if not np.isfinite(high):
        high = float(np.max((line - lower) / spread))
    return 0.5 * (low + high)


def _newton_direction(problem: Quadratic, point: DualPoint) -> Vector:
    """Solve `(½ diag(1/ω) + Aᵀ(diag(D) − DDᵀ/ΣD)A) step = gradient`, D on the unclipped rows only."""
    free = (point.weights > problem.lower) & (point.weights < problem.upper)
    spread = np.where(free, problem.spread, 0.0)
    hessian = problem.labels.gram(spread)
    total = float(spread.sum())
    if total > 0:
        pull = problem.labels.shares(spread)
        hessian -= np.outer(pull, pull / total)
    hessian.flat[:: point.y.size + 1] += 0.5 / problem.class_weights  # the diagonal
    return _solve_damped(hessian, point.gradient)


def _solve_damped(matrix: Vector, right: Vector) -> Vector:
    """Solve; where rounding has swallowed the ½ on the diagonal, with just enough of it to solve at all."""
    try:
        step = np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        damping = _DAMPING * float(np.abs(np.diagonal(matrix)).max())
        step = np.linalg.solve(matrix + damping * np.eye(right.size), right)
    return step.astype(np.float64, copy=False)


def _search(problem: Quadratic, point: DualPoint, direction: Vector) -> DualPoint | None:
    """Halve the step until the dual value rises enough; None where rounding leaves nothing to gain.

    Near the end the rise drowns in rounding, while the gap does not: a step that shrinks the gap and does not
    lower the value by more than rounding is taken too.
    """
    rise = float(point.gradient @ direction)
    if rise <= 0.0:  # rounding has used the direction up
        return None
    noise = 1e-14 * max(abs(point.objective), abs(point.bound))
    length = 1.0
    for _ in range(_MAX_HALVINGS):
        trial = evaluate(problem, point.y + length * direction, point.mu)
        gain = trial.bound - point.bound
        if gain >= _ARMIJO * length * rise or (gain >= -noise and trial.gap < 0.9 * point.gap):
            return trial
        length *= 0.5
    return None
