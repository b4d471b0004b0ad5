import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.domain.review import CaseFigures, CaseSpec, RankWeights, ReviewSettings, WorklistFilter
from core.reviews.worklist import (
    compute_scores,
    draw_random,
    estimate_acceptance,
    estimate_seconds_left,
    filter_worklist,
    order_worklist,
)
from tests.reviews.test_states import said

NO_LOT = ReviewSettings(random_share=0)


def case(position: int, group: str = "", **more: Any) -> CaseSpec:
    figures = {key: more.pop(key) for key in CaseFigures.model_fields if key in more}
    return CaseSpec(
        position=position,
        sample=f"s{position}",
        mask_hash="0" * 64,
        height=1,
        width=1,
        group=group,
        figures=CaseFigures(**figures),
        **more,
    )


def places(cases: list[CaseSpec], settings: ReviewSettings, weights: RankWeights | None = None) -> list[int]:
    return [entry.position for entry in order_worklist(cases, settings, weights)]


def test_the_most_uncertain_comes_first() -> None:
    cases = [case(0, entropy=0.1), case(1, entropy=0.7), case(2, entropy=0.4)]
    assert places(cases, NO_LOT) == [1, 2, 0]


def test_a_neutral_order_depends_on_no_figure() -> None:
    settings = ReviewSettings(random_share=0.2, seed=3)
    orders = [
        order_worklist([case(place, entropy=value) for place in range(20)], settings, neutral=True)
        for value in (0.0, 1.0)
    ] + [order_worklist([case(place, entropy=place / 20) for place in range(20)], settings, neutral=True)]
    first, *others = [[(entry.position, entry.random) for entry in order] for order in orders]
    assert first == others[0] == others[1]
    assert {position for position, lot in first if lot} == set(draw_random(range(20), 0.2, 3))
    assert sorted(position for position, _ in first) == list(range(20)) != [position for position, _ in first]


def test_low_confidence_and_low_dice_come_first() -> None:
    cases = [case(0, confidence=0.9, dice=0.2), case(1, confidence=0.6, dice=0.8)]
    assert places(cases, NO_LOT, RankWeights(entropy=0, confidence=1)) == [1, 0]
    assert places(cases, NO_LOT, RankWeights(entropy=0, dice=1)) == [0, 1]


def test_a_blend_weighs_places_not_values() -> None:
    cases = [case(0, entropy=0.9, rarity=0.0), case(1, entropy=0.89, rarity=0.01), case(2, entropy=0.1)]
    scores = compute_scores(cases, RankWeights(entropy=1, rarity=1))
    # entropy's places: 5/6, 3/6, 1/6; rarity's among the two that are known: 1/4, 3/4
    np.testing.assert_allclose(scores, [(5 / 6 + 1 / 4) / 2, (3 / 6 + 3 / 4) / 2, 1 / 6])


def test_a_case_of_which_nothing_is_known_stands_in_the_middle() -> None:
    cases = [case(0, entropy=0.9), case(1), case(2, entropy=0.1)]
    assert places(cases, NO_LOT) == [0, 1, 2]
    assert compute_scores(cases, RankWeights())[1] == 0.5


def test_weights_that_count_nothing_are_refused() -> None:
    with pytest.raises(ValidationError, match="all weights are 0"):
        RankWeights(entropy=0)


def test_a_cap_lets_every_patient_come_before_the_next_round() -> None:
    cases = [case(n, group="a", entropy=0.9 - n / 100) for n in range(4)]
    cases += [case(4, group="b", entropy=0.3), case(5, entropy=0.2), case(6, entropy=0.1)]
    assert places(cases, NO_LOT) == [0, 1, 2, 3, 4, 5, 6]
    capped = ReviewSettings(random_share=0, group_cap=2)
    assert places(cases, capped) == [0, 1, 4, 5, 6, 2, 3]


@given(
    st.lists(st.floats(0, 1), max_size=60),
    st.floats(0, 1),
    st.integers(0, 99),
    st.one_of(st.none(), st.integers(1, 3)),
)
def test_every_case_stands_in_the_list_once(
    entropies: list[float], share: float, seed: int, cap: int | None
) -> None:
    cases = [case(3 * n, group=f"g{n % 4}", entropy=value) for n, value in enumerate(entropies)]
    settings = ReviewSettings(random_share=share, seed=seed, group_cap=cap)
    entries = order_worklist(cases, settings)
    assert sorted(entry.position for entry in entries) == [item.position for item in cases]
    drawn = [entry.position for entry in entries if entry.random]
    assert drawn == draw_random([item.position for item in cases], share, seed)


def test_a_tenth_is_random_and_spread_over_the_list() -> None:
    cases = [case(n, entropy=n / 200) for n in range(200)]
    entries = order_worklist(cases, ReviewSettings())
    lots = [place for place, entry in enumerate(entries) if entry.random]
    assert len(lots) == 20
    assert set(np.diff(lots)) == {10}


def test_weights_never_change_who_is_drawn() -> None:
    cases = [case(n, entropy=n / 50, confidence=n / 50) for n in range(50)]
    first, second = (
        {entry.position for entry in order_worklist(cases, ReviewSettings(), weights) if entry.random}
        for weights in (RankWeights(), RankWeights(entropy=0, confidence=1))
    )
    assert first == second


def test_every_case_is_drawn_about_equally_often() -> None:
    counts = np.bincount(
        [place for seed in range(2000) for place in draw_random(range(20), 0.1, seed)], minlength=20
    )
    expected = 2000 * 2 / 20
    assert np.abs(counts - expected).max() < 5 * math.sqrt(expected)


def test_filters_keep_the_order() -> None:
    cases = [
        case(0, entropy=0.1, fold=1, classes=("lung",)),
        case(1, entropy=0.5, fold=2, classes=("lung", "heart")),
        case(2, entropy=0.9, fold=2),
    ]
    entries = order_worklist(cases, NO_LOT)
    by_position = {item.position: item for item in cases}
    states: dict[int, Any] = {0: "open", 1: "accepted", 2: "open"}
    readers = {0: {"ann"}}

    def kept(**wanted: Any) -> list[int]:
        found = filter_worklist(entries, WorklistFilter(**wanted), by_position, states, readers)
        return [entry.position for entry in found]

    assert kept() == [2, 1, 0]
    assert kept(class_name="lung") == [1, 0]
    assert kept(fold=2) == [2, 1]
    assert kept(state="open") == [2, 0]
    assert kept(reader="ann") == [0]
    assert kept(random_only=True) == []


def test_time_left_is_the_median_of_settled_cases() -> None:
    decisions = [
        said("a", "accept", position=0, seconds=10.0),
        said("a", "flag", position=1, seconds=5.0, superseded=True),
        said("a", "accept", position=1, seconds=15.0),
        said("a", "accept", position=2, seconds=4000.0),  # over lunch
        said("a", "skip", position=3, seconds=1.0),
        said("a", "reject", position=4, seconds=30.0),
    ]
    assert estimate_seconds_left(decisions, 7) is None  # four tell no pace
    assert estimate_seconds_left([*decisions, said("a", "accept", position=5, seconds=18.0)], 7) == 20 * 7


def test_acceptance_is_estimated_from_the_random_cases_alone() -> None:
    cases = [case(n, entropy=n / 100) for n in range(100)]
    entries = order_worklist(cases, ReviewSettings(random_share=0.5))
    drawn = [entry.position for entry in entries if entry.random]
    states: dict[int, Any] = dict.fromkeys(range(100), "rejected")
    states |= dict.fromkeys(drawn[:8], "accepted") | dict.fromkeys(drawn[10:], "open")
    found = estimate_acceptance(entries, states)
    assert (found.accepted, found.decided, found.share) == (8, 10, 0.8)
    # Wilson's interval for 8 of 10, as statsmodels' proportion_confint(8, 10, method="wilson") gives it
    assert (found.low, found.high) == pytest.approx((0.490162, 0.943317), abs=1e-6)
    nothing = estimate_acceptance(entries, dict.fromkeys(range(100), "open"))
    assert (nothing.share, nothing.low, nothing.high) == (None, 0, 1)


def test_equal_cases_keep_their_order_whatever_the_last_bits_of_a_sum() -> None:
    cases = [case(place, dice=place / 9, rarity=place / 9, disagreement=place / 9) for place in range(9)]
    weights = RankWeights(entropy=0, dice=1, rarity=0.7, disagreement=0.3)
    assert len(set(compute_scores(cases, weights).tolist())) == 1
    assert places(cases, NO_LOT, weights) == list(range(9))
