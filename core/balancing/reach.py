"""Can the target be reached by any mixture of the images, and if not, why not, in words."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.balancing.problem import BalanceProblem
from core.balancing.proximal import solve_proximal
from core.balancing.targets import join_names
from core.domain.label_table import LabelTable

SAME_SHARE = 1e-4  # shares are shown in % with one decimal; a tenth of the last digit counts as equal
_SAME_PIXELS = 2e-5  # a lesion may cover a ten-thousandth of an image
_TOLERANCE = 1e-7
_FLOOR, _PIXELS_FLOOR = 1e-3, 1e-6  # the nearest shares are then right to about 1e-5, 3e-7
_MINOR_PULL = 0.05


@dataclass(frozen=True, slots=True)
class Reach:
    """How near any mixture of the images, without drift, caps or floors, can come to T.

    Attributes:
        reachable: Whether every class can be within 0.01 percentage points of its target at once; 0.002 of
            its pixel share.
        nearest: `(C,)` the nearest reachable shares (T itself where reachable).
        misses: `(C,)` nearest − T.
        reason: One sentence on what stands in the way; empty where reachable.
        dual: `(C,)` 2ω·misses: no mixture has a lower `dual · shares` than `nearest` has, which proves it.
    """

    reachable: bool
    nearest: NDArray[np.float64]
    misses: NDArray[np.float64]
    reason: str
    dual: NDArray[np.float64]


def assess_reach(table: LabelTable, problem: BalanceProblem) -> Reach:
    """Find the nearest reachable shares (γ = 0, no caps), and say what stands in the way."""
    unbounded = replace(
        problem,
        distance_kind="squared",
        strength=0.0,
        fewest=np.zeros_like(problem.fewest),
        most=np.full_like(problem.most, problem.total),
    )
    counts = table.presence_columns
    found = solve_proximal(unbounded, _TOLERANCE, _FLOOR if counts.any() else _PIXELS_FLOOR)
    nearest = problem.labels.shares(found.weights)
    misses = nearest - problem.target
    dual = 2.0 * problem.class_weights * misses
    if np.all(np.abs(misses) <= np.where(counts, SAME_SHARE, _SAME_PIXELS)):
        return Reach(True, problem.target.copy(), np.zeros_like(misses), "", np.zeros_like(dual))
    reason = _find_certain_reason(table, problem) or _describe_pull(problem, dual)
    return Reach(False, nearest, misses, reason, dual)


@dataclass(frozen=True, slots=True)
class _Conflict:
    """A rule that one or two classes obey in every image, and by how much the targets break it."""

    excess: float
    sentence: str


def _find_certain_reason(table: LabelTable, problem: BalanceProblem) -> str | None:
    """The rule on one or two classes that the targets break most; each is a fact counted on the data."""
    conflicts = [*_find_single_conflicts(table, problem), *_find_pair_conflicts(table, problem)]
    worst = max(conflicts, key=lambda item: item.excess, default=None)
    return worst.sentence if worst is not None and worst.excess > SAME_SHARE else None


def _find_single_conflicts(table: LabelTable, problem: BalanceProblem) -> Iterator[_Conflict]:
    columns = zip(table.class_names, table.shares, problem.target, table.presence_columns, strict=True)
    for name, share, target, counts in columns:
        if share == 0:
            yield _Conflict(target, f"'{name}' occurs in no image, so its share can only be 0.0 %.")
        elif share == 1 and counts:
            yield _Conflict(1 - target, f"'{name}' occurs in every image, so its share is always 100.0 %.")


def _find_pair_conflicts(table: LabelTable, problem: BalanceProblem) -> Iterator[_Conflict]:
    """The worst pair of each of the three rules that two classes can obey in every image."""
    counts = table.multiplicities.astype(np.float64)
    both = problem.labels.gram(counts)
    single = np.diagonal(both)
    varies = (single > 0) & (single < counts.sum()) & table.presence_columns
    pairs = varies[:, None] & varies[None, :] & ~np.eye(single.size, dtype=np.bool_)
    T, images = problem.target, float(counts.sum())
    rules = (
        (single[:, None] - both == 0, T[:, None] - T[None, :], _say_implies),
        (both == 0, T[:, None] + T[None, :] - 1, _say_exclude),
        (single[:, None] + single[None, :] - both == images, 1 - T[:, None] - T[None, :], _say_cover),
    )
    for holds, excess, say in rules:
        broken = np.where(holds & pairs, excess, -np.inf)
        if broken.size and np.isfinite(broken).any():
            one, other = divmod(int(np.argmax(broken)), single.size)
            yield _Conflict(float(broken[one, other]), say(table, problem, one, other))


def _say_implies(table: LabelTable, problem: BalanceProblem, one: int, other: int) -> str:
    return (
        f"{_say_move(table, problem, one, 'cannot ')} while {_say_move(table, problem, other)}: every image "
        f"with '{table.class_names[one]}' also holds '{table.class_names[other]}'."
    )


def _say_exclude(table: LabelTable, problem: BalanceProblem, one: int, other: int) -> str:
    return (
        f"{_say_move(table, problem, one, 'cannot ')} while {_say_move(table, problem, other)}: no image "
        "holds both, so their shares add up to 100.0 % at most."
    )


def _say_cover(table: LabelTable, problem: BalanceProblem, one: int, other: int) -> str:
    return (
        f"{_say_move(table, problem, one, 'cannot ')} while {_say_move(table, problem, other)}: every image "
        "holds one or the other, so their shares add up to at least 100.0 %."
    )


def _say_move(table: LabelTable, problem: BalanceProblem, column: int, modal: str = "") -> str:
    """`'disc' cannot rise to 90.0 %`, `'disc' falls to 5.0 %`."""
    original, target = float(table.shares[column]), float(problem.target[column])
    if abs(target - original) <= SAME_SHARE:
        verb = "stay at" if modal else "stays at"
    elif target > original:
        verb = "rise to" if modal else "rises to"
    else:
        verb = "fall to" if modal else "falls to"
    return f"'{table.class_names[column]}' {modal}{verb} {100 * target:.1f} %"


def _describe_pull(problem: BalanceProblem, dual: NDArray[np.float64]) -> str:
    """What the dual says where no rule on two classes is broken: which wishes pull against each other."""
    strong = np.abs(dual) >= _MINOR_PULL * np.abs(dual).max()
    order = np.argsort(-np.abs(dual), kind="stable")
    up = [problem.class_names[column] for column in order if strong[column] and dual[column] < 0]
    down = [problem.class_names[column] for column in order if strong[column] and dual[column] > 0]
    if up and down:
        return (
            "No mixture of the images meets all targets at once: the share asked for "
            f"{join_names(up, 3)} pulls against the lower share asked for {join_names(down, 3)}."
        )
    if up:
        return f"{join_names(up, 3)} cannot all be so frequent at once: too few images hold them together."
    return f"{join_names(down, 3)} cannot all be so rare at once: too few images are free of them."
