"""One balance from end to end: the continuous answer with its proof, and the whole copies made from it."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import balancing
from core.balancing import BalanceProblem, BalanceSolution, Reach
from core.domain.balance import BalanceSpec
from core.domain.label_table import LabelTable

# A descent's gap is looked at this often, in steps; looking costs about as much as three steps.
_FRAME = 20


@dataclass(frozen=True, slots=True)
class Continuous:
    """The continuous solution that the whole copies are made from.

    Attributes:
        weights: `(K,)` share of each label vector in the balanced set; the sum is 1.
        shares: `(C,)` share of images that contain each class, in [0, 1].
        distance: L, the distance to the target, of the kind that the spec names.
        drift: RL, of the kind that the spec names.
        objective: L + c·RL.
        relative_gap: (objective - proved bound) / proved bound.
        ess: Kish's effective sample size as a share of N, in [0, 1].
        converged: Whether the method reached its own end.
    """

    weights: NDArray[np.float64]
    shares: NDArray[np.float64]
    distance: float
    drift: float
    objective: float
    relative_gap: float
    ess: float
    converged: bool


@dataclass(frozen=True, slots=True)
class WholeBalance:
    """Whole copies of images.

    Attributes:
        copies: `(N,)` int64 copies of each image; 0 drops it.
        group_copies: `(K,)` int64 copies of each label vector, over all its images.
        shares: `(C,)` achieved share of images that contain each class, in [0, 1].
        total: Images in the balanced set, `Σ copies`.
        duplicates: Copies beyond the first, `Σ max(copies - 1, 0)`.
        dropped: Images with no copy.
        max_copies: Most copies of one image.
        ess: Kish's effective sample size of the copies as a share of N, `(Σx)² / (N·Σx²)`.
        worst_error_images: Largest miss of a class against the continuous solution, in images.
        distance: L of the achieved shares.
    """

    copies: NDArray[np.int64]
    group_copies: NDArray[np.int64]
    shares: NDArray[np.float64]
    total: int
    duplicates: int
    dropped: int
    max_copies: int
    ess: float
    worst_error_images: float
    distance: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished balance: what was asked, what came out, and how good it can be called.

    `reach` is None where nobody has asked for it: with a hundred classes it takes seconds.
    """

    table: LabelTable
    spec: BalanceSpec
    problem: BalanceProblem
    optimum: BalanceSolution
    continuous: Continuous
    reach: Reach | None
    whole: WholeBalance
    warnings: tuple[str, ...]
    seconds: float


def solve(table: LabelTable, spec: BalanceSpec) -> Outcome:
    """Balance once, by the method that the spec names.

    Raises:
        TargetError: the target or a setting breaks a rule.
        InfeasibleError: size, caps and floors contradict each other.
    """
    start = time.perf_counter()
    balancing.check_spec(table, spec)
    problem = balancing.build_problem(table, spec)
    optimum = balancing.solve(problem)
    reached = _descend(problem, optimum, spec) if spec.method == "descent" else from_solution(optimum, spec)
    whole = make_whole(table, problem, spec, reached.weights)
    reach = balancing.assess_reach(table, problem)
    seconds = time.perf_counter() - start
    warnings = tuple(balancing.find_warnings(table, spec))
    return Outcome(table, spec, problem, optimum, reached, reach, whole, warnings, seconds)


def solve_part(
    table: LabelTable, spec: BalanceSpec, samples: NDArray[np.intp]
) -> tuple[Outcome, tuple[str, ...]]:
    """Solve a spec anew on some samples, such as the training part of a fold, B in proportion.

    Args:
        table: The whole dataset.
        spec: What was asked of it.
        samples: Positions; the outcome's table and copies are in their order.

    Returns:
        The outcome, and what the part could not be asked for, in sentences.

    Raises:
        TargetError: See `solve`.
        InfeasibleError: See `solve`.
    """
    part = balancing.restrict_table(table, samples)
    part_spec, notes = balancing.restrict_spec(table, spec, part)
    return solve(part, part_spec), tuple(notes)


def from_solution(optimum: BalanceSolution, spec: BalanceSpec) -> Continuous:
    """The proved optimum as the continuous solution."""
    drift = optimum.drift_chi2 if spec.drift.kind == "chi2" else optimum.drift_published
    return Continuous(
        weights=optimum.weights,
        shares=optimum.shares,
        distance=optimum.distance,
        drift=drift,
        objective=optimum.objective,
        relative_gap=optimum.relative_gap,
        ess=optimum.ess,
        converged=optimum.converged,
    )


def from_state(state: balancing.DescentState, spec: BalanceSpec) -> Continuous:
    """A descent's present state as the continuous solution."""
    return Continuous(
        weights=state.weights,
        shares=state.shares,
        distance=state.distance,
        drift=state.drift_chi2 if spec.drift.kind == "chi2" else state.drift_published,
        objective=state.objective,
        relative_gap=state.relative_gap,
        ess=state.ess,
        converged=state.converged,
    )


def _descend(problem: BalanceProblem, optimum: BalanceSolution, spec: BalanceSpec) -> Continuous:
    descent = balancing.Descent(problem, spec.descent, optimum=optimum)
    state = descent.state
    while state.step < spec.descent.steps and not state.converged:
        state = descent.advance(min(_FRAME, spec.descent.steps - state.step))
    return from_state(state, spec)


def make_whole(
    table: LabelTable, problem: BalanceProblem, spec: BalanceSpec, weights: NDArray[np.float64]
) -> WholeBalance:
    """Whole copies from continuous shares: exact total, caps and floors kept.

    Args:
        table: The label vectors.
        problem: The problem that the weights answer.
        spec: Names B, the cap, and the seed of the remainders.
        weights: `(K,)` shares of the label vectors.
    """
    total = spec.bounds.total or len(table.sample_ids)
    rounded = balancing.round_copies(problem, weights, total)
    copies = balancing.spread_copies(table, rounded.copies, spec.seed, spec.bounds)
    summary = balancing.summarise_copies(copies)
    return WholeBalance(
        copies=copies,
        group_copies=rounded.copies,
        shares=rounded.shares,
        total=summary.total,
        duplicates=summary.duplicates,
        dropped=summary.dropped,
        max_copies=summary.max_copies,
        ess=summary.ess,
        worst_error_images=rounded.worst_error_images,
        distance=rounded.distance,
    )
