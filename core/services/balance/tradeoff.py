"""The curve that a person chooses γ from, with the point where they are."""

from dataclasses import dataclass

from core import balancing
from core.balancing import TradeoffCurve
from core.domain.balance import BalanceSpec, Drift
from core.domain.label_table import LabelTable


@dataclass(frozen=True, slots=True)
class TradeoffPoint:
    """Where a spec stands: c, γ̂, the distance L, and the effective sample size as a share of N."""

    strength: float
    dial: float
    distance: float
    ess: float


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """Distance against effective sample size.

    Attributes:
        curve: Proved optima from next to no drift to the original set.
        current: The optimum at the spec's own price of drift.
        original_distance: L of the original set, where the effective sample size is 1.
    """

    curve: TradeoffCurve
    current: TradeoffPoint
    original_distance: float


def compute_tradeoff(table: LabelTable, spec: BalanceSpec, points: int = 25) -> Tradeoff:
    """The curve for T, drift kind and bounds of a spec.

    Raises:
        TargetError: the target or a setting breaks a rule.
        InfeasibleError: size, caps and floors contradict each other.
    """
    problem = balancing.build_problem(table, spec)
    curve = balancing.compute_tradeoff(problem, points)
    now = balancing.solve(problem)
    dial = problem.strength / problem.unit_strength
    current = TradeoffPoint(problem.strength, dial, now.distance, now.ess)
    return Tradeoff(curve, current, problem.original_distance)


def take_point(spec: BalanceSpec, curve: TradeoffCurve, place: int) -> BalanceSpec:
    """The spec at the γ̂ of one point of its curve."""
    drift = Drift(kind=spec.drift.kind, strength="relative", value=float(curve.dial[place]))
    return spec.model_copy(update={"drift": drift})
