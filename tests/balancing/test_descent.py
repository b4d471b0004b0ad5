"""The descent: true gradients, changes on the way, the published implementation's manner."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.balancing import Descent, build_problem, default_settings, solve
from core.balancing.parametrisations import FORMS
from core.domain.balance import Bounds, DescentSettings, Drift
from tests.balancing.golden import (
    ROW_RL,
    ROW_ZERO,
    make_random_table,
    make_raw,
    make_s1_table,
    make_spec,
    make_table,
)

PARAMETRISATIONS = list(FORMS)
TABLE = make_s1_table()
PROBLEM = build_problem(TABLE, make_spec(TABLE, ROW_RL))


def compute_at(problem, form, x):
    alpha = form.to_alpha(problem, x)
    return problem.compute_objective(alpha / alpha.sum())


@given(
    seed=st.integers(0, 1000),
    parametrisation=st.sampled_from(PARAMETRISATIONS),
    distance=st.sampled_from(["squared", "euclidean"]),
    kind=st.sampled_from(["chi2", "published"]),
)
@settings(max_examples=40, deadline=None)
def test_gradients_are_those_of_finite_differences(seed, parametrisation, distance, kind):
    table = make_random_table(seed, images=40, classes=4)
    target = np.where(table.shares > 0, 0.9, 0.0)
    problem = build_problem(table, make_spec(table, target, make_raw(0.3, kind), distance))
    form = FORMS[parametrisation]
    alpha = table.multiplicities * np.random.default_rng(seed).uniform(6, 9, len(table.vectors))
    descent = Descent(
        problem, default_settings(parametrisation).model_copy(update={"start": "current"}), alpha
    )
    state = descent.state
    gradient = form.chain(problem, state.weights, state.total_alpha, descent._compute_pull())
    x = form.from_alpha(problem, state.alpha)
    for i in range(min(len(x), 4)):
        step = np.zeros_like(x)
        step[i] = 1e-5 * max(abs(x[i]), 1.0)
        slope = (compute_at(problem, form, x + step) - compute_at(problem, form, x - step)) / (2 * step[i])
        assert gradient[i] == pytest.approx(slope, rel=1e-4, abs=1e-8)


@pytest.mark.parametrize("row", [ROW_ZERO, ROW_RL])
@pytest.mark.parametrize("strength", [1e-3, 0.1])
def test_the_default_descent_meets_the_proved_optimum(row, strength):
    problem = build_problem(TABLE, make_spec(TABLE, row, make_raw(strength)))
    state = Descent(problem, default_settings("ratio")).advance(2000)
    assert state.converged
    assert state.objective == pytest.approx(solve(problem).objective, rel=1e-5)


@pytest.mark.parametrize("parametrisation", PARAMETRISATIONS)
def test_every_parametrisation_comes_down(parametrisation):
    descent = Descent(PROBLEM, default_settings(parametrisation))
    before = descent.state.objective
    assert descent.advance(500).objective < 0.5 * before


@pytest.mark.parametrize("parametrisation", PARAMETRISATIONS)
@pytest.mark.parametrize("distance", ["squared", "euclidean"])
def test_a_target_met_from_the_start_gives_no_nan(parametrisation, distance):
    spec = make_spec(TABLE, TABLE.shares, make_raw(0.0), distance)
    descent = Descent(build_problem(TABLE, spec), default_settings(parametrisation))
    for _ in range(5):
        descent._take_step()
    assert np.isfinite(descent.state.objective)
    assert np.isfinite(descent.state.weights).all()


def test_the_gap_is_never_negative_and_weights_sum_to_one():
    for state in Descent(PROBLEM, DescentSettings(lr=1.0, steps=100)):
        assert state.gap >= 0
        assert state.objective >= solve(PROBLEM).bound * (1 - 1e-9)
        assert state.weights.sum() == pytest.approx(1.0)


def test_iterating_ends_at_the_step_limit():
    assert [state.step for state in Descent(PROBLEM, DescentSettings(steps=3, lr=1e-3))] == [1, 2, 3]


def test_iterating_ends_at_the_optimum():
    states = list(Descent(PROBLEM, DescentSettings(steps=100_000)))
    assert states[-1].converged
    assert states[-1].step < 5000


@pytest.mark.parametrize("bounds", [Bounds(), Bounds(total=300, max_copies=4, keep_originals=True)], ids=str)
def test_a_descent_that_is_changed_on_the_way_ends_where_a_fresh_one_does(bounds):
    other = build_problem(TABLE, make_spec(TABLE, ROW_ZERO, make_raw(0.05), bounds=bounds))
    descent = Descent(PROBLEM, default_settings("ratio"))
    before = descent.advance(100)
    after = descent.adjust(problem=other, settings=DescentSettings(lr=0.05)).state
    assert after.step == before.step
    if bounds == Bounds():
        assert after.weights == pytest.approx(before.weights)
    fresh = Descent(other, default_settings("ratio")).advance(3000)
    assert descent.advance(3000).objective == pytest.approx(fresh.objective, rel=1e-5)


def test_another_parametrisation_goes_on_from_the_same_weights():
    descent = Descent(PROBLEM, default_settings("ratio"))
    before = descent.advance(50).weights
    after = descent.adjust(settings=default_settings("softmax")).state.weights
    assert after == pytest.approx(before, abs=1e-9)


def test_the_optimum_is_solved_again_only_for_another_problem():
    descent = Descent(PROBLEM, default_settings("ratio"))
    first = descent.optimum
    assert descent.adjust(settings=DescentSettings(lr=0.01)).optimum is first
    other = build_problem(TABLE, make_spec(TABLE, ROW_ZERO))
    assert descent.adjust(problem=other).optimum is not first


@pytest.mark.parametrize("parametrisation", PARAMETRISATIONS)
def test_caps_and_floors_hold_at_every_step(parametrisation):
    bounds = Bounds(total=500, max_copies=5, keep_originals=True)
    problem = build_problem(TABLE, make_spec(TABLE, ROW_ZERO, bounds=bounds))
    for state in Descent(problem, default_settings(parametrisation).model_copy(update={"steps": 60})):
        assert (state.weights <= problem.upper + 1e-12).all()
        assert (state.weights >= problem.lower - 1e-12).all()
        assert state.weights.sum() == pytest.approx(1.0)


def test_the_reference_manner_keeps_alpha_between_5_and_10000():
    descent = Descent(PROBLEM, default_settings("reference"))
    for _ in range(20):
        alpha = descent.advance(20).alpha
        assert alpha.min() >= 5.0
        assert alpha.max() <= 1e4


def test_start_values_are_as_named():
    constant = Descent(PROBLEM, DescentSettings(start="constant", start_constant=3.0)).state.alpha
    assert (constant == 3.0).all()
    scaled = Descent(PROBLEM, DescentSettings(start="multiplicity", start_constant=2.0)).state.alpha
    assert (scaled == 2.0 * TABLE.multiplicities).all()
    given_alpha = np.arange(1.0, len(TABLE.vectors) + 1)
    current = Descent(PROBLEM, DescentSettings(start="current"), given_alpha).state.alpha
    assert current == pytest.approx(given_alpha)


def test_a_current_start_without_copies_is_refused():
    with pytest.raises(ValueError, match="'current' needs"):
        Descent(PROBLEM, DescentSettings(start="current"))


def test_a_stalled_descent_says_so_and_slows_beta2():
    descent = Descent(PROBLEM, DescentSettings(lr=30.0, beta1=0.0, beta2=0.0))
    assert descent.advance(200).beta2 == 0.0
    state = next(state for state in descent if state.stalled)
    assert state.beta2 == 0.999


def test_one_group_has_nowhere_to_go():
    table = make_table([[1, 0]] * 3)
    problem = build_problem(table, make_spec(table, [0.5, 0.0], Drift()))
    state = Descent(problem, default_settings("ratio")).advance(20)
    assert state.weights.tolist() == [1.0]
    assert state.converged


def test_objective_is_distance_plus_penalty():
    state = Descent(replace(PROBLEM, strength=0.7), default_settings("ratio")).advance(10)
    assert state.penalty == pytest.approx(0.7 * state.drift_chi2)
    assert state.objective == pytest.approx(state.distance + state.penalty)


def test_distances_fall_on_the_whole_at_a_small_learning_rate():
    states = list(Descent(PROBLEM, DescentSettings(lr=1e-3, steps=50)))
    assert all(later.objective <= sooner.objective for sooner, later in pairwise(states))
