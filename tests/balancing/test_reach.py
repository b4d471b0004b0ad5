"""Whether a target can be reached, and whether the reason given is true."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from core.balancing import assess_reach, build_problem
from core.domain.balance import Bounds
from tests.balancing.golden import ROW_RL, ROW_ZERO, make_random_table, make_s1_table, make_spec, make_table


def assess(presence, shares, names=None):
    table = make_table(presence, names)
    return assess_reach(table, build_problem(table, make_spec(table, shares)))


@given(st.integers(0, 10_000), st.lists(st.floats(0, 1), min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_reachability_is_what_linear_programming_says(seed, shares):
    table = make_random_table(seed, images=30, classes=4)
    target = np.where(table.shares > 0, shares, 0.0)
    reach = assess_reach(table, build_problem(table, make_spec(table, target)))
    count, classes = table.vectors.shape
    # least largest miss over all mixtures
    rows = np.vstack([table.vectors.T, -table.vectors.T.astype(float)])
    matrix = np.hstack([rows, -np.ones((2 * classes, 1))])
    answer = linprog(
        [*np.zeros(count), 1.0],
        A_ub=matrix,
        b_ub=np.concatenate([target, -target]),
        A_eq=[[*np.ones(count), 0.0]],
        b_eq=[1.0],
    )
    assert reach.reachable == (answer.fun <= 1e-4) or abs(answer.fun - 1e-4) < 1e-4


@given(st.integers(0, 10_000), st.lists(st.floats(0, 1), min_size=5, max_size=5))
@settings(max_examples=40, deadline=None)
def test_the_dual_proves_what_cannot_be_reached(seed, shares):
    table = make_random_table(seed, images=30, classes=5)
    target = np.where(table.shares > 0, shares, 0.0)
    reach = assess_reach(table, build_problem(table, make_spec(table, target)))
    if not reach.reachable:
        assert (table.vectors @ reach.dual).min() > reach.dual @ target
        assert reach.reason


def test_a_reachable_target_needs_no_reason():
    reach = assess([[1, 0], [0, 1], [1, 1]], [0.6, 0.6])
    assert reach.reachable
    assert reach.reason == ""
    assert reach.nearest.tolist() == [0.6, 0.6]


def test_caps_do_not_count():
    table = make_table([[1, 0]] * 99 + [[0, 1]])
    spec = make_spec(table, [0.1, 0.9], bounds=Bounds(max_copies=1))
    assert assess_reach(table, build_problem(table, spec)).reachable


def test_a_class_that_implies_another_is_named():
    reach = assess([[1, 1], [0, 1], [0, 1], [0, 0]], [0.9, 0.1], ["hard exudate", "haemorrhage"])
    assert reach.reason == (
        "'hard exudate' cannot rise to 90.0 % while 'haemorrhage' falls to 10.0 %: every image with "
        "'hard exudate' also holds 'haemorrhage'."
    )


def test_classes_that_never_meet_are_named():
    reach = assess([[1, 0], [0, 1], [0, 0]], [0.7, 0.7], ["left", "right"])
    assert "no image holds both" in reach.reason
    assert "'left' cannot rise to 70.0 %" in reach.reason


def test_classes_of_which_one_is_always_there_are_named():
    reach = assess([[1, 0], [0, 1], [1, 1]], [0.2, 0.3], ["left", "right"])
    assert "every image holds one or the other" in reach.reason


def test_a_class_in_every_image_is_named():
    reach = assess([[1, 0], [1, 1]], [0.5, 0.5], ["disc", "drusen"])
    assert reach.reason == "'disc' occurs in every image, so its share is always 100.0 %."
    assert reach.nearest == pytest.approx([1.0, 0.5], abs=1e-4)


def test_a_conflict_of_three_classes_is_described_by_its_pulls():
    # pairwise every combination occurs, yet no image holds all three or only one
    presence = [[1, 1, 0], [1, 0, 1], [0, 1, 1], [0, 0, 0]]
    reach = assess(presence, [0.9, 0.9, 0.9], ["a", "b", "c"])
    assert (
        reach.reason
        == "'a', 'b' and 'c' cannot all be so frequent at once: too few images hold them together."
    )


@given(st.integers(0, 10_000), st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]), min_size=4, max_size=4))
@settings(max_examples=60, deadline=None)
def test_every_reason_about_two_classes_is_true_of_the_images(seed, shares):
    table = make_random_table(seed, images=8, classes=4)
    target = np.where(table.shares > 0, shares, 0.0)
    reason = assess_reach(table, build_problem(table, make_spec(table, target))).reason
    columns = {name: table.vectors[:, i] > 0 for i, name in enumerate(table.class_names)}
    named = [name for name in reason.split("'")[1::2] if name in columns]
    if "every image with" in reason:
        assert columns[named[3]][columns[named[2]]].all()
    elif "no image holds both" in reason:
        assert not (columns[named[0]] & columns[named[1]]).any()
    elif "one or the other" in reason:
        assert (columns[named[0]] | columns[named[1]]).all()
    elif "in every image" in reason:
        assert columns[named[0]].all()


def test_the_published_rows_are_within_half_a_point():
    table = make_s1_table()
    for row in (ROW_ZERO, ROW_RL):
        reach = assess_reach(table, build_problem(table, make_spec(table, row)))
        assert np.abs(reach.misses).max() < 0.0051
