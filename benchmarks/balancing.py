"""The balancer against general solvers and the published descent, on the same problem and to the same gap.

    python benchmarks/balancing.py --sizes 115x8 10000x20 100000x80 1000000x100

Each size is a seeded long-tailed label set; T lifts the rarer half of the classes by ten points; χ² drift,
c = 1e-3. A general solver is run at tighter and tighter settings until its answer, clipped to the simplex, is
within the asked relative gap of the proved bound; only that last run counts. Times include all set-up.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

import clarabel
import numpy as np
import osqp
from numpy.typing import NDArray
from scipy import sparse

from core.balancing import (
    BalanceProblem,
    Descent,
    build_problem,
    default_settings,
    group_label_vectors,
    round_copies,
    solve,
)
from core.domain.balance import BalanceSpec, ClassTarget, Drift

GAP = 1e-9
ADAM_GAP = 1e-2
ADAM_STEPS = 20_000
PATIENCE = 60.0
# Labels per image and number of hidden topics, chosen so that K is near that of real long-tailed sets.
SHAPES = {115: 3.0, 10_000: 1.3, 100_000: 1.1, 1_000_000: 1.6}


def draw_labels(images: int, classes: int, seed: int = 0) -> NDArray[np.uint8]:
    """Long-tailed presence: class frequencies fall like 1/rank, and topics make classes occur together."""
    rng = np.random.default_rng(seed)
    labels = SHAPES.get(images, 1.5)
    frequency = 1.0 / np.arange(1, classes + 1) ** 0.9
    frequency = np.minimum(frequency * labels / frequency.sum(), 0.97)
    topics = np.exp(rng.normal(0, 1.2, (12, classes)))
    presence = np.empty((images, classes), np.uint8)
    for first in range(0, images, 100_000):
        part = presence[first : first + 100_000]
        chance = np.minimum(frequency * topics[rng.integers(0, 12, len(part))], 0.97)
        part[:] = rng.random(part.shape) < chance
    return presence


def time_best(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def find_gap(problem: BalanceProblem, weights: NDArray[np.float64], bound: float) -> float:
    weights = np.maximum(weights, 0.0)
    weights = weights / weights.sum()
    return (problem.compute_objective(weights) - bound) / bound


def build_matrices(
    problem: BalanceProblem,
) -> tuple[sparse.csc_matrix, NDArray[np.float64], sparse.csc_matrix]:
    """Curvature, slope and equality rows over (w, s), s = Aᵀw − T."""
    count, classes = problem.labels.shape
    drift = problem.strength * problem.drift_weights
    curve = sparse.csc_matrix(sparse.diags(np.concatenate([2 * drift, np.full(classes, 2.0)])))
    slope = np.concatenate([-2 * drift * problem.proportions, np.zeros(classes)])
    sums = sparse.csc_matrix(np.concatenate([np.ones(count), np.zeros(classes)])[None, :])
    links = sparse.hstack([sparse.csc_matrix(problem.labels.rows.T), -sparse.eye(classes)])
    return curve, slope, sparse.csc_matrix(sparse.vstack([links, sums]))


def run_osqp(problem: BalanceProblem, tolerance: float) -> NDArray[np.float64]:
    count, classes = problem.labels.shape
    curve, slope, equal = build_matrices(problem)
    rows = sparse.vstack([equal, sparse.eye(count, count + classes)], format="csc")
    right = np.concatenate([problem.target, [1.0]])
    solver = osqp.OSQP()
    solver.setup(
        curve,
        slope,
        rows,
        np.concatenate([right, np.zeros(count)]),
        np.concatenate([right, np.ones(count)]),
        eps_abs=tolerance,
        eps_rel=tolerance,
        max_iter=200_000,
        time_limit=PATIENCE,
        polishing=True,
        verbose=False,
    )
    return np.asarray(solver.solve(raise_error=False).x[:count], dtype=np.float64)


def run_clarabel(problem: BalanceProblem, tolerance: float) -> NDArray[np.float64]:
    count, classes = problem.labels.shape
    curve, slope, equal = build_matrices(problem)
    rows = sparse.vstack([equal, -sparse.eye(count, count + classes)], format="csc")
    right = np.concatenate([problem.target, [1.0], np.zeros(count)])
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.time_limit = PATIENCE
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = tolerance
    cones = [clarabel.ZeroConeT(classes + 1), clarabel.NonnegativeConeT(count)]
    solution = clarabel.DefaultSolver(curve, slope, rows, right, cones, settings).solve()
    return np.asarray(solution.x[:count], dtype=np.float64)


def time_to_gap(
    run: Callable[[BalanceProblem, float], NDArray[np.float64]], problem: BalanceProblem, bound: float
) -> tuple[float, float]:
    """Seconds of the loosest run that is near enough, and its gap; NaN seconds where none is."""
    gap = np.inf
    for tolerance in (1e-6, 1e-8, 1e-10, 1e-12):
        start = time.perf_counter()
        weights = run(problem, tolerance)
        seconds = time.perf_counter() - start
        gap = min(gap, find_gap(problem, weights, bound)) if np.isfinite(weights).all() else gap
        if gap <= GAP:
            return seconds, gap
        if seconds > PATIENCE:
            break
    return np.nan, gap


def time_reference_adam(problem: BalanceProblem, bound: float) -> tuple[float, float]:
    """Seconds until the published descent is within 1 %, and the best gap it saw."""
    descent = Descent(problem, default_settings("reference"), optimum=solve(problem))
    start = time.perf_counter()
    best = np.inf
    while (state := descent.advance(20)).step < ADAM_STEPS and time.perf_counter() - start < PATIENCE:
        best = min(best, (state.objective - bound) / bound)
        if best <= ADAM_GAP:
            return time.perf_counter() - start, best
    return np.nan, best


def build_case(images: int, classes: int) -> tuple[float, BalanceProblem]:
    presence = draw_labels(images, classes)
    names = [f"class {column}" for column in range(classes)]
    ids = [str(row) for row in range(images)]
    grouping = time_best(lambda: group_label_vectors(presence, names, ids), 3)
    table = group_label_vectors(presence, names, ids)
    shares = table.shares
    lifted = np.where(shares < np.median(shares), np.minimum(shares + 0.1, 1.0), shares)
    targets = tuple(
        ClassTarget(name=name, share=float(share if seen else 0.0))
        for name, share, seen in zip(names, lifted, shares > 0, strict=True)
    )
    spec = BalanceSpec(targets=targets, drift=Drift(strength="raw", value=1e-3))
    return grouping, build_problem(table, spec)


def describe(seconds: float, ours: float) -> str:
    return "no" if np.isnan(seconds) else f"{1e3 * seconds:.3g} ms ({seconds / ours:.3g}×)"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", default=["115x8", "10000x20", "100000x80", "1000000x100"])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    print("| images × classes (K) | grouping | optimum | OSQP | Clarabel | Adam to 1 % | rounding, worst |")
    print("|---|---|---|---|---|---|---|")
    for size in arguments.sizes:
        images, classes = (int(part) for part in size.split("x"))
        grouping, problem = build_case(images, classes)
        solution = solve(problem)
        assert solution.relative_gap <= GAP, solution.relative_gap
        vectors = problem.labels.rows.toarray().astype(np.uint8)
        ours = time_best(lambda p=problem, v=vectors: solve_from_vectors(p, v), arguments.repeats)
        osqp_time, _ = time_to_gap(run_osqp, problem, solution.bound)
        clarabel_time, _ = time_to_gap(run_clarabel, problem, solution.bound)
        adam_time, adam_gap = time_reference_adam(problem, solution.bound)
        rounding = time_best(lambda p=problem, w=solution.weights: round_copies(p, w), 3)
        worst = round_copies(problem, solution.weights).worst_error_images
        adam = describe(adam_time, ours) if np.isfinite(adam_time) else f"no ({adam_gap:.2g})"
        print(
            f"| {images} × {classes} ({problem.labels.shape[0]}) | {1e3 * grouping:.3g} ms "
            f"| {1e3 * ours:.3g} ms | {describe(osqp_time, ours)} | {describe(clarabel_time, ours)} | {adam} "
            f"| {1e3 * rounding:.3g} ms, {worst:.2f} images |",
            flush=True,
        )


def solve_from_vectors(problem: BalanceProblem, vectors: NDArray[np.uint8]) -> object:
    """Our time includes what the others' set-up includes: the sparse matrix is built from the vectors."""
    return solve(replace(problem, labels=type(problem.labels).from_vectors(vectors)))


if __name__ == "__main__":
    main()
