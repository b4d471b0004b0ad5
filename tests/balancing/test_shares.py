"""Rows of pixel shares in the place of presence: the same answers as an independent solver's."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.balancing import (
    assess_reach,
    build_problem,
    build_share_table,
    find_warnings,
    join_tables,
    restrict_spec,
    restrict_table,
    round_copies,
    solve,
    spread_copies,
)
from core.domain.balance import BalanceSpec, Bounds, ClassTarget
from core.errors import TargetError
from tests.balancing.golden import make_raw, make_spec, make_table
from tests.balancing.reference import solve_with_clarabel


def make_shares(seed, images=40, classes=5):
    """Shares that sum to at most 1, from a twentieth of a percent to a half, some images without a class."""
    rng = np.random.default_rng(seed)
    values = rng.dirichlet(np.geomspace(0.02, 2.0, classes + 1), images)[:, :classes]
    return build_share_table(
        values * (rng.random(values.shape) < 0.8),
        [f"c{column}" for column in range(classes)],
        [f"image{row}" for row in range(images)],
    )


def make_target(table, seed):
    return np.clip(table.shares * np.random.default_rng(seed).uniform(0.7, 1.6, table.shares.size), 0, 1)


@given(st.integers(0, 500), st.sampled_from(["chi2", "published"]), st.sampled_from(["squared", "euclidean"]))
@settings(max_examples=15, deadline=None)
def test_the_optimum_is_the_one_an_independent_solver_finds(seed, drift, distance):
    table = make_shares(seed)
    spec = make_spec(
        table, make_target(table, seed), make_raw(1e-3, drift), distance, weights=[1, 2, 1, 1, 3]
    )
    problem = build_problem(table, spec)
    solution = solve(problem)
    least, _ = solve_with_clarabel(problem)
    assert solution.objective == pytest.approx(least, rel=1e-6, abs=1e-9)
    assert solution.bound <= least + 1e-9
    assert solution.converged


@pytest.mark.parametrize("seed", range(4))
def test_caps_and_floors_hold(seed):
    table = make_shares(seed)
    bounds = Bounds(total=100, max_copies=4, keep_originals=True)
    spec = make_spec(table, make_target(table, seed), make_raw(1e-4), bounds=bounds)
    problem = build_problem(table, spec)
    solution = solve(problem)
    assert solution.objective == pytest.approx(solve_with_clarabel(problem)[0], rel=1e-6, abs=1e-9)
    whole = round_copies(problem, solution.weights)
    copies = spread_copies(table, whole.copies, 0, bounds)
    assert (copies.sum(), copies.min() >= 1, copies.max() <= 4) == (100, True, True)
    assert copies @ table.vectors / 100 == pytest.approx(whole.shares)


def test_whole_copies_stay_near_the_continuous_shares():
    table = make_shares(3, images=200)
    problem = build_problem(table, make_spec(table, make_target(table, 3), make_raw(1e-3)))
    solution = solve(problem)
    whole = round_copies(problem, solution.weights)
    assert whole.total == 200
    assert whole.worst_error_images < 0.1  # the pixels of a tenth of an image


def test_exchange_of_copies_is_never_worse_than_rounding_alone():
    """The change of the squared error counts the squares of shares, which are not the shares."""
    table = make_shares(11, images=120)
    problem = build_problem(table, make_spec(table, make_target(table, 2), make_raw(1e-3)))
    weights = solve(problem).weights
    whole = round_copies(problem, weights)
    plain = np.floor(120 * weights + np.random.default_rng(0).random(120))
    wanted = 120 * problem.labels.shares(weights)
    assert np.abs(problem.labels.shares(whole.copies.astype(float)) - wanted).max() < (
        np.abs(problem.labels.shares(plain) - wanted).max()
    )


@pytest.mark.parametrize("classes", [5, 200])  # small: dense; large: by blocks of rows
def test_the_products_of_shares_are_those_of_the_full_matrix(classes):
    table = make_shares(0, images=60, classes=classes)
    labels = build_problem(table, make_spec(table, table.shares)).labels
    weights, y = np.random.default_rng(1).random(60), np.random.default_rng(2).random(classes)
    full = table.vectors
    for matrix in (labels, replace(labels, dense=None)):
        assert matrix.scores(y) == pytest.approx(full @ y)
        assert matrix.shares(weights) == pytest.approx(full.T @ weights)
        assert matrix.gram(weights) == pytest.approx(full.T @ (weights[:, None] * full))


def test_presence_and_pixels_stand_side_by_side():
    presence = make_table([[1, 0], [1, 1], [1, 0]], ["a", "b"])
    pixels = build_share_table(np.array([[0.5, 0], [0.2, 0.1], [0.4, 0]]), ["a", "b"], presence.sample_ids)
    both = join_tables(presence, pixels)
    assert both.class_names == ("a", "b", "a (pixels)", "b (pixels)")
    assert both.vectors[1].tolist() == [1, 1, 0.2, 0.1]
    assert both.presence_columns.tolist() == [True, True, False, False]
    assert join_tables(None, pixels).class_names == ("a (pixels)", "b (pixels)")


def test_a_class_named_like_the_pixels_of_another_is_refused():
    presence = make_table([[1, 1]], ["a", "a (pixels)"])
    pixels = build_share_table(np.array([[0.5, 0.1]]), presence.class_names, presence.sample_ids)
    with pytest.raises(TargetError, match=r"named 'a \(pixels\)'.*Rename"):
        join_tables(presence, pixels)


def make_joint():
    presence = make_table([[1, 0]] * 6 + [[1, 1]] * 2, ["a", "b"])
    rows = np.array([[0.3, 0.0]] * 6 + [[0.2, 0.01], [0.1, 0.03]])
    pixels = build_share_table(rows, ["a", "b"], presence.sample_ids)
    return join_tables(presence, pixels)


def make_joint_spec(presence, pixels):
    return BalanceSpec(
        targets=tuple(ClassTarget(name=name, share=share) for name, share in presence.items()),
        quantity="both",
        pixel_targets=tuple(ClassTarget(name=name, share=share) for name, share in pixels.items()),
        drift=make_raw(1e-5),
    )


def test_joint_targets_are_met_together_where_they_can_be():
    table = make_joint()
    solution = solve(build_problem(table, make_joint_spec({"b": 0.5}, {"b": 0.0125, "a": 0.2125})))
    assert solution.shares == pytest.approx([1, 0.5, 0.2125, 0.0125], abs=5e-3)


def test_pixels_that_only_other_images_hold_are_said_to_be_out_of_reach():
    table = make_joint()
    reach = assess_reach(table, build_problem(table, make_joint_spec({"b": 0.25}, {"b": 0.02})))
    assert not reach.reachable
    assert "'b (pixels)'" in reach.reason


def test_a_tiny_miss_of_a_tiny_share_counts():
    table = build_share_table(np.array([[4e-4], [2e-4]]), ["lesion"], ["x", "y"])
    problem = build_problem(table, make_spec(table, [4.5e-4]))
    reach = assess_reach(table, problem)
    assert not reach.reachable
    assert reach.nearest == pytest.approx([4e-4], abs=1e-6)


def test_no_warning_takes_a_pixel_share_for_a_number_of_images():
    table = make_shares(1)
    assert find_warnings(table, make_spec(table, table.shares)) == []


def test_a_part_keeps_its_rows_and_a_class_that_it_lacks_is_asked_for_no_more():
    table = make_joint()
    part = restrict_table(table, np.array([0, 2, 4]))
    assert part.vectors.tolist() == table.vectors[[0, 2, 4]].tolist()
    spec, notes = restrict_spec(table, make_joint_spec({"b": 0.5}, {"b": 0.01}), part)
    assert [item.share for item in spec.column_targets] == [0, 0]
    assert len(notes) == 2


@pytest.mark.parametrize("value", [-0.1, 1.1, np.nan])
def test_what_is_no_share_is_a_fault_of_the_caller(value):
    with pytest.raises(ValueError, match="no number"):
        build_share_table(np.array([[value]]), ["a"], ["x"])
