"""Every peer tuned to the same target, and none nearer than the optimum of equal effective sample size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.balancing import build_problem, build_share_table, compare_peers
from core.balancing.peers import tune_parameter
from core.domain.balance import Bounds, Drift
from core.errors import CancelledError
from tests.balancing.golden import (
    COUNTS,
    NAMES,
    ROW_RL,
    ROW_ZERO,
    make_random_table,
    make_s1_table,
    make_spec,
    make_table,
)

ORDER = [
    "original",
    "repeat-factor",
    "repeat-factor-linear",
    "rare-class-sampling",
    "inverse-frequency",
    "ml-ros",
    "reference-descent",
    "optimum",
]


def compare(table, target, **others):
    return {
        item.name: item for item in compare_peers(build_problem(table, make_spec(table, target, **others)))
    }


@pytest.mark.parametrize("row", [ROW_ZERO, ROW_RL])
def test_no_peer_beats_the_optimum_at_its_own_effective_sample_size(row):
    found = compare(make_s1_table(), row)
    assert list(found) == ORDER
    for item in found.values():
        assert item.equal_ess_distance <= item.distance * 1.001
        assert 0 < item.ess <= 1
    assert found["optimum"].distance < min(found[name].distance for name in ORDER[:6]) / 10


@given(st.integers(0, 200))
@settings(max_examples=6, deadline=None)
def test_on_any_data_the_optimum_is_nearest_at_equal_effective_sample_size(seed):
    table = make_random_table(seed, images=40, classes=4)
    target = np.where(table.shares > 0, np.random.default_rng(seed).random(4), 0.0)
    for item in compare(table, target).values():
        assert item.equal_ess_distance <= item.distance * 1.01 + 1e-9


def test_a_tuned_sampler_is_never_worse_than_leaving_the_set_alone():
    found = compare(make_s1_table(), ROW_ZERO)
    for name in ("repeat-factor", "repeat-factor-linear", "inverse-frequency", "ml-ros"):
        assert found[name].distance <= found["original"].distance


def test_the_figures_are_those_of_the_published_margins():
    """Distances measured earlier on other draws with S1's class counts, to within a factor of two."""
    rows = {ROW_ZERO: (0.214, 0.112, 0.0588), ROW_RL: (0.0184, 0.00142, 0.00098)}
    rng = np.random.default_rng(0)
    presence = np.zeros((115, 8), np.uint8)
    for column, count in enumerate(COUNTS):
        presence[rng.permutation(115)[:count], column] = 1
    table = make_table(presence, NAMES)
    for row, (original, root, linear) in rows.items():
        found = compare(table, row)
        assert found["original"].distance == pytest.approx(original, rel=0.01)
        assert found["repeat-factor"].distance == pytest.approx(root, abs=max(root / 2, 0.003))
        assert found["repeat-factor-linear"].distance == pytest.approx(linear, abs=max(linear / 2, 0.003))


def test_bounds_and_dials_of_the_problem_play_no_part():
    plain = compare(make_s1_table(), ROW_RL)
    other = compare(make_s1_table(), ROW_RL, bounds=Bounds(max_copies=2, total=150), drift=Drift(value=3.0))
    assert [item.distance for item in plain.values()] == pytest.approx(
        [item.distance for item in other.values()]
    )


@pytest.mark.parametrize(
    ("rows", "target"),
    [
        ([[1, 0], [1, 0]], [1.0, 0.0]),
        ([[0, 0], [0, 0]], [0.0, 0.0]),
        ([[1, 0], [0, 0], [1, 0]], [0.5, 0.0]),
        ([[1, 1]], [0.5, 0.5]),
    ],
)
def test_sets_with_hardly_anything_in_them_are_compared_too(rows, target):
    for item in compare(make_table(rows), target).values():
        assert np.isfinite([item.distance, item.ess, item.largest_copies, item.duplicates]).all()
        assert item.ratio >= 0.999


def test_tuning_finds_the_least_of_a_curve_with_one_valley():
    value, least = tune_parameter(lambda x: (x - 0.1234) ** 2, 1e-4, 1.0, is_log=True)
    assert value == pytest.approx(0.1234, rel=1e-4)
    assert least < 1e-9


def test_tuning_a_range_of_one_value_takes_it():
    assert tune_parameter(lambda x: x + 1, 1.0, 1.0, is_log=True) == (1.0, 2.0)


def test_what_knows_only_presence_has_no_figures_for_pixel_shares_and_says_why():
    rows = np.random.default_rng(0).random((30, 2)) * 0.2
    table = build_share_table(rows, ["a", "b"], [str(i) for i in range(30)])
    found = compare(table, [0.05, 0.15])
    assert list(found) == ORDER
    assert [name for name, item in found.items() if item.left_out] == ORDER[1:6]
    assert np.isnan(found["ml-ros"].distance)
    descent = found["reference-descent"]
    assert descent.equal_ess_distance <= descent.distance * 1.001 < found["original"].distance


def test_the_comparison_says_how_far_it_is_and_can_be_stopped():
    seen = []
    problem = build_problem(make_s1_table(), make_spec(make_s1_table(), ROW_RL))
    compare_peers(problem, report=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]

    def stop(done, total):
        raise CancelledError("stop")

    with pytest.raises(CancelledError):
        compare_peers(problem, report=stop)
