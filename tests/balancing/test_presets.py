"""S1's target vectors and its advice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.balancing import (
    PRESETS,
    bound_ess,
    build_problem,
    check_spec,
    find_rare,
    solve,
    target_advice,
)
from core.domain.balance import BalanceSpec, ClassTarget
from tests.balancing.golden import make_random_table, make_raw, make_s1_table, make_spec, make_table

TABLE = make_s1_table()


def shares_of(preset, table=TABLE):
    return np.array([item.share for item in PRESETS[preset].build(table)])


def test_the_rare_classes_of_s1_are_those_that_its_authors_raise():
    assert np.flatnonzero(find_rare(TABLE)).tolist() == [4, 5, 6]


def test_original_is_the_original():
    assert shares_of("original") == pytest.approx(TABLE.shares)


def test_ones_asks_for_everything():
    assert shares_of("ones").tolist() == [1.0] * 8


def test_rare_up_moves_rare_classes_by_ten_to_fifteen_points_and_nothing_else():
    moved = shares_of("rare-up") - TABLE.shares
    assert (moved[4:7] >= 0.10).all()
    assert (moved[4:7] <= 0.15).all()
    assert moved[[0, 1, 2, 3, 7]] == pytest.approx(0.0)


def test_rare_up_regularised_asks_for_nearly_all():
    assert (shares_of("rare-up-regularised")[4:7] >= 0.9).all()


@pytest.mark.parametrize("preset", list(PRESETS))
def test_a_preset_never_asks_for_a_class_that_never_occurs(preset):
    table = make_table([[1, 0, 1], [1, 0, 0], [0, 0, 1]])
    check_spec(table, BalanceSpec(targets=PRESETS[preset].build(table)))


@pytest.mark.parametrize("preset", list(PRESETS))
@pytest.mark.parametrize("presence", [[[1]], [[0, 0]], [[1, 0], [1, 0]]])
def test_presets_fit_degenerate_tables(preset, presence):
    table = make_table(presence)
    check_spec(table, BalanceSpec(targets=PRESETS[preset].build(table)))


def test_ten_to_forty_percent_is_advised_against_and_twelve_points_are_not():
    table = make_table([[1]] * 10 + [[0]] * 90)
    assert target_advice(table, [ClassTarget(name="c0", share=0.225)]) == []
    (advice,) = target_advice(table, [ClassTarget(name="c0", share=0.4)])
    assert "from 10.0 % to 40.0 % takes 4.0 copies of each image with it" in advice
    assert "at most 50.0 % of the effective sample size" in advice
    assert "Up to about 22.5 %" in advice


def test_lowering_a_class_too_far_is_advised_against():
    table = make_table([[1]] * 90 + [[0]] * 10)
    (advice,) = target_advice(table, [ClassTarget(name="c0", share=0.3)])
    assert advice.startswith("Lowering 'c0' from 90.0 % to 30.0 % takes 7.0 copies of each image without it")


@given(st.integers(0, 1000), st.floats(0.05, 0.95))
def test_no_balance_beats_the_bound_on_effective_sample_size(seed, share):
    table = make_random_table(seed, images=30, classes=1)
    original = float(table.shares[0])
    if 0 < original < 1:
        ess = solve(build_problem(table, make_spec(table, [share], make_raw(1e-9)))).ess
        assert ess <= bound_ess(original, share) * (1 + 1e-4)
