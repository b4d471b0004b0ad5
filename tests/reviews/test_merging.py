"""Decisions of another ledger, merged into this one, on each kind of database."""

from pathlib import Path

import pytest

from core.domain.identity import Role
from core.errors import AccessError, ReviewError
from core.reviews.deciding import decide
from core.reviews.foreign import Answers, find_decisions, read_foreign, read_part
from core.reviews.ledger import verify_ledger
from core.reviews.merging import merge_answers
from core.reviews.opening import Review, close_review
from core.reviews.reading import read_decisions, read_outcomes
from core.reviews.store import ReviewStore
from core.workspace.database import open_database
from tests.reviews.sets import ADMIN, CLASSES, ask, begin, draw, make_store, person

ANN = person("ann")


@pytest.fixture
def away(tmp_path: Path) -> ReviewStore:
    return make_store(open_database(f"sqlite:///{tmp_path / 'away.sqlite'}"), tmp_path / "away")


def collect(store: ReviewStore, review: Review) -> Answers:
    """What would travel in a bundle."""
    part = read_part(store, review.id)
    decisions = find_decisions(read_foreign(part.records, review.id))
    masks = {
        (item.record.position or 0, item.record.mask_after): draw([0, 0])
        for item in decisions
        if item.record.mask_after
    }
    return Answers("b" * 32, part.installation, tuple(decisions), masks)


def test_only_the_records_of_one_review_travel(away: ReviewStore) -> None:
    first, second = begin(away), begin(away)
    decide(away, first.id, 0, ANN, ask("1"))
    decide(away, second.id, 1, ANN, ask("2", comment=f'"review":"{first.id}"'))
    part = read_part(away, first.id)
    assert len(part.records) == 2  # opened, and decided
    assert all(f'"review":"{first.id}"' in body for body, _ in part.records)
    assert [item.record.position for item in find_decisions(read_foreign(part.records, first.id))] == [0]


def test_a_merge_adds_decisions_masks_and_an_unbroken_chain(store: ReviewStore, away: ReviewStore) -> None:
    home, there = begin(store), begin(away)
    decide(away, there.id, 0, ANN, ask("1"))
    decide(away, there.id, 1, ANN, ask("2", "correct"), draw([0, 0]))
    decide(away, there.id, 0, ANN, ask("3", "reject", reason="blurred"))
    answers = collect(away, there)
    merged = merge_answers(store, home.id, answers, ADMIN)
    again = merge_answers(store, home.id, answers, ADMIN)
    assert (merged.added, merged.known, again.added, again.known) == (3, 0, 0, 3)
    outcomes = read_outcomes(store, home.id)
    assert [outcomes[place].state for place in range(3)] == ["rejected", "corrected", "open"]
    assert verify_ledger(store.database).intact


def test_own_decisions_are_never_superseded_by_foreign_ones(store: ReviewStore, away: ReviewStore) -> None:
    home, there = begin(store), begin(away)
    decide(store, home.id, 0, ANN, ask("1"))
    decide(away, there.id, 0, ANN, ask("2", "reject", reason="blurred"))
    merged = merge_answers(store, home.id, collect(away, there), ADMIN)
    found = read_decisions(store, home.id)
    assert [item.superseded for item in found] == [False, False]
    assert len({item.reader for item in found}) == 2
    assert [item.position for item in merged.conflicts] == [0]


def test_a_closed_review_takes_nothing(store: ReviewStore, away: ReviewStore) -> None:
    home, there = begin(store), begin(away)
    decide(away, there.id, 0, ANN, ask("1"))
    close_review(store, home.id, ADMIN)
    with pytest.raises(ReviewError, match="is closed"):
        merge_answers(store, home.id, collect(away, there), ADMIN)


def test_merging_takes_a_researcher(store: ReviewStore, away: ReviewStore) -> None:
    home, there = begin(store), begin(away)
    decide(away, there.id, 0, ANN, ask("1"))
    with pytest.raises(AccessError):
        merge_answers(store, home.id, collect(away, there), person("ben", Role.READER))


def test_one_decision_that_does_not_fit_keeps_all_others_out(store: ReviewStore, away: ReviewStore) -> None:
    home, there = begin(store, cases=2), begin(away, cases=3)
    decide(away, there.id, 0, ANN, ask("1"))
    decide(away, there.id, 2, ANN, ask("2"))
    with pytest.raises(ReviewError, match="does not have"):
        merge_answers(store, home.id, collect(away, there), ADMIN)
    assert read_decisions(store, home.id) == []


def test_a_reader_whose_id_is_long_still_has_one_id(store: ReviewStore, away: ReviewStore) -> None:
    home, there = begin(store), begin(away)
    long = ANN.model_copy(update={"id": "x" * 255})
    decide(away, there.id, 0, long, ask("1"))
    decide(away, there.id, 1, long, ask("2", class_name=CLASSES[0]))
    merge_answers(store, home.id, collect(away, there), ADMIN)
    readers = {item.reader for item in read_decisions(store, home.id)}
    assert len(readers) == 1
    assert len(readers.pop()) <= 255
