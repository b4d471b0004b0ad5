"""What the dials of drift mean."""

import pytest

from core.balancing import build_problem, round_copies, solve
from core.domain.balance import Bounds, Drift
from core.errors import TargetError
from tests.balancing.golden import ROW_ZERO, make_random_table, make_s1_table, make_spec, make_table

TABLE = make_s1_table()


def build(drift, **others):
    return build_problem(TABLE, make_spec(TABLE, ROW_ZERO, drift, **others))


def test_the_relative_dial_is_a_multiple_of_the_original_distance():
    problem = build(Drift(value=0.5))
    assert problem.strength == pytest.approx(0.5 * problem.original_distance)


def test_the_raw_dial_is_the_strength_itself():
    assert build(Drift(strength="raw", value=3.25)).strength == 3.25


def test_both_relative_dials_agree_for_equal_groups():
    table = make_table([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]])
    target = [0.7, 0.4, 0.5]
    answers = [
        solve(
            build_problem(table, make_spec(table, target, Drift.model_validate({"kind": kind, "value": 0.3})))
        )
        for kind in ("chi2", "published")
    ]
    assert answers[0].weights == pytest.approx(answers[1].weights, abs=1e-7)


def test_a_target_met_already_still_has_a_price():
    assert build_problem(TABLE, make_spec(TABLE, TABLE.shares)).strength > 0


@pytest.mark.parametrize("kind", ["chi2", "published"])
@pytest.mark.parametrize("distance", ["squared", "euclidean"])
@pytest.mark.parametrize("least", [0.4, 0.9])
def test_the_asked_effective_sample_size_is_kept_and_not_overpaid(kind, distance, least):
    drift = Drift.model_validate({"kind": kind, "strength": "min_ess", "value": least})
    ess = solve(build(drift, distance=distance)).ess
    assert least - 1e-9 <= ess <= least + 2e-3


def test_an_effective_sample_size_that_nothing_threatens_costs_next_to_nothing():
    table = make_random_table(5, images=400, classes=4)
    spec = make_spec(table, table.shares * 0.99, Drift(strength="min_ess", value=0.2))
    problem = build_problem(table, spec)
    assert solve(problem).distance < 1e-3 * problem.original_distance


def test_all_of_the_sample_size_means_the_original_set():
    problem = build(Drift(strength="min_ess", value=1.0), bounds=Bounds(max_copies=3))
    assert solve(problem).ess == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("kind", ["chi2", "published"])
@pytest.mark.parametrize("most", [2, 4])
def test_the_asked_most_copies_are_kept_and_not_overpaid(kind, most):
    drift = Drift.model_validate({"kind": kind, "strength": "max_copies", "value": most})
    problem = build(drift)
    copies = problem.total * solve(problem).weights / problem.multiplicities
    assert most * 0.999 <= copies.max() <= most * (1 + 1e-9)
    free = build(Drift(kind=kind, strength="raw", value=problem.strength * 0.99))
    assert (free.total * solve(free).weights / free.multiplicities).max() > most


def test_whole_copies_keep_the_asked_most_copies_too():
    for seed in range(6):
        table = make_random_table(seed, images=60, classes=5)
        target = [min(1.0, share + 0.3) if share else 0.0 for share in table.shares]
        problem = build_problem(table, make_spec(table, target, Drift(strength="max_copies", value=2)))
        assert round_copies(problem, solve(problem).weights).max_copies <= 2


@pytest.mark.parametrize(
    ("most", "said"), [(2, "the nearest is 3"), (0.5, "whole number"), (2.5, "whole number")]
)
def test_most_copies_that_cannot_be_had_name_the_nearest(most, said):
    with pytest.raises(TargetError, match=said):
        build(Drift(strength="max_copies", value=most), bounds=Bounds(total=300))
