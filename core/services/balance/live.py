"""The descent that a person watches, and changes while it runs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import balancing
from core.balancing import BalanceSolution, DescentState, Reach
from core.domain.balance import BalanceSpec, Drift
from core.domain.label_table import LabelTable
from core.plans.outcome import (
    Continuous,
    Outcome,
    WholeBalance,
    from_solution,
    from_state,
    make_whole,
)

# A browser draws at most this many points of a curve; beyond it every second point is dropped.
_MAX_POINTS = 2000


@dataclass(frozen=True, slots=True)
class Mark:
    """A change on the way: the step at which it took effect, and what it was."""

    step: int
    text: str


@dataclass(frozen=True, slots=True)
class History:
    """The curves: `(P,)` step, F, L, c·RL, and the proved optimum that was valid at that step."""

    step: NDArray[np.int64]
    objective: NDArray[np.float64]
    distance: NDArray[np.float64]
    penalty: NDArray[np.float64]
    optimum: NDArray[np.float64]


class LiveBalance:
    """A running descent with its past; everything may change while it runs.

    A change of target, γ, drift, bounds, learning rate or Adam's settings takes effect from the present
    state on, and leaves a mark. A refused change raises, and leaves everything as it was.

    Raises:
        TargetError: the target or a setting breaks a rule.
        InfeasibleError: size, caps and floors contradict each other.
    """

    def __init__(self, table: LabelTable, spec: BalanceSpec) -> None:
        balancing.check_spec(table, spec)
        self._table = table
        self._begin(spec)

    def _begin(self, spec: BalanceSpec, present: NDArray[np.float64] | None = None) -> None:
        settings = spec.descent
        if settings.start == "current" and present is None:  # the first descent has nothing to go on from
            settings = settings.model_copy(update={"start": "multiplicity"})
        self._spec = spec
        self._problem = balancing.build_problem(self._table, spec)
        self._optimum = balancing.solve(self._problem)
        self._reach: Reach | None = None
        self._descent = balancing.Descent(self._problem, settings, present, self._optimum)
        self._jumped = False
        self._whole: WholeBalance | None = None
        self._points: list[tuple[int, float, float, float, float]] = []
        self._stride = 1
        self.marks: list[Mark] = []
        self._note()

    @property
    def table(self) -> LabelTable:
        """The rows that are balanced."""
        return self._table

    @property
    def spec(self) -> BalanceSpec:
        """What is asked at present."""
        return self._spec

    @property
    def state(self) -> DescentState:
        """Where the descent is."""
        return self._descent.state

    @property
    def optimum(self) -> BalanceSolution:
        """The proved optimum of what is asked at present."""
        return self._optimum

    @property
    def dial(self) -> float:
        """γ̂ in use: the price of drift in units of the relative dial, also where a wish or c was given."""
        return self._problem.strength / self._problem.unit_strength

    @property
    def reach(self) -> Reach:
        """Whether the target can be reached at all, and why not; found when first asked for.

        With a thousand classes that takes seconds, which no change of a setting should wait for.
        """
        if self._reach is None:
            self._reach = balancing.assess_reach(self._table, self._problem)
        return self._reach

    @property
    def continuous(self) -> Continuous:
        """The present continuous solution: the descent's state, or the optimum after a jump."""
        return (
            from_solution(self._optimum, self._spec) if self._jumped else from_state(self.state, self._spec)
        )

    def apply(self, spec: BalanceSpec) -> None:
        """Go on from here with another target or other settings.

        Raises:
            TargetError: the target or a setting breaks a rule; nothing has changed.
            InfeasibleError: size, caps and floors contradict each other; nothing has changed.
        """
        if spec == self._spec:
            return
        balancing.check_spec(self._table, spec)
        old, solved_for = self._spec, self._problem
        if _asks(spec) != _asks(old):
            problem = balancing.build_problem(self._table, spec)
            optimum = balancing.solve(problem)
            if spec.column_targets != old.column_targets:
                self._reach = None
            self._problem, self._optimum = problem, optimum
        if self._problem is not solved_for or spec.descent != old.descent:
            self._descent.adjust(
                problem=self._problem if self._problem is not solved_for else None,
                settings=spec.descent,
                optimum=self._optimum,
            )
            self._jumped = False
        self._spec = spec
        self._whole = None
        if text := describe_change(old, spec):
            self.marks.append(Mark(self.state.step, text))
            self._note()

    def advance(self, steps: int) -> None:
        """Take steps; does nothing once the step limit is reached."""
        self._descent.advance(max(0, min(steps, self._spec.descent.steps - self.state.step)))
        self._jumped = False
        self._whole = None
        self._note()

    @property
    def over(self) -> bool:
        """Whether more steps would change nothing: converged, at the step limit, or jumped to the optimum."""
        return self._jumped or self.state.converged or self.state.step >= self._spec.descent.steps

    def reset(self) -> None:
        """Begin again from the start value, with the present spec."""
        self._begin(self._spec, self.continuous.weights * self._problem.images)

    def jump(self) -> None:
        """Take the proved optimum as the present state; what changes afterwards goes on from there."""
        self._descent.place(self._optimum.weights)
        self._jumped = True
        self._whole = None
        self.marks.append(Mark(self.state.step, "jump to the optimum"))
        self._note()

    @property
    def history(self) -> History:
        """The curves so far, thinned to what a screen can show."""
        columns = np.array(self._points, dtype=np.float64).reshape(-1, 5).T
        return History(columns[0].astype(np.int64), columns[1], columns[2], columns[3], columns[4])

    def whole(self) -> WholeBalance:
        """Whole copies of the present state; computed once a state."""
        if self._whole is None:
            self._whole = make_whole(self._table, self._problem, self._spec, self.continuous.weights)
        return self._whole

    def outcome(self) -> Outcome:
        """The present state as a finished balance, ready to be kept as a plan."""
        warnings = tuple(balancing.find_warnings(self._table, self._spec))
        return Outcome(
            self._table,
            self._spec,
            self._problem,
            self._optimum,
            self.continuous,
            self._reach,
            self.whole(),
            warnings,
            0.0,
        )

    def _note(self) -> None:
        now = self.continuous
        point = (
            self.state.step,
            now.objective,
            now.distance,
            now.objective - now.distance,
            self._optimum.objective,
        )
        if self._points and self._points[-1][0] == point[0]:
            self._points.append(point)  # a change at one step shows as a vertical stroke
        elif len(self._points) < 2 or point[0] - self._points[-2][0] >= self._stride:
            self._points.append(point)
        else:
            self._points[-1] = point
        if len(self._points) > _MAX_POINTS:
            self._points = [self._points[0], *self._points[1:-1:2], self._points[-1]]
            self._stride *= 2


def _asks(spec: BalanceSpec) -> BalanceSpec:
    """The part of a spec that decides where the optimum is."""
    return spec.model_copy(update={"descent": type(spec.descent)(), "seed": 0, "method": "optimum"})


def describe_change(old: BalanceSpec, new: BalanceSpec) -> str:
    """What changed between two specs, in the few words that fit on a curve."""
    words = _describe_targets(old, new)
    if new.drift.kind != old.drift.kind:
        words.append(f"drift {new.drift.kind}")
    elif new.drift != old.drift:
        words.append(_describe_dial(new.drift))
    if new.distance != old.distance:
        words.append(f"{new.distance} distance")
    if new.bounds != old.bounds:
        words.append("size or caps")
    labels = {"lr": "lr", "beta1": "β₁", "beta2": "β₂", "eps": "ε", "parametrisation": ""}
    for field, label in labels.items():
        value = getattr(new.descent, field)
        if value != getattr(old.descent, field):
            words.append(f"{label} {value:g}" if label else str(value))
    return ", ".join(words)


def _describe_targets(old: BalanceSpec, new: BalanceSpec) -> list[str]:
    before = {item.name: item for item in old.column_targets}
    moved = [item for item in new.column_targets if item != before.get(item.name)]
    if len(moved) > 1:
        same = all(item.share == before[item.name].share for item in moved if item.name in before)
        return [f"{len(moved)} weights" if same else f"{len(moved)} targets"]
    words = []
    for item in moved:
        earlier = before.get(item.name)
        if earlier is None or item.share != earlier.share:
            share = 100 * item.share
            words.append(
                f"{item.name} → {share:.1f} %" if share >= 1 or not share else f"{item.name} → {share:.2g} %"
            )
        if earlier is not None and item.weight != earlier.weight:
            words.append(f"weight of {item.name} → {item.weight:g}")
    return words


def _describe_dial(drift: Drift) -> str:
    return {
        "relative": f"γ {drift.value:.3g}",
        "raw": f"γ {drift.value:.3g}",
        "min_ess": f"effective sample ≥ {100 * drift.value:.0f} %",
        "max_copies": f"copies ≤ {drift.value:.0f}",
    }[drift.strength]
