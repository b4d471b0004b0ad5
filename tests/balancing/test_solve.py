"""The optimum against an independent solver, and its certificate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.balancing import build_problem, solve
from core.domain.balance import Bounds, Drift
from tests.balancing.golden import (
    ROW_RL,
    ROW_ZERO,
    make_random_table,
    make_raw,
    make_s1_table,
    make_spec,
    make_table,
)
from tests.balancing.reference import solve_with_clarabel


@st.composite
def problems(draw, least_strength=1e-4):
    table = make_random_table(draw(st.integers(0, 10_000)), draw(st.integers(2, 60)), draw(st.integers(1, 7)))
    classes = len(table.class_names)
    shares = draw(st.lists(st.floats(0, 1), min_size=classes, max_size=classes))
    shares = np.where(table.shares > 0, shares, 0.0)
    weights = draw(st.lists(st.floats(0.1, 10), min_size=classes, max_size=classes))
    images = len(table.sample_ids)
    keep = draw(st.booleans())
    total = draw(st.integers(images if keep else 1, 3 * images))
    cap = draw(st.one_of(st.none(), st.integers(-(-total // images), 8)))
    bounds = Bounds(total=total, max_copies=cap, keep_originals=keep)
    value = 10 ** draw(st.floats(np.log10(least_strength), 1))
    drift = make_raw(value, draw(st.sampled_from(["chi2", "published"])))
    return build_problem(table, make_spec(table, shares, drift, bounds=bounds, weights=weights))


@given(problems())
@settings(max_examples=60, deadline=None)
def test_the_optimum_agrees_with_clarabel_under_caps_and_floors(problem):
    solution = solve(problem)
    best, _ = solve_with_clarabel(problem)
    assert solution.converged
    assert solution.objective == pytest.approx(best, rel=1e-6, abs=1e-9)


@given(problems())
@settings(max_examples=60, deadline=None)
def test_the_bound_is_never_above_what_another_solver_reaches(problem):
    solution = solve(problem)
    _, weights = solve_with_clarabel(problem)
    feasible = np.clip(weights, problem.lower, problem.upper)
    feasible = feasible / feasible.sum()
    assert solution.bound <= problem.compute_objective(feasible) * (1 + 1e-6) + 1e-9


@given(problems(least_strength=1e-9))
@settings(max_examples=60, deadline=None)
def test_weights_keep_their_bounds_and_sum_to_one(problem):
    weights = solve(problem).weights
    assert weights.sum() == pytest.approx(1.0, abs=1e-10)
    assert (weights >= problem.lower - 1e-10).all()
    assert (weights <= problem.upper + 1e-10).all()


@pytest.mark.parametrize("row", [ROW_ZERO, ROW_RL], ids=["gamma zero", "with RL"])
@pytest.mark.parametrize("drift", [Drift(), make_raw(1e-3), make_raw(0.1, "published")], ids=str)
@pytest.mark.parametrize("distance", ["squared", "euclidean"])
def test_the_published_rows_are_solved_as_clarabel_solves_them(row, drift, distance):
    table = make_s1_table()
    problem = build_problem(table, make_spec(table, row, drift, distance))
    solution = solve(problem)
    best, _ = solve_with_clarabel(problem)
    assert solution.objective == pytest.approx(best, rel=1e-6, abs=1e-9)
    assert solution.relative_gap < 1e-6


def test_the_chi2_optimum_of_the_published_row_is_near_its_target():
    table = make_s1_table()
    solution = solve(build_problem(table, make_spec(table, ROW_RL, make_raw(1e-3))))
    assert solution.distance < 1e-4
    assert np.abs(solution.shares - ROW_RL).max() < 0.01


@pytest.mark.parametrize("kind", ["chi2", "published"])
@pytest.mark.parametrize("distance", ["squared", "euclidean"])
@pytest.mark.parametrize("value", [0.0, 1e-12, 1e-6, 1e6])
@pytest.mark.parametrize("bounds", [Bounds(), Bounds(total=300, max_copies=4, keep_originals=True)], ids=str)
def test_extreme_strengths_stay_certified(kind, distance, value, bounds):
    table = make_random_table(3, images=115, classes=8)
    target = np.where(table.shares < 0.3, table.shares + 0.2, table.shares)
    spec = make_spec(table, target, make_raw(value, kind), distance, bounds)
    problem = build_problem(table, spec)
    solution = solve(problem)
    assert np.isfinite(solution.objective)
    assert solution.gap <= 1e-6 * problem.original_distance + 1e-6 * solution.bound


@pytest.mark.parametrize("distance", ["squared", "euclidean"])
@pytest.mark.parametrize("value", [0.0, 0.02])
def test_a_target_that_is_met_already_changes_nothing(distance, value):
    table = make_s1_table()
    drift = Drift(value=value)
    solution = solve(build_problem(table, make_spec(table, table.shares, drift, distance)))
    assert solution.weights == pytest.approx(table.multiplicities / 115)
    assert solution.objective == pytest.approx(0.0, abs=1e-12)
    assert solution.ess == pytest.approx(1.0)
    assert solution.converged


def test_without_drift_the_answer_is_no_corner():
    table = make_random_table(5, images=400, classes=4)
    target = np.clip(table.shares + 0.05, 0, 1)
    solution = solve(build_problem(table, make_spec(table, target, make_raw(0.0))))
    assert solution.distance < 1e-12
    assert solution.ess > 0.8


@pytest.mark.parametrize(
    "presence",
    [
        [[1, 0, 1]] * 4,
        [[1], [0], [0]],
        [[1, 1, 0, 1], [1, 1, 0, 0], [1, 0, 0, 0]],
        [[0, 0], [0, 0], [1, 1]],
    ],
    ids=["all alike", "one class", "constant columns", "equal columns"],
)
@pytest.mark.parametrize("value", [0.0, 1e-8, 0.02])
def test_degenerate_tables_are_solved(presence, value):
    table = make_table(presence)
    target = np.where(table.shares > 0, 0.7, 0.0)
    solution = solve(build_problem(table, make_spec(table, target, make_raw(value))))
    assert solution.converged
    assert np.isfinite(solution.weights).all()


def test_equal_bounds_leave_one_answer():
    table = make_s1_table()
    spec = make_spec(table, ROW_ZERO, bounds=Bounds(total=115, keep_originals=True))
    solution = solve(build_problem(table, spec))
    assert solution.weights == pytest.approx(table.multiplicities / 115)
    assert solution.converged


def test_many_classes_are_solved():
    rng = np.random.default_rng(0)
    table = make_table(rng.random((500, 1200)) < 0.01)
    target = np.where(table.shares > 0, np.clip(1.5 * table.shares, 0, 1), 0)
    solution = solve(build_problem(table, make_spec(table, target, make_raw(0.1))))
    assert solution.converged


def test_a_start_nearby_gives_the_same_answer():
    table = make_s1_table()
    near = solve(build_problem(table, make_spec(table, ROW_RL)))
    problem = build_problem(table, make_spec(table, ROW_ZERO))
    assert solve(problem, near.dual).weights == pytest.approx(solve(problem).weights, abs=1e-6)


def test_the_same_problem_gives_the_same_bits():
    table = make_s1_table()
    problem = build_problem(table, make_spec(table, ROW_ZERO))
    assert (solve(problem).weights == solve(problem).weights).all()


def test_a_heavier_class_misses_its_target_by_less():
    table = make_s1_table()
    weights = np.ones(8)
    weights[5] = 50.0
    plain = solve(build_problem(table, make_spec(table, ROW_ZERO)))
    heavy = solve(build_problem(table, make_spec(table, ROW_ZERO, weights=weights)))
    assert abs(heavy.shares[5] - ROW_ZERO[5]) < abs(plain.shares[5] - ROW_ZERO[5])
