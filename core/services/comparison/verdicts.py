"""What may be believed: differences against the spread of the folds, and classes that collapsed."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.metrics import Collapse, find_collapse
from core.services.comparison.compared import VDICE, ComparedRun
from core.services.comparison.curves import build_curve, find_best_epoch


@dataclass(frozen=True, slots=True)
class Alarm:
    """A class whose Dice rose and then fell to nearly nothing, in one fold (counted from 1)."""

    run: str
    title: str
    name: str
    fold: int
    collapse: Collapse


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said of the difference of two runs.

    Attributes:
        difference: Second less first, of the best means over the folds.
        spread: The larger standard deviation over the folds; None where a run has a single fold.
        certain: Whether the difference is larger than that spread; None where that is unknown.
        sentence: The same in words.
    """

    difference: float
    spread: float | None
    certain: bool | None
    sentence: str


def judge(first: ComparedRun, second: ComparedRun, name: str = VDICE) -> Verdict | None:
    """Whether the difference of two runs is larger than the spread of their folds; None without values."""
    one, other = find_best_epoch(first, name), find_best_epoch(second, name)
    if one is None or other is None:
        return None
    difference = other.value - one.value
    said = _say_difference(first, second, name, difference)
    spreads = [item.spread for item in (one, other) if item.spread is not None]
    if len(spreads) < 2:
        alone = f"{said}. With a single fold nobody can say whether that is luck."
        return Verdict(difference, None, None, alone)
    spread = max(spreads)
    certain = abs(difference) > spread
    how = "more" if certain else "no more"
    sentence = f"{said}, which is {how} than the spread of the folds ({_say_points(spread)} points)."
    return Verdict(difference, spread, certain, sentence)


def _say_difference(first: ComparedRun, second: ComparedRun, name: str, difference: float) -> str:
    points = _say_points(abs(difference))
    if points == "0.00":
        return f"{second.title} and {first.title} differ by less than 0.01 points in {name}"
    side = "higher" if difference > 0 else "lower"
    return f"{second.title} is {points} points {side} than {first.title} in {name}"


def find_alarms(runs: Sequence[ComparedRun]) -> list[Alarm]:
    """Classes that collapsed in a fold: take the weights of their best epoch instead of the last ones."""
    return [
        Alarm(run.id, run.title, name, place, collapse)
        for run in runs
        for name in run.classes
        for place, fold in enumerate(build_curve(run, name).folds, start=1)
        if (collapse := find_collapse(fold)) is not None
    ]


def _say_points(share: float) -> str:
    """Percentage points; below one with two decimals, or a difference and its spread would look alike."""
    points = 100 * share
    return f"{points:.1f}" if points >= 0.995 else f"{points:.2f}"
