"""The curve that a person chooses γ from, with the point where they are."""

from dataclasses import dataclass

from core import balancing
from core.balancing import TradeoffCurve
from core.domain.balance import BalanceSpec, DescentSettings, Drift
from core.domain.label_table import LabelTable
from core.services.balance.live import LiveBalance


@dataclass(frozen=True, slots=True)
class TradeoffPoint:
    """Where a spec's optimum stands: γ̂, the distance L, and the effective sample size as a share of N."""

    dial: float
    distance: float
    ess: float


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """Distance against effective sample size.

    Attributes:
        curve: Proved optima from next to no drift to the original set.
        original_distance: L of the original set, where the effective sample size is 1.
    """

    curve: TradeoffCurve
    original_distance: float


def compute_tradeoff(table: LabelTable, spec: BalanceSpec, points: int = 25) -> Tradeoff:
    """The curve for T, drift kind, distance, caps and floors of a spec; its own price of drift plays no part.

    Raises:
        TargetError: the target or a setting breaks a rule.
        InfeasibleError: size, caps and floors contradict each other.
    """
    problem = balancing.build_problem(table, without_dial(spec))
    return Tradeoff(balancing.compute_tradeoff(problem, points), problem.original_distance)


def without_dial(spec: BalanceSpec) -> BalanceSpec:
    """The spec with everything at its default that does not move the curve: equal for equal curves."""
    usual = {
        "drift": Drift(kind=spec.drift.kind),
        "descent": DescentSettings(),
        "seed": 0,
        "method": "optimum",
    }
    return spec.model_copy(update=usual)


def find_point(live: LiveBalance) -> TradeoffPoint:
    """Where the optimum of a running descent stands."""
    return TradeoffPoint(live.dial, live.optimum.distance, live.optimum.ess)


def take_point(spec: BalanceSpec, curve: TradeoffCurve, place: int) -> BalanceSpec:
    """The spec at the γ̂ of one point of its curve."""
    drift = Drift(kind=spec.drift.kind, strength="relative", value=float(curve.dial[place]))
    return spec.model_copy(update={"drift": drift})
