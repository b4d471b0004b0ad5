"""The same problem, put to an independent interior-point solver."""

import clarabel
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from core.balancing import BalanceProblem


def solve_with_clarabel(problem: BalanceProblem) -> tuple[float, NDArray[np.float64]]:
    """Least F and a `w` that has it. Variables are w, s = Aᵀw − T and, for the root distance, t ≥ ‖√ω s‖."""
    count, classes = problem.labels.shape
    drift = problem.strength * problem.drift_weights
    is_root = problem.distance_kind == "euclidean"
    extra = 1 if is_root else 0
    curve = np.concatenate(
        [2 * drift, np.zeros(classes) if is_root else 2 * problem.class_weights, [0.0] * extra]
    )
    slope = np.concatenate([-2 * drift * problem.proportions, np.zeros(classes), [1.0] * extra])
    pad = sparse.csc_matrix((classes, extra))
    equal = sparse.vstack(
        [
            sparse.hstack([sparse.csc_matrix(problem.labels.rows.T), -sparse.eye(classes), pad]),
            sparse.csc_matrix(np.concatenate([np.ones(count), np.zeros(classes + extra)])[None, :]),
        ]
    )
    only_w = sparse.hstack([sparse.eye(count), sparse.csc_matrix((count, classes + extra))])
    matrices, sides = [equal, only_w, -only_w], [problem.target, [1.0], problem.upper, -problem.lower]
    cones = [clarabel.ZeroConeT(classes + 1), clarabel.NonnegativeConeT(2 * count)]
    if is_root:
        root = sparse.diags(np.sqrt(problem.class_weights))
        matrices.append(
            -sparse.block_array([[None, sparse.eye(1)], [root, None]], format="csc") @ _tail(count, classes)
        )
        sides.append(np.zeros(classes + 1))
        cones.append(clarabel.SecondOrderConeT(classes + 1))
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-12
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix(sparse.diags(curve)),
        slope,
        sparse.csc_matrix(sparse.vstack(matrices)),
        np.concatenate(sides),
        cones,
        settings,
    )
    solution = solver.solve()
    constant = float((drift * problem.proportions**2).sum())
    return solution.obj_val + constant, np.asarray(solution.x[:count])


def _tail(count: int, classes: int) -> sparse.csc_matrix:
    """Picks s and t out of (w, s, t)."""
    return sparse.csc_matrix(
        sparse.hstack([sparse.csc_matrix((classes + 1, count)), sparse.eye(classes + 1)])
    )
