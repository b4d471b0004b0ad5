"""What can be solved and yet will not be what was hoped, said before anything runs."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.balancing.build import build_problem
from core.balancing.problem import BalanceProblem
from core.balancing.solve import solve
from core.balancing.targets import complete_targets
from core.domain.balance import BalanceSpec
from core.domain.label_table import LabelTable

_NOTICEABLE = 0.005  # half a percentage point


def find_warnings(table: LabelTable, spec: BalanceSpec) -> list[str]:
    """Sentences on what a valid spec cannot bring about; empty where nothing stands in the way.

    Raises:
        TargetError: See `check_spec`.
        InfeasibleError: See `check_spec`.
    """
    problem = build_problem(table, spec)
    return [
        *_find_table_warnings(table),
        *_find_target_warnings(table, spec, problem.total),
        *_find_bound_warnings(problem, spec),
    ]


def _find_table_warnings(table: LabelTable) -> Iterator[str]:
    if len(table.vectors) == 1:
        yield "All images hold the same classes: copying changes no share; the balance is the original set."
    elif len(table.class_names) == 1:
        yield "There is one class only: its share can be set, but there is nothing to balance it against."


def _find_target_warnings(table: LabelTable, spec: BalanceSpec, total: int) -> Iterator[str]:
    targets = complete_targets(table, spec.column_targets)
    for item, share, counts in zip(targets, table.shares, table.presence_columns, strict=True):
        if not counts:  # a pixel share is never all or nothing
            continue
        if share == 1 and item.share < 1 and len(table.vectors) > 1:
            yield f"'{item.name}' is in every image: its share stays 100.0 %, not {100 * item.share:.1f} %."
        elif 0 < item.share * total < 0.5:
            yield (
                f"{100 * item.share:.2g} % of {total} images is less than half an image, so '{item.name}' "
                "may be missing from the balanced set. A larger size keeps it."
            )


def _find_bound_warnings(problem: BalanceProblem, spec: BalanceSpec) -> Iterator[str]:
    """Compare the optimum with and without caps and floors; both are solved at the same price of drift."""
    if not problem.is_bounded:
        return
    free = replace(
        problem, fewest=np.zeros_like(problem.fewest), most=np.full_like(problem.most, problem.total)
    )
    bounded_miss = np.abs(solve(problem).shares - problem.target)
    loss = bounded_miss - np.abs(solve(free).shares - problem.target)
    worst = int(np.argmax(loss))
    if loss[worst] > _NOTICEABLE:
        yield (
            f"With {_describe_bounds(spec)} in {problem.total} images, '{problem.class_names[worst]}' misses "
            f"its target by {100 * bounded_miss[worst]:.1f} percentage points, {100 * loss[worst]:.1f} more "
            "than without."
        )


def _describe_bounds(spec: BalanceSpec) -> str:
    words = []
    if spec.bounds.keep_originals:
        words.append("all originals kept")
    if spec.bounds.max_copies is not None:
        copies = spec.bounds.max_copies
        words.append(f"at most {copies} {'copy' if copies == 1 else 'copies'} of an image")
    return " and ".join(words)
