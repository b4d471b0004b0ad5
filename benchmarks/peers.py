"""Today's samplers against the optimum on the same target; the trade-off curve; folds.

    python -m benchmarks.peers

Peers are tuned to T (see `core.balancing.peers`). Since every optimum is proved, the curve of distance
against effective sample size says which plans exist: where none at 1/15 of the best repeat factor's distance
keeps its effective sample size, the table says so, and what such a plan can keep at most.
"""

import argparse
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.balancing import draw_labels, time_best
from core.balancing import (
    PRESETS,
    BalanceProblem,
    PeerResult,
    build_problem,
    compare_peers,
    compute_tradeoff,
    find_rare,
    group_label_vectors,
    solve,
)
from core.domain.balance import BalanceSpec
from core.domain.label_table import LabelTable
from core.splitting import split_groups
from tests.balancing.golden import ROW_RL, ROW_ZERO, make_s1_table, make_spec

PART = 15


def name_classes(classes: int) -> list[str]:
    return [f"class {column}" for column in range(classes)]


def draw_table(images: int, classes: int) -> LabelTable:
    ids = [str(row) for row in range(images)]
    return group_label_vectors(draw_labels(images, classes), name_classes(classes), ids)


def build_cases(sizes: list[str]) -> Iterator[tuple[str, BalanceProblem]]:
    table = make_s1_table()
    yield "115 × 8, S1's γ = 0 row", build_problem(table, make_spec(table, ROW_ZERO))
    yield "115 × 8, S1's RL row", build_problem(table, make_spec(table, ROW_RL))
    for size in sizes:
        images, classes = (int(part) for part in size.split("x"))
        table = draw_table(images, classes)
        spec = BalanceSpec(targets=PRESETS["rare-up"].build(table))
        yield f"{images} × {classes}, rare up", build_problem(table, spec)
        gentle = np.where(find_rare(table), 1.5 * table.shares, table.shares)
        yield f"{images} × {classes}, rare × 1.5", build_problem(table, make_spec(table, gentle))


def find_greatest_ess(problem: BalanceProblem, distance: float) -> float | None:
    """The effective sample size of the dearest optimum within a distance; None where none is so near."""
    low, high = 1e-7 * problem.unit_strength, 1e3 * problem.unit_strength
    best = solve(problem.with_strength(low))
    if best.distance > distance:
        return None
    while high / low > 1.001:
        middle = float(np.sqrt(low * high))
        solution = solve(problem.with_strength(middle), best.dual)
        if solution.distance <= distance:
            low, best = middle, solution
        else:
            high = middle
    return best.ess


def describe_goal(problem: BalanceProblem, repeat: PeerResult) -> str:
    goal = repeat.distance / PART
    if repeat.equal_ess_distance <= goal:
        return f"yes: {repeat.ratio:.3g}×"
    greatest = find_greatest_ess(problem, goal)
    kept = "no mixture is so near" if greatest is None else f"so near keeps at most {greatest:.3f}"
    return f"proved impossible at this ESS (best {repeat.ratio:.3g}×); {kept}"


def print_peers(cases: list[tuple[str, BalanceProblem]]) -> None:
    print(
        "| set | method | tuned | L | ESS/N | most copies | duplicates | optimum's L at this ESS | L / that |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    goals = []
    for title, problem in cases:
        start = time.perf_counter()
        found = compare_peers(problem)
        seconds = time.perf_counter() - start
        for item in found:
            tuned = f"{item.parameter} = {item.value:.3g}" if item.parameter else ""
            ratio = f"{item.ratio:.3g}" if item.equal_ess_distance > 1e-9 else "> 1000"
            print(
                f"| {title} | {item.title} | {tuned} | {item.distance:.3g} | {item.ess:.3f} "
                f"| {item.largest_copies:.1f} | {item.duplicates:.0f} | {item.equal_ess_distance:.3g} "
                f"| {ratio} |"
            )
        repeat = min((item for item in found if "repeat-factor" in item.name), key=lambda item: item.distance)
        goal = describe_goal(problem, repeat)
        goals.append(
            f"| {title} | {repeat.title} | {repeat.distance:.3g} | {repeat.ess:.3f} | {goal} "
            f"| {seconds:.2g} s |"
        )
    print(f"\n| set | best repeat factor | L | ESS/N | a plan at 1/{PART} with that ESS | all peers |")
    print("|---|---|---|---|---|---|")
    print("\n".join(goals))


def print_curves(cases: list[tuple[str, BalanceProblem]]) -> None:
    print("\n| set | trade-off curve, 25 points | ESS/N | L |")
    print("|---|---|---|---|")
    for title, problem in cases:
        seconds = time_best(lambda p=problem: compute_tradeoff(p), 3)
        curve = compute_tradeoff(problem)
        print(
            f"| {title} | {seconds:.3f} s | {curve.ess[0]:.4f} … {curve.ess[-1]:.4f} "
            f"| {curve.distance[0]:.3g} … {curve.distance[-1]:.3g} |"
        )


def measure_worst(presence: np.ndarray, fold: np.ndarray, folds: int, kept: np.ndarray) -> float:
    counts = np.array([presence[fold == place].sum(axis=0, dtype=np.int64) for place in range(folds)])
    part = counts.sum(axis=0) / folds
    return float((np.abs(counts - part).max(axis=0)[kept] / part[kept]).max())


def print_folds(sizes: list[str]) -> None:
    print("\n| images × classes, images a group | folds | seconds | worst class | random, median of 20 |")
    print("|---|---|---|---|---|")
    for size in sizes:
        images, classes = (int(part) for part in size.split("x"))
        presence = draw_labels(images, classes)
        for per_group, folds in ((1, 5), (4, 5), (4, 10)):
            group = np.arange(images) // per_group
            start = time.perf_counter()
            split = split_groups(presence, name_classes(classes), group, folds)
            seconds = time.perf_counter() - start
            lost = {item.name for item in split.unsplittable}
            kept = np.array([name not in lost for name in split.class_names])
            worst = [
                measure_worst(
                    presence,
                    np.random.default_rng(seed).permutation(np.arange(group[-1] + 1) % folds)[group],
                    folds,
                    kept,
                )
                for seed in range(20)
            ]
            print(
                f"| {images} × {classes}, {per_group} | {folds} | {seconds:.2f} "
                f"| {100 * split.worst_deviation:.1f} % | {100 * np.median(worst):.1f} % |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", default=["10000x20", "100000x80"])
    arguments = parser.parse_args()
    cases = list(build_cases(arguments.sizes))
    print_peers(cases)
    print_curves(cases)
    print_folds(arguments.sizes)


if __name__ == "__main__":
    main()
