import numpy as np
import pytest
from numpy.typing import NDArray

from core.reviews.agreement import (
    compare_regions,
    compute_cohen_kappa,
    compute_fleiss_kappa,
    compute_mean,
    compute_williams_index,
    pair_dice,
)

# 10 subjects, 14 raters, 5 answers: the worked example that statsmodels.stats.inter_rater also tests with
FOURTEEN_RATERS = np.array(
    [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]
)  # fmt: skip


def kappa_of(shares: NDArray[np.float64]) -> float:
    chance = shares.sum(axis=1) @ shares.sum(axis=0)
    return float((np.trace(shares) - chance) / (1 - chance))


def test_cohens_kappa_of_two_hand_computed_tables() -> None:
    # seen 0.7, chance 0.5·0.6 + 0.5·0.4 = 0.5
    assert compute_cohen_kappa(np.array([[20, 5], [10, 15]])).value == pytest.approx(0.4)
    # the example of scikit-learn's cohen_kappa_score: 0.6875
    assert compute_cohen_kappa(np.array([[2, 0, 0], [0, 1, 0], [1, 0, 1]])).value == pytest.approx(0.6875)


@pytest.mark.parametrize("table", [[[20, 5], [10, 15]], [[88, 14, 18], [10, 40, 10], [2, 6, 12]]])
def test_cohens_interval_is_that_of_the_delta_method(table: list[list[int]]) -> None:
    counts = np.array(table)
    total, shares = counts.sum(), counts / counts.sum()
    step = 1e-6
    gradient = np.zeros(shares.shape)
    for place in np.ndindex(shares.shape):
        up, down = shares.copy(), shares.copy()
        up[place] += step
        down[place] -= step
        # kappa as a function of free cells: chance and agreement are not renormalised, as in the formula
        gradient[place] = (kappa_of(up) - kappa_of(down)) / (2 * step)
    variance = ((gradient**2 * shares).sum() - (gradient * shares).sum() ** 2) / total
    found = compute_cohen_kappa(counts)
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * np.sqrt(variance), rel=1e-4)


def test_perfect_agreement_is_one_and_a_single_answer_says_nothing() -> None:
    perfect = compute_cohen_kappa(np.array([[7, 0], [0, 3]]))
    assert (perfect.value, perfect.count) == (1, 10)
    assert np.isnan(compute_cohen_kappa(np.array([[9, 0], [0, 0]])).value)
    assert np.isnan(compute_cohen_kappa(np.zeros((2, 2), int)).value)


@pytest.mark.parametrize("table", [[[7, 0], [0, 3]], [[16, 3], [0, 0]]])
def test_cases_that_are_too_alike_have_a_kappa_and_no_interval(table: list[list[int]]) -> None:
    cases = np.repeat([[2, 0], [1, 1], [1, 1], [0, 2]], np.ravel(table), axis=0)
    for found in (compute_cohen_kappa(np.array(table)), compute_fleiss_kappa(cases)):
        assert not np.isnan(found.value)
        assert np.isnan([found.low, found.high]).all()


def test_fleiss_kappa_of_the_textbook_example() -> None:
    found = compute_fleiss_kappa(FOURTEEN_RATERS)
    assert found.value == pytest.approx(0.20993070442195522)
    assert found.low < found.value < found.high
    assert found.count == 10


def test_fleiss_kappa_of_two_readers_is_scotts_pi() -> None:
    # both say yes 20, both say no 15, they differ 15: shares 55/100 and 45/100
    counts = np.array([[2, 0]] * 20 + [[0, 2]] * 15 + [[1, 1]] * 15)
    chance = 0.55**2 + 0.45**2
    assert compute_fleiss_kappa(counts).value == pytest.approx((0.7 - chance) / (1 - chance))


def test_cases_with_one_reader_are_left_out() -> None:
    more = np.vstack([FOURTEEN_RATERS, [[1, 0, 0, 0, 0]] * 5, [[0] * 5]])
    assert compute_fleiss_kappa(more) == compute_fleiss_kappa(FOURTEEN_RATERS)
    assert np.isnan(compute_fleiss_kappa(np.array([[1, 0]])).value)


def test_the_bootstrap_covers_what_is_true() -> None:
    rng = np.random.default_rng(5)
    inside = 0
    for seed in range(40):
        truth = rng.random(60) < 0.5
        answers = np.where(rng.random((60, 3)) < 0.85, truth[:, None], ~truth[:, None])
        yes = answers.sum(axis=1)
        found = compute_fleiss_kappa(np.stack([yes, 3 - yes], axis=1), seed)
        inside += (
            found.low <= (2 * 0.85 - 1) ** 2 <= found.high
        )  # kappa of readers that err alone, at even odds
    assert inside >= 33


def test_regions_are_compared_by_dice_and_distance() -> None:
    first, second, empty = np.zeros((3, 10, 10), bool)
    first[2:6, 2:6] = second[2:6, 4:8] = True
    found = compare_regions(first, second, (0.5, 0.5))
    assert (found.dice, found.hd95) == (0.5, 1.0)
    missed = compare_regions(first, empty, None)
    assert missed.dice == 0
    assert np.isnan(missed.hd95)
    assert np.isnan(compare_regions(empty, empty, None).dice)


def test_pairs_of_readers_are_all_compared() -> None:
    one, other = np.ones((2, 4, 4), bool)
    other[2:] = False
    np.testing.assert_allclose(pair_dice([one, other, one]), [2 / 3, 1, 2 / 3])


def test_a_model_as_good_as_a_reader_has_an_index_near_one() -> None:
    rng = np.random.default_rng(0)
    readers = [rng.uniform(0.7, 0.9, 3) for _ in range(40)]
    same = compute_williams_index(readers, [rng.uniform(0.7, 0.9, 3) for _ in range(40)])
    worse = compute_williams_index(readers, [rng.uniform(0.4, 0.6, 3) for _ in range(40)])
    assert same.low < 1 < same.high
    assert worse.high < 0.8
    assert worse.value == pytest.approx(0.5 / 0.8, abs=0.03)


def test_an_index_of_known_numbers() -> None:
    found = compute_williams_index(
        [np.array([0.8]), np.array([np.nan]), np.array([0.6])],
        [np.array([0.7, 0.5]), np.ones(2), np.array([0.4])],
    )
    assert found.value == pytest.approx(0.5 / 0.7)
    assert found.count == 2
    assert np.isnan(compute_williams_index([], []).value)


def test_the_mean_over_cases_has_the_interval_of_a_large_sample() -> None:
    values = np.random.default_rng(2).normal(0.8, 0.1, 400)
    found = compute_mean(np.append(values, np.nan))
    assert (found.value, found.count) == (pytest.approx(values.mean()), 400)
    half = 1.96 * values.std() / 20
    assert found.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_one_case_has_a_mean_and_no_interval_and_no_case_has_neither() -> None:
    single, none = compute_mean(np.array([0.5])), compute_mean(np.array([np.nan]))
    assert (single.value, single.count) == (0.5, 1)
    assert np.isnan([single.low, single.high, none.value]).all()
    assert none.count == 0
