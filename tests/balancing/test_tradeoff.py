"""The trade-off curve: proved, monotone, and from no drift to the original."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.balancing import build_problem, compute_tradeoff, solve
from core.domain.balance import Bounds, Drift
from tests.balancing.golden import (
    ROW_ZERO,
    make_random_table,
    make_raw,
    make_s1_table,
    make_spec,
    make_table,
)

TABLE = make_s1_table()
KINDS = [(drift, distance) for drift in ("chi2", "published") for distance in ("squared", "euclidean")]


def build(drift="chi2", distance="squared", **others):
    return build_problem(
        TABLE, make_spec(TABLE, ROW_ZERO, Drift.model_validate({"kind": drift}), distance, **others)
    )


@pytest.mark.parametrize(("drift", "distance"), KINDS)
def test_distance_and_effective_sample_size_rise_with_the_price(drift, distance):
    curve = compute_tradeoff(build(drift, distance))
    assert curve.strength.size == 25
    assert np.all(np.diff(curve.strength) > 0)
    assert np.all(np.diff(curve.distance) >= -1e-9)
    assert np.all(np.diff(curve.ess) >= -1e-6)
    assert curve.relative_gap.max() <= 1e-9


@given(st.integers(0, 500))
@settings(max_examples=15, deadline=None)
def test_every_curve_is_monotone_and_reaches_the_original(seed):
    table = make_random_table(seed, images=40, classes=4)
    rng = np.random.default_rng(seed)
    target = np.where(table.shares > 0, rng.random(4), 0.0)
    curve = compute_tradeoff(build_problem(table, make_spec(table, target)), points=9)
    assert np.all(np.diff(curve.distance) >= -1e-9)
    assert np.all(np.diff(curve.ess) >= -1e-6)
    assert curve.ess[-1] >= 0.998


@pytest.mark.parametrize(("drift", "distance"), KINDS)
def test_a_point_is_the_optimum_at_its_price(drift, distance):
    problem = build(drift, distance)
    curve = compute_tradeoff(problem, points=7)
    for place in range(7):
        alone = solve(problem.with_strength(float(curve.strength[place])))
        assert alone.distance == pytest.approx(curve.distance[place], rel=1e-3, abs=1e-6)
        assert alone.ess == pytest.approx(curve.ess[place], abs=1e-3)
        assert curve.dial[place] * problem.unit_strength == pytest.approx(curve.strength[place])


def test_the_cheap_end_is_as_near_as_the_images_allow():
    problem = build()
    nearest = solve(problem.with_strength(0.0))
    assert compute_tradeoff(problem).distance[0] <= nearest.distance + 4e-3 * problem.original_distance


def test_a_price_outside_is_taken_into_the_range():
    dear = build_problem(TABLE, make_spec(TABLE, ROW_ZERO, make_raw(1e3)))
    assert compute_tradeoff(dear).strength[-1] == pytest.approx(1e3)
    cheap = build_problem(TABLE, make_spec(TABLE, ROW_ZERO, make_raw(1e-5)))
    assert compute_tradeoff(cheap).strength[0] == pytest.approx(1e-5)


def test_caps_and_floors_hold_on_the_whole_curve():
    curve = compute_tradeoff(build(bounds=Bounds(total=180, max_copies=2, keep_originals=True)))
    assert curve.largest_copies.max() <= 2 + 1e-9
    assert np.allclose(curve.duplicates, 65)


def test_copies_are_those_of_the_optimum():
    problem = build()
    curve = compute_tradeoff(problem, points=2)
    weights = solve(problem.with_strength(float(curve.strength[0]))).weights
    copies = (115 * weights / problem.multiplicities)[TABLE.row_of_sample]
    assert curve.largest_copies[0] == pytest.approx(copies.max(), rel=1e-6)
    assert curve.duplicates[0] == pytest.approx(np.maximum(copies - 1, 0).sum(), rel=1e-6)
    assert curve.worst_miss[0] == pytest.approx(np.abs(curve.shares[0] - problem.target).max())


@pytest.mark.parametrize("target", [[0.5], [1.0]])
def test_a_set_that_no_copying_changes_has_a_flat_curve(target):
    table = make_table([[1], [1]])
    curve = compute_tradeoff(build_problem(table, make_spec(table, target)))
    assert np.ptp(curve.distance) == pytest.approx(0, abs=1e-12)
    assert curve.ess == pytest.approx(1.0)


def test_a_target_met_already_is_kept():
    curve = compute_tradeoff(build_problem(TABLE, make_spec(TABLE, TABLE.shares)))
    assert curve.distance.max() < 1e-20
    assert curve.ess.min() > 1 - 1e-9


def test_class_weights_take_part():
    weighted = replace(build(), class_weights=np.array([1, 1, 1, 1, 1, 9, 1, 1.0]))
    assert not np.allclose(compute_tradeoff(weighted).shares, compute_tradeoff(build()).shares)


def test_a_curve_of_one_point_is_a_fault_of_the_caller():
    with pytest.raises(ValueError, match="at least 2 points"):
        compute_tradeoff(build(), points=1)
