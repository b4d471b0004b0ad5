from typing import Any

import pytest

from core.reviews.states import Decision, compute_outcome

PREDICTED, DRAWN, OTHER = "p" * 64, "d" * 64, "e" * 64


def said(reader: str, action: str, **more: Any) -> Decision:
    content: dict[str, Any] = {
        "seq": 1, "token": "t", "review": "r", "position": 0, "reader": reader, "reader_name": reader,
        "adjudication": False, "class_name": "", "action": action, "reason": "", "comment": "",
        "seconds": 1.0,
        "mask_before": PREDICTED, "mask_after": None, "mask_version": None, "supersedes": None,
        "superseded": False, "time": "",
    }  # fmt: skip
    return Decision(**content | more)


def test_one_reader_settles_a_case_that_asks_for_one() -> None:
    assert compute_outcome([], PREDICTED, 1).state == "open"
    accepted = compute_outcome([said("a", "accept")], PREDICTED, 1)
    assert (accepted.state, accepted.mask) == ("accepted", PREDICTED)
    rejected = compute_outcome([said("a", "reject")], PREDICTED, 1)
    assert (rejected.state, rejected.mask) == ("rejected", None)
    corrected = compute_outcome([said("a", "correct", mask_after=DRAWN)], PREDICTED, 1)
    assert (corrected.state, corrected.mask) == ("corrected", DRAWN)


def test_accepting_a_corrected_mask_is_a_correction() -> None:
    outcome = compute_outcome([said("a", "accept", mask_before=DRAWN)], PREDICTED, 1)
    assert (outcome.state, outcome.mask) == ("corrected", DRAWN)


@pytest.mark.parametrize(
    ("decisions", "state"),
    [
        ([said("a", "skip")], "skipped"),
        ([said("a", "flag")], "flagged"),
        ([said("a", "accept")], "started"),
        ([said("a", "accept"), said("b", "skip")], "started"),
        ([said("a", "accept"), said("b", "flag")], "flagged"),
        ([said("a", "accept"), said("b", "accept")], "accepted"),
        ([said("a", "accept"), said("b", "reject")], "conflict"),
        ([said("a", "reject"), said("b", "reject")], "rejected"),
        ([said("a", "correct", mask_after=DRAWN), said("b", "accept")], "conflict"),
        ([said("a", "correct", mask_after=DRAWN), said("b", "correct", mask_after=OTHER)], "conflict"),
        ([said("a", "correct", mask_after=DRAWN), said("b", "accept", mask_before=DRAWN)], "corrected"),
        ([said("a", "accept"), said("b", "accept"), said("c", "flag")], "accepted"),
        ([said("a", "accept", class_name="lung")], "started"),
        ([said("a", "accept", superseded=True), said("a", "skip")], "skipped"),
        ([said("a", "accept", superseded=True), said("a", "withdraw")], "open"),
        ([said("a", "accept", superseded=True), said("a", "withdraw"), said("b", "accept")], "started"),
        (
            [
                said("a", "accept", class_name="lung", superseded=True),
                said("a", "withdraw", class_name="lung"),
            ],
            "open",
        ),
        ([said("a", "accept"), said("b", "reject"), said("c", "accept", adjudication=True)], "accepted"),
        ([said("a", "accept"), said("b", "reject"), said("c", "skip", adjudication=True)], "conflict"),
    ],
)
def test_two_readers_settle_a_case_when_they_stand_for_one_mask(
    decisions: list[Decision], state: str
) -> None:
    assert compute_outcome(decisions, PREDICTED, 2).state == state


def test_the_adjudicators_last_word_counts() -> None:
    words = [
        said("c", "accept", adjudication=True, superseded=True, seq=5),
        said("c", "reject", adjudication=True, seq=9),
        said("d", "accept", adjudication=True, seq=7),
    ]
    assert compute_outcome(words, PREDICTED, 2).state == "rejected"
