from collections import Counter
from itertools import combinations

import pytest

from core.errors import AccessError, ReviewError
from core.reviews.assigning import assign, read_assignments, release, share_out
from core.reviews.deciding import decide
from core.reviews.ledger import read_records, verify_ledger
from core.reviews.opening import close_review
from core.reviews.store import ReviewStore
from tests.reviews.sets import ADMIN, ask, begin, person


@pytest.mark.parametrize(("readers", "each", "cases"), [(4, 2, 60), (5, 3, 40), (3, 1, 10), (2, 2, 7)])
def test_cases_are_shared_out_evenly(readers: int, each: int, cases: int) -> None:
    names = [f"r{number}" for number in range(readers)]
    shared = share_out(range(cases), names, each, seed=3)
    assert list(shared) == list(range(cases))
    assert all(len(set(chosen)) == each for chosen in shared.values())
    load = Counter(name for chosen in shared.values() for name in chosen)
    assert max(load.values()) - min(load.values()) <= 1


def test_everybody_reads_with_everybody() -> None:
    names = [f"r{number}" for number in range(4)]
    shared = share_out(range(60), names, 2, seed=0)
    met = Counter(tuple(chosen) for chosen in shared.values())
    assert set(met) == set(combinations(names, 2))
    assert max(met.values()) - min(met.values()) <= 2


def test_too_few_readers_are_refused() -> None:
    with pytest.raises(ReviewError, match="there are 1 readers"):
        share_out([0], ["ann", "ann"], 2, seed=0)


def test_who_reads_a_case_already_counts() -> None:
    names = ["ann", "ben", "cat"]
    held = {place: ["ann", "ben"] for place in range(10)} | {10: ["ann"], 11: ["somebody else", "cat"]}
    shared = share_out(range(20), names, 2, seed=1, held=held)
    assert set(shared) == set(range(10, 20)) - {11}
    assert shared[10] == ["cat"]  # has read least
    load = Counter(name for chosen in [*held.values(), *shared.values()] for name in chosen)
    assert load["cat"] == 1 + len(shared)  # they are behind, and read all that is left
    assert abs(load["ann"] - load["ben"]) <= 1


def test_a_case_that_has_all_of_the_chosen_readers_gets_no_more() -> None:
    assert share_out([0], ["ann", "ben"], 2, seed=0, held={0: ["ann", "ben"]}) == {}


def test_cases_that_are_not_begun_can_be_taken_back(store: ReviewStore) -> None:
    review = begin(store, cases=3).id
    ann, ben = person("ann"), person("ben")
    assign(store, review, {place: [ann.id, ben.id] for place in range(3)}, ADMIN)
    decide(store, review, 1, ann, ask("flag", "flag"))
    assert release(store, review, ann.id, ADMIN) == 2
    left = [(item.position, item.reader) for item in read_assignments(store, review)]
    assert left == [(0, ben.id), (1, ann.id), (1, ben.id), (2, ben.id)]
    with store.database.reading() as session:
        last = read_records(session)[-1]
    assert (last.action, last.position, last.detail) == ("assign", 2, f"released reader: {ann.id}")
    assert verify_ledger(store.database).intact
    with pytest.raises(AccessError, match="may not take cases back"):
        release(store, review, ben.id, ann)
    close_review(store, review, ADMIN)
    with pytest.raises(ReviewError, match="is closed"):
        release(store, review, ben.id, ADMIN)
