"""Whole copies: exact totals, bounds kept, small errors."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.balancing import build_problem, round_copies, solve
from core.domain.balance import Bounds
from core.errors import InfeasibleError
from tests.balancing.golden import (
    ROW_RL,
    ROW_ZERO,
    make_random_table,
    make_s1_table,
    make_spec,
    make_table,
)


@st.composite
def solved(draw):
    table = make_random_table(draw(st.integers(0, 10_000)), draw(st.integers(1, 80)), draw(st.integers(1, 8)))
    target = np.where(table.shares > 0, draw(st.floats(0, 1)), 0.0)
    images = len(table.sample_ids)
    keep = draw(st.booleans())
    total = draw(st.integers(images if keep else 1, 4 * images))
    cap = draw(st.one_of(st.none(), st.integers(-(-total // images), 8)))
    bounds = Bounds(total=total, max_copies=cap, keep_originals=keep)
    problem = build_problem(table, make_spec(table, target, bounds=bounds))
    return problem, solve(problem).weights


@given(solved())
@settings(max_examples=60, deadline=None)
def test_copies_sum_to_the_size_and_keep_caps_and_floors(case):
    problem, weights = case
    copies = round_copies(problem, weights).copies
    assert copies.sum() == problem.total
    assert (copies >= problem.fewest).all()
    assert (copies <= problem.most).all()


@given(st.integers(0, 10_000), st.integers(2, 7), st.integers(1, 4), st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_tiny_cases_are_nearly_as_good_as_brute_force(seed, images, classes, total):
    table = make_random_table(seed, images, classes)
    target = np.where(table.shares > 0, 0.5, 0.0)
    problem = build_problem(table, make_spec(table, target, bounds=Bounds(total=total)))
    ideal = solve(problem).weights * total
    whole = round_copies(problem, ideal / total)
    wanted = problem.labels.shares(ideal)

    def miss(copies):
        return float(((problem.labels.shares(np.asarray(copies, float)) - wanted) ** 2).sum())

    choices = product(*[{int(np.floor(x)), int(np.ceil(x))} for x in ideal])
    best = min(miss(copies) for copies in choices if sum(copies) == total)
    assert miss(whole.copies) <= best + 1.0


@pytest.mark.parametrize("row", [ROW_ZERO, ROW_RL])
@pytest.mark.parametrize("total", [115, 500, 5000])
def test_the_worst_class_of_s1_is_off_by_at_most_one_image(row, total):
    table = make_s1_table()
    problem = build_problem(table, make_spec(table, row, bounds=Bounds(total=total)))
    assert round_copies(problem, solve(problem).weights).worst_error_images <= 1.0


def test_the_worst_class_of_many_is_off_by_at_most_one_image():
    rng = np.random.default_rng(1)
    table = make_table(rng.random((3000, 40)) < 1.5 / np.arange(2, 42))
    target = np.clip(table.shares + 0.02, 0, 1)
    problem = build_problem(table, make_spec(table, target))
    assert round_copies(problem, solve(problem).weights).worst_error_images <= 1.0


def test_numbers_of_a_whole_balance_are_those_of_its_images():
    table = make_table([[1, 0], [1, 0], [1, 0], [0, 1]])
    problem = build_problem(table, make_spec(table, [0.5, 0.5]))
    whole = round_copies(problem, np.array([0.5, 0.5]), 4)
    # three images share two copies, one image has two: 1, 1, 0, 2
    assert whole.copies.tolist() == [2, 2]
    assert (whole.duplicates, whole.dropped, whole.max_copies, whole.total) == (1, 1, 2, 4)
    assert whole.ess == pytest.approx(16 / 6 / 4)
    assert whole.shares.tolist() == [0.5, 0.5]


def test_whole_weights_stay_as_they_are():
    table = make_s1_table()
    problem = build_problem(table, make_spec(table, table.shares))
    whole = round_copies(problem, table.multiplicities / 115)
    assert (whole.copies == table.multiplicities).all()
    assert whole.worst_error_images < 1e-9


def test_a_size_outside_the_bounds_is_refused():
    table = make_s1_table()
    problem = build_problem(table, make_spec(table, ROW_RL, bounds=Bounds(max_copies=1)))
    with pytest.raises(InfeasibleError, match="the bounds allow 1 to 115"):
        round_copies(problem, solve(problem).weights, 116)
