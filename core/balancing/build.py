"""From a label table and a person's spec to a problem in numbers."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.balancing.checks import check_spec
from core.balancing.labels import LabelMatrix
from core.balancing.problem import BalanceProblem
from core.balancing.strength import compute_strength
from core.balancing.targets import complete_targets
from core.domain.balance import BalanceSpec, Bounds
from core.domain.label_table import LabelTable


def build_problem(table: LabelTable, spec: BalanceSpec, labels: LabelMatrix | None = None) -> BalanceProblem:
    """Everything a solver needs; the drift dial becomes c (`min_ess` and `max_copies` are solved for here).

    Args:
        table: The dataset's label vectors.
        spec: What the person asks.
        labels: The matrix of the same table, where one is kept from before (`problem.labels`).

    Raises:
        TargetError: See `check_spec`.
        InfeasibleError: See `check_spec`.
    """
    check_spec(table, spec)
    targets = complete_targets(table, spec.column_targets)
    total = len(table.row_of_sample) if spec.bounds.total is None else spec.bounds.total
    fewest, most = compute_group_bounds(table.multiplicities, spec.bounds, total)
    problem = BalanceProblem(
        class_names=table.class_names,
        labels=LabelMatrix.from_vectors(table.vectors) if labels is None else labels,
        multiplicities=table.multiplicities,
        proportions=table.multiplicities / table.multiplicities.sum(),
        target=np.array([item.share for item in targets]),
        class_weights=np.array([item.weight for item in targets]),
        distance_kind=spec.distance,
        drift_kind=spec.drift.kind,
        strength=0.0,
        total=total,
        fewest=fewest,
        most=most,
    )
    problem = problem.with_strength(compute_strength(problem, spec.drift))
    if spec.drift.strength == "max_copies":  # the optimum keeps it by its price; rounding up must keep it too
        cap = Bounds(max_copies=max(round(spec.drift.value), 1))
        _, capped = compute_group_bounds(table.multiplicities, cap, total)
        problem = replace(problem, most=np.minimum(problem.most, capped))
    return problem


def compute_group_bounds(
    multiplicities: NDArray[np.int64], bounds: Bounds, total: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Least and most copies of each group: `n_i` if originals are kept, `M·n_i` if copies are capped."""
    fewest = multiplicities.copy() if bounds.keep_originals else np.zeros_like(multiplicities)
    cap = total if bounds.max_copies is None else bounds.max_copies
    return fewest, np.minimum(multiplicities * min(cap, total), total)
