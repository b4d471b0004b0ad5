from pathlib import Path

import pytest

from core.accounts.accounts import create_first_admin
from core.domain.identity import Identity, Role
from core.domain.review import ReviewSettings
from core.errors import AccessError, ReviewError
from core.reviews.assigning import assign, read_assignments
from core.reviews.opening import Review
from core.services.reviews.readers import (
    choose_cases,
    find_people,
    name_adjudicator,
    read_workloads,
    release,
    share_cases,
)
from core.services.reviews.stores import review_store
from tests.services.reviews.doubles import answer, open_double
from tests.services.reviews.people import ANN, BEN, EVE, RESEARCHER


@pytest.fixture
def review(tmp_path: Path) -> Review:
    return open_double(tmp_path / "eyes", ReviewSettings(readers_per_case=2, random_share=0.5))


def test_nobody_can_be_chosen_where_nobody_signs_in() -> None:
    create_first_admin(review_store().database, "Ada", "a long enough pass phrase")
    assert [person.name for person in find_people(RESEARCHER)] == ["Ada"]
    assert find_people(Identity(id="local:me", name="me", sign_in="local", role=Role.ADMIN)) == []
    with pytest.raises(AccessError, match="may not assign readers"):
        find_people(ANN)


def test_cases_are_chosen_in_the_order_of_the_worklist(review: Review) -> None:
    every = choose_cases(review.id, "all")
    assert sorted(every) == list(range(6))
    assert choose_cases(review.id, "first", 2) == every[:2]
    lots = choose_cases(review.id, "random", 99)
    assert len(lots) == 3
    assert lots == [place for place in every if place in lots]
    named = choose_cases(review.id, "named", names=["images/0003.png"])
    assert named == [3]
    with pytest.raises(ReviewError, match=r"no case 'images/9\.png'"):
        choose_cases(review.id, "named", names=["images/9.png"])
    with pytest.raises(ReviewError, match="No case fits"):
        choose_cases(review.id, "flagged")
    answer(review, 5, ANN, "flag")
    assert choose_cases(review.id, "flagged") == [5]


def test_sharing_out_twice_adds_nothing(review: Review) -> None:
    positions = choose_cases(review.id, "all")
    assert share_cases(review.id, positions, [ANN.id, BEN.id, EVE.id], 2, RESEARCHER) == 12
    assert share_cases(review.id, positions, [ANN.id, BEN.id, EVE.id], 2, RESEARCHER) == 0
    assert share_cases(review.id, positions[:1], [ANN.id, BEN.id, EVE.id], 3, RESEARCHER) == 1


def test_an_adjudicator_is_no_reader_and_a_reader_no_adjudicator(review: Review) -> None:
    share_cases(review.id, [0, 1], [ANN.id, BEN.id], 2, RESEARCHER)
    with pytest.raises(ReviewError, match="reads 2 of these cases"):
        name_adjudicator(review.id, ANN.id, RESEARCHER)
    assert name_adjudicator(review.id, EVE.id, RESEARCHER) == 6
    with pytest.raises(ReviewError, match="cannot be one of them"):
        share_cases(review.id, [2], [ANN.id, EVE.id], 2, RESEARCHER)


def test_the_table_says_who_has_how_much_left(review: Review) -> None:
    share_cases(review.id, [0, 1, 2, 3], [ANN.id, BEN.id], 2, RESEARCHER)
    assign(review_store(), review.id, {place: [EVE.id] for place in range(6)}, RESEARCHER, "adjudicator")
    answer(review, 0, ANN)
    answer(review, 0, BEN, "reject")
    answer(review, 1, ANN, "flag")
    loads = {load.reader: load for load in read_workloads(review, RESEARCHER)}
    ann, eve = loads[ANN.id], loads[EVE.id]
    assert (ann.name, ann.assigned, ann.settled, ann.put_off, ann.left) == ("ann", 4, 1, 1, 3)
    assert (eve.kind, eve.assigned, eve.left) == ("adjudicator", 1, 1)  # the one conflict
    assert [load.reader for load in read_workloads(review, BEN)] == [BEN.id]
    answer(review, 0, EVE)
    settled = next(load for load in read_workloads(review, RESEARCHER) if load.reader == EVE.id)
    assert (settled.assigned, settled.left) == (1, 0)


def test_who_is_to_settle_is_named_before_there_is_a_conflict(review: Review) -> None:
    name_adjudicator(review.id, EVE.id, RESEARCHER)
    (eve,) = read_workloads(review, RESEARCHER)
    assert (eve.reader, eve.kind, eve.assigned, eve.left) == (EVE.id, "adjudicator", 0, 0)


def test_what_is_not_begun_can_be_taken_back(review: Review) -> None:
    share_cases(review.id, [0, 1, 2], [ANN.id, BEN.id], 2, RESEARCHER)
    answer(review, 0, ANN)
    load = next(load for load in read_workloads(review, RESEARCHER) if load.reader == ANN.id)
    assert release(review.id, load, RESEARCHER) == 2
    kept = [item.position for item in read_assignments(review_store(), review.id) if item.reader == ANN.id]
    assert kept == [0]
