"""S1's gradient descent, watched: one state a step, every setting free to change on the way.

The published method is semi-automatic: a person looks at the curve and changes the learning rate, γ and T
until the balance is right. So nothing here is fixed for a run. A change takes effect at the next step, from
the weights of the last; only the optimum, which says how near the descent is, is solved again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.balancing.adam import Adam
from core.balancing.parametrisations import FORMS
from core.balancing.problem import (
    BalanceProblem,
    compute_chi2,
    compute_ess,
    compute_published_drift,
)
from core.balancing.retraction import find_free, retract
from core.balancing.solve import BalanceSolution, solve
from core.domain.balance import DescentSettings

CONVERGED_GAP = 1e-6
_CHECK_EVERY = 20
_STALL_CHECKS = 10
_STALL_PROGRESS = 0.99
_STALL_BETA2 = 0.999


@dataclass(frozen=True, slots=True)
class DescentState:
    """Where a descent is.

    Attributes:
        step: Steps taken.
        alpha: `(K,)` α, copies per group before scaling to B.
        weights: `(K,)` α/Σα, feasible.
        total_alpha: Σα.
        shares: `(C,)` share of images that contain each class.
        distance: L, squared or Euclidean as the problem asks.
        drift_chi2: `Σ (w−p)²/p`.
        drift_published: `Σ (w−p)²`.
        penalty: c times the chosen drift.
        objective: F = distance + penalty.
        ess: Effective sample size as a share of N.
        gap: F minus the proved bound, ≥ 0.
        relative_gap: The gap as a part of the bound, as in `BalanceSolution`.
        beta2: The β₂ in use; raised to 0.999 while stalled.
        converged: Whether the relative gap is ≤ 1e-6.
        stalled: Whether the gap has shrunk by less than 1 % in the last 200 steps.
    """

    step: int
    alpha: NDArray[np.float64]
    weights: NDArray[np.float64]
    total_alpha: float
    shares: NDArray[np.float64]
    distance: float
    drift_chi2: float
    drift_published: float
    penalty: float
    objective: float
    ess: float
    gap: float
    relative_gap: float
    beta2: float
    converged: bool
    stalled: bool


class Descent:
    """A running descent: iterate it, or `advance` it by many steps at once."""

    def __init__(
        self,
        problem: BalanceProblem,
        settings: DescentSettings,
        start: NDArray[np.float64] | None = None,
        optimum: BalanceSolution | None = None,
    ) -> None:
        """Begin.

        Args:
            problem: What to minimise.
            settings: Adam's settings; `settings.start` names the start value.
            start: `(K,)` α to begin with, needed for `settings.start == "current"`.
            optimum: The solution of `problem`, where it is known already.
        """
        self._problem = problem
        self._settings = settings
        self._optimum = optimum
        self._step = 0
        self._gaps: list[float] = []
        self._stalled = False
        self._place(self._start_alpha(start))

    def __iter__(self) -> Iterator[DescentState]:
        """The descent itself."""
        return self

    def __next__(self) -> DescentState:
        """One step; ends when the step limit is reached or the optimum is met."""
        if self._step >= self._settings.steps or self.state.converged:
            raise StopIteration
        return self.advance(1)

    @property
    def optimum(self) -> BalanceSolution:
        """The proved optimum of the present problem; solved when first asked for."""
        if self._optimum is None:
            self._optimum = solve(self._problem)
        return self._optimum

    @property
    def state(self) -> DescentState:
        """Where the descent is now."""
        problem = self._problem
        distance = problem.compute_distance(self._shares)
        chi2 = compute_chi2(self._weights, problem.proportions)
        published = compute_published_drift(self._weights, problem.proportions)
        penalty = problem.strength * (chi2 if problem.drift_kind == "chi2" else published)
        gap = max(distance + penalty - self.optimum.bound, 0.0)
        relative_gap = gap / max(self.optimum.bound, self._least_distance)
        return DescentState(
            step=self._step,
            alpha=self._alpha,
            weights=self._weights,
            total_alpha=float(self._alpha.sum()),
            shares=self._shares,
            distance=distance,
            drift_chi2=chi2,
            drift_published=published,
            penalty=penalty,
            objective=distance + penalty,
            ess=compute_ess(self._weights, problem.proportions),
            gap=gap,
            relative_gap=relative_gap,
            beta2=self._beta2,
            converged=relative_gap <= CONVERGED_GAP,
            stalled=self._stalled,
        )

    def advance(self, steps: int) -> DescentState:
        """Take up to `steps` steps and say where they led.

        It rests once the optimum is met, which is looked for every 20 steps: Adam without rest would leave it
        again, since it divides a vanishing gradient by its own size.
        """
        state = self.state
        for _ in range(steps):
            if state.converged:
                break
            self._take_step()
            if self._step % _CHECK_EVERY == 0:
                state = self.state
                self._look_for_stall(state.gap)
        return self.state

    def adjust(
        self,
        problem: BalanceProblem | None = None,
        settings: DescentSettings | None = None,
        optimum: BalanceSolution | None = None,
    ) -> Self:
        """Change T, γ, bounds or settings; the descent goes on from the present weights.

        Args:
            problem: Another problem over the same label vectors.
            settings: Other settings; another parametrisation starts Adam's moments afresh.
            optimum: The solution of `problem`, where it is known already.
        """
        moved = settings is not None and settings.parametrisation != self._settings.parametrisation
        if problem is not None:
            self._problem, self._optimum = problem, optimum
        if settings is not None:
            self._settings = settings
        self._gaps, self._stalled = [], False
        if moved or problem is not None:
            self._place(self._alpha, keep_moments=not moved)
        return self

    def place(self, weights: NDArray[np.float64]) -> Self:
        """Go on from other weights, as near to them as the parametrisation can stand.

        Args:
            weights: `(K,)` shares of the groups, whose sum is 1.
        """
        self._gaps, self._stalled = [], False
        self._place(weights * float(self._alpha.sum()))
        return self

    @property
    def _beta2(self) -> float:
        return max(self._settings.beta2, _STALL_BETA2) if self._stalled else self._settings.beta2

    def _start_alpha(self, start: NDArray[np.float64] | None) -> NDArray[np.float64]:
        constant = self._settings.start_constant
        if self._settings.start == "current":
            if start is None:
                raise ValueError("the start value 'current' needs the present copies as `start`")
            return start.astype(np.float64)
        if self._settings.start == "multiplicity":
            return constant * self._problem.multiplicities.astype(np.float64)
        return np.full(self._problem.multiplicities.size, constant, dtype=np.float64)

    def _place(self, alpha: NDArray[np.float64], keep_moments: bool = False) -> None:
        """Stand at `alpha`, in the form of the present parametrisation and within the present bounds."""
        problem = self._problem
        self._form = FORMS[self._settings.parametrisation]
        self._bounds = (problem.lower, problem.upper) if problem.is_bounded else None
        self._drift_weights = problem.drift_weights
        self._least_distance = problem.least_distance
        if not keep_moments:
            self._adam = Adam(alpha.size)
        self._move_to(self._form.project(self._form.from_alpha(problem, alpha)))

    def _move_to(self, x: NDArray[np.float64]) -> None:
        self._x = x
        self._alpha = self._form.to_alpha(self._problem, x)
        total = float(self._alpha.sum())
        if (
            total <= 0.0
        ):  # every ratio was projected to zero: nothing tells the groups apart, so begin at p again
            total, self._alpha = float(self._problem.images), self._problem.multiplicities.astype(np.float64)
            self._x = self._form.from_alpha(self._problem, self._alpha)
        self._weights = self._alpha / total
        if self._bounds is not None:
            self._weights = retract(self._weights, *self._bounds)
            self._alpha = total * self._weights
            self._x = self._form.from_alpha(self._problem, self._alpha)
        self._shares = self._problem.labels.shares(self._weights)

    def _take_step(self) -> None:
        settings = self._settings
        gradient = self._form.chain(
            self._problem, self._weights, float(self._alpha.sum()), self._compute_pull()
        )
        change = self._adam.step(gradient, settings.lr, settings.beta1, self._beta2, settings.eps)
        self._move_to(self._form.project(self._x + change))
        self._step += 1

    def _compute_pull(self) -> NDArray[np.float64]:
        """The gradient in w, less its mean: moving all groups in proportion changes nothing.

        With caps and floors the mean is taken over the groups that can still move, so that the optimum rests.
        """
        problem = self._problem
        dual = 2.0 * problem.class_weights * (self._shares - problem.target)
        if problem.distance_kind == "euclidean":
            distance = problem.compute_distance(self._shares)
            dual = dual / (2.0 * distance) if distance > 0 else np.zeros_like(dual)
        pull = problem.labels.scores(dual)
        pull += 2.0 * problem.strength * self._drift_weights * (self._weights - problem.proportions)
        free = self._weights if self._bounds is None else find_free(self._weights, *self._bounds)
        return pull - float((free * pull).sum()) / float(free.sum())

    def _look_for_stall(self, gap: float) -> None:
        self._gaps.append(gap)
        if len(self._gaps) > _STALL_CHECKS:
            self._stalled = min(self._gaps[-_STALL_CHECKS:]) > _STALL_PROGRESS * min(
                self._gaps[:-_STALL_CHECKS]
            )
