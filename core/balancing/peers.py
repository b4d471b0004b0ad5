"""The samplers in use today on the same target, each tuned as kindly as possible, beside the optimum.

All of them are free of caps and floors here, and are measured by the squared distance with the problem's
class weights. Copies are expectations: N images drawn with replacement by a sampler's weights.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.balancing.build import build_problem
from core.balancing.descent import Descent
from core.balancing.ml_ros import clone_minorities
from core.balancing.parametrisations import default_settings
from core.balancing.problem import BalanceProblem, compute_ess
from core.balancing.samplers import SAMPLERS
from core.balancing.solve import solve
from core.balancing.strength import compute_strength
from core.balancing.tradeoff import estimate_copies
from core.domain.balance import BalanceSpec, Bounds, Drift
from core.domain.label_table import LabelTable

DEFAULT_DIAL = 0.02
_MET = 1e-12
_GRID = 48
_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
_GOLDEN_STEPS = 30
_RATES = (0.3, 1.0, 3.0, 10.0)
_LOOKS, _LOOK_EVERY = 20, 50  # a thousand steps

_ML_ROS = (
    "ml-ros",
    "ML-ROS",
    "Charte, Rivera, del Jesus and Herrera 2015: random clones of the images of minority labels",
)
_PRESENCE_PEERS = [*((name, item.title, item.source) for name, item in SAMPLERS.items()), _ML_ROS]

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PeerResult:
    """One way to sample, at the number that brings it nearest to T.

    Attributes:
        name: Its key.
        title: What people call it.
        source: Where it comes from.
        parameter: The sign of the number that was tuned.
        value: That number.
        distance: L, squared.
        ess: Effective sample size as a share of N.
        largest_copies: Most copies of one image, in expectation.
        duplicates: Copies beyond the first of an image, in expectation.
        shares: `(C,)` share of images that contain each class.
        worst_miss: Largest `|share − T|` over the columns.
        equal_ess_distance: L of the optimum that keeps at least this effective sample size; no sampler
            whatever can come nearer at that.
        left_out: Why it has no figures (they are NaN); empty for one that could be compared.
    """

    name: str
    title: str
    source: str
    parameter: str
    value: float
    distance: float
    ess: float
    largest_copies: float
    duplicates: float
    shares: Vector
    worst_miss: float
    equal_ess_distance: float
    left_out: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether this is the balancer of this program, not a peer."""
        return self.name in {"optimum", "own-optimum"}

    @property
    def ratio(self) -> float:
        """How many times farther from T than the optimum of equal effective sample size; 1 if both meet T."""
        if self.distance <= _MET:
            return 1.0
        return self.distance / self.equal_ess_distance if self.equal_ess_distance > 0 else np.inf


def compare_peers(
    problem: BalanceProblem, seed: int = 0, report: Callable[[int, int], None] = lambda done, total: None
) -> list[PeerResult]:
    """Tune every sampler to T, and set the optimum beside them.

    The samplers and ML-ROS know nothing but presence: where columns hold pixel shares they have no figures.

    Args:
        problem: Names T and the class weights; its bounds, drift and price play no part.
        seed: Draws the clones of ML-ROS.
        report: Is told steps done and steps in all; may raise to stop.

    Returns:
        The original set, the peers, and last the optimum at the default dial (γ̂ = 0.02, χ²).
    """
    free = replace(
        problem,
        distance_kind="squared",
        drift_kind="chi2",
        strength=0.0,
        total=problem.images,
        fewest=np.zeros_like(problem.fewest),
        most=np.full_like(problem.most, problem.images),
    )
    if not _knows_presence(problem):
        peers = [partial(_leave_out, free, *peer) for peer in _PRESENCE_PEERS]
    else:
        peers = [*(partial(_tune, free, name) for name in SAMPLERS), partial(_clone, free, seed)]
    total = len(peers) + len(_RATES) * _LOOKS
    found = [_keep(free)]
    for done, peer in enumerate(peers):
        report(done, total)
        found.append(peer())
    found.append(_descend(free, lambda looks: report(len(peers) + looks, total)))
    report(total, total)
    return [*found, _balance(free)]


def _knows_presence(problem: BalanceProblem) -> bool:
    """Whether every column says in 0 and 1 whether a class is present."""
    return bool((problem.labels.rows.data == 1.0).all())


def _leave_out(problem: BalanceProblem, name: str, title: str, source: str) -> PeerResult:
    """A peer that cannot be asked: a sampler that looks at presence has nothing to tune pixels by."""
    why = "Knows only whether an image holds a class, not how many pixels of it."
    nothing = _describe(problem, name, title, source, "", np.nan, np.full_like(problem.proportions, np.nan))
    return replace(nothing, left_out=why)


def compare_on_table(
    table: LabelTable, spec: BalanceSpec, report: Callable[[int, int], None] = lambda done, total: None
) -> list[PeerResult]:
    """`compare_peers` for a spec's T, with the spec's own optimum as the last line where it is another one.

    Raises:
        TargetError: the target or a setting breaks a rule.
        InfeasibleError: size, caps and floors contradict each other.
    """
    usual = spec.model_copy(update={"bounds": Bounds(), "drift": Drift(), "distance": "squared"})
    problem = build_problem(table, usual)
    found = compare_peers(problem, spec.seed, report)
    if (spec.bounds, spec.drift, spec.distance) == (usual.bounds, usual.drift, usual.distance):
        return found
    own = build_problem(table, spec, problem.labels)
    dial = own.strength / own.unit_strength
    source = "The proved optimum with your price of drift, caps and distance, drawn N times"
    name, title = "own-optimum", "Optimum at your settings"
    return [*found, _describe(problem, name, title, source, "γ̂", dial, solve(own).weights)]


def tune_parameter(
    measure: Callable[[float], float], least: float, most: float, is_log: bool
) -> tuple[float, float]:
    """The parameter with the lowest measure: the best of a grid, then golden sections between its neighbours.

    Returns:
        The parameter and its measure; never worse than the best of the grid.
    """
    if not least < most:
        return least, measure(least)
    change = np.exp if is_log else float
    start, end = (np.log(least), np.log(most)) if is_log else (least, most)
    places = np.linspace(start, end, _GRID)
    values = [measure(float(change(place))) for place in places]
    best = int(np.argmin(values))
    found = (float(change(places[best])), values[best])
    low, high = float(places[max(best - 1, 0)]), float(places[min(best + 1, _GRID - 1)])
    for _ in range(_GOLDEN_STEPS):
        tried = sorted((high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)))
        one, other = ((float(change(place)), measure(float(change(place)))) for place in tried)
        low, high = (low, tried[1]) if one[1] <= other[1] else (tried[0], high)
        found = min(found, one, other, key=lambda item: item[1])
    return found


def _keep(problem: BalanceProblem) -> PeerResult:
    source = "Every image once"
    return _describe(problem, "original", "Original set", source, "", np.nan, problem.proportions)


def _tune(problem: BalanceProblem, name: str) -> PeerResult:
    sampler = SAMPLERS[name]

    def measure(value: float) -> float:
        return problem.compute_distance(problem.labels.shares(sampler.compute_weights(problem, value)))

    value, _ = tune_parameter(measure, *sampler.find_range(problem), sampler.scale == "log")
    weights = sampler.compute_weights(problem, value)
    return _compare(
        problem,
        _describe(problem, name, sampler.title, sampler.source, sampler.parameter, value, weights),
    )


def _clone(problem: BalanceProblem, seed: int) -> PeerResult:
    copies, share = clone_minorities(problem, seed)
    starts = np.cumsum(problem.multiplicities) - problem.multiplicities
    weights = np.add.reduceat(copies, starts) / copies.sum()
    found = _describe(problem, *_ML_ROS, "share of clones", share, weights)
    drawn = copies * (copies.size / copies.sum())  # images of one group have different numbers of clones
    found = replace(
        found,
        ess=float(1.0 / np.mean(drawn**2)),
        largest_copies=float(drawn.max()),
        duplicates=float(np.maximum(drawn - 1.0, 0.0).sum()),
    )
    return _compare(problem, found)


def _descend(problem: BalanceProblem, report: Callable[[int], None]) -> PeerResult:
    """The published descent without drift, at several learning rates; its best moment counts."""
    asked = replace(problem, distance_kind="euclidean", drift_kind="published")
    best, least, rate = problem.proportions, np.inf, np.nan
    optimum = solve(asked)
    for number, lr in enumerate(_RATES):
        settings = default_settings("reference").model_copy(update={"lr": lr})
        descent = Descent(asked, settings, optimum=optimum)
        for look in range(_LOOKS):
            report(number * _LOOKS + look)
            state = descent.advance(_LOOK_EVERY)
            if state.distance < least:
                best, least, rate = state.weights, state.distance, lr
    source = "The published implementation: Adam on α in 5…10⁴, un-squared distance, 1000 steps"
    found = _describe(problem, "reference-descent", "Reference descent", source, "lr", rate, best)
    return _compare(problem, found)


def _balance(problem: BalanceProblem) -> PeerResult:
    strength = compute_strength(problem, Drift(value=DEFAULT_DIAL))
    weights = solve(problem.with_strength(strength)).weights
    source = "The proved optimum at the default price of drift"
    return _describe(problem, "optimum", "Optimum", source, "γ̂", DEFAULT_DIAL, weights)


def _describe(
    problem: BalanceProblem,
    name: str,
    title: str,
    source: str,
    parameter: str,
    value: float,
    weights: Vector,
) -> PeerResult:
    shares = problem.labels.shares(weights)
    distance = problem.compute_distance(shares)
    ess = compute_ess(weights, problem.proportions)
    largest, duplicates = estimate_copies(problem, weights)
    worst = float(np.abs(shares - problem.target).max(initial=0.0))
    return PeerResult(
        name, title, source, parameter, value, distance, ess, largest, duplicates, shares, worst, distance
    )


def _compare(problem: BalanceProblem, found: PeerResult) -> PeerResult:
    """Add L of the optimum that keeps at least the same effective sample size."""
    dial = Drift(strength="min_ess", value=min(found.ess, 1.0))
    optimum = solve(problem.with_strength(compute_strength(problem, dial)))
    return replace(found, equal_ess_distance=optimum.distance)
