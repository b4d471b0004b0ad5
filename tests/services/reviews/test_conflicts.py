import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.identity import Identity, Role
from core.domain.review import DecisionRequest
from core.errors import AccessError, ReviewError
from core.reviews.assigning import assign
from core.reviews.ledger import read_records
from core.reviews.opening import Review, read_case
from core.reviews.reading import read_outcomes
from core.services.reviews.conflicts import Conflict, list_conflicts, settle, take_on
from core.services.reviews.differences import compare_masks
from core.services.reviews.stores import review_store
from tests.services.reviews.doubles import answer, open_double
from tests.services.reviews.people import ANN, BEN, EVE, RESEARCHER, person

CHIEF = person("chief", Role.RESEARCHER)


@pytest.fixture
def review(tmp_path: Path) -> Review:
    """Three cases of two readers: one mask against another, a mask against none, and one equal answer."""
    opened = open_double(tmp_path / "eyes")
    assign(review_store(), opened.id, {place: [ANN.id, BEN.id] for place in range(4)}, RESEARCHER)
    answer(opened, 0, ANN, draw=(1, 20, 22))
    answer(opened, 0, BEN)
    answer(opened, 1, ANN, "reject")
    answer(opened, 1, BEN)
    answer(opened, 2, ANN)
    answer(opened, 2, BEN)
    answer(opened, 3, ANN)
    return opened


def conflict(review: Review, identity: Identity, place: int = 0) -> Conflict:
    return list_conflicts(review, identity)[place]


def word(action: str, mask: str | None = None) -> DecisionRequest:
    reason = "neither is right" if action == "reject" else ""
    return DecisionRequest.model_validate(
        {
            "token": f"settle-{action}-{mask}"[:60],
            "action": action,
            "reason": reason,
            "seconds": 1,
            "mask_seen": mask,
        }
    )


def test_differing_masks_and_differing_verdicts_are_conflicts(review: Review) -> None:
    masks, verdicts = list_conflicts(review, RESEARCHER)
    assert (masks.case.position, masks.verdicts) == (0, False)
    assert [(item.name, item.action, item.drawn) for item in masks.opinions] == [
        ("ann", "correct", True),
        ("ben", "accept", False),
    ]
    assert (verdicts.case.position, verdicts.verdicts) == (1, True)
    assert verdicts.opinions[0].reason == "wrong side"


def test_a_blinded_reader_sees_no_conflict_of_a_case_that_they_have_not_answered(review: Review) -> None:
    assign(review_store(), review.id, {0: [EVE.id]}, RESEARCHER)
    assert list_conflicts(review, EVE) == []
    assert len(list_conflicts(review, ANN)) == 2  # both are answered by her
    drawn = conflict(review, RESEARCHER).opinions[0].mask
    assert drawn is not None
    predicted = read_case(review_store(), review.id, 0).mask_hash
    with pytest.raises(ReviewError, match="hidden until you have answered"):
        compare_masks(review, 0, EVE, drawn, predicted)


def test_masks_are_compared_class_by_class_and_the_difference_is_drawn(review: Review) -> None:
    first, second = (item.mask for item in conflict(review, RESEARCHER).opinions)
    assert first is not None
    assert second is not None
    found = compare_masks(review, 0, RESEARCHER, first, second)
    assert found.unit == "px"
    assert found.scores["vessel"] == (None, None)  # in neither
    assert found.scores["scar"] == (1, 0)
    assert found.scores["disc"][0] == pytest.approx(2 * 4 / (4 + 6))
    difference = np.asarray(Image.open(io.BytesIO(found.difference)), np.int16)
    plain = np.asarray(Image.open(io.BytesIO(found.second)), np.int16)
    changed = np.abs(difference - plain).sum(axis=2)[20:22]
    assert difference.shape == (24, 32, 3)
    assert changed.min() > 0  # rows 20 and 21: only in the first
    swapped = compare_masks(review, 0, RESEARCHER, second, first, "disc")
    assert swapped.difference != found.difference


def test_only_the_adjudicator_settles(review: Review) -> None:
    before = conflict(review, CHIEF)
    assert (before.may_settle, before.may_take_on) == (False, True)
    assert not conflict(review, ANN).may_take_on  # she is one of the readers, and no researcher
    with pytest.raises(ReviewError, match="chief is not the adjudicator"):
        settle(review, 0, CHIEF, word("accept"))
    with pytest.raises(AccessError):
        take_on(review.id, 0, EVE)
    take_on(review.id, 0, CHIEF)
    assert conflict(review, CHIEF).may_settle
    drawn = before.opinions[0].mask
    settle(review, 0, CHIEF, word("accept", drawn))
    outcome = read_outcomes(review_store(), review.id)[0]
    assert (outcome.state, outcome.mask) == ("corrected", drawn)
    with review_store().database.reading() as session:
        record = read_records(session)[-1]
    assert (record.adjudication, record.mask_before, record.reader.id) == (True, drawn, CHIEF.id)
    settled = list_conflicts(review, CHIEF)[-1]  # after those that are open
    assert settled.settled is not None
    assert settled.settled.name == "chief"


def test_all_masks_may_be_rejected(review: Review) -> None:
    take_on(review.id, 1, CHIEF)
    settle(review, 1, CHIEF, word("reject"))
    assert read_outcomes(review_store(), review.id)[1].state == "rejected"


def test_a_reader_of_the_case_cannot_become_its_adjudicator(review: Review) -> None:
    assign(review_store(), review.id, {5: [RESEARCHER.id]}, RESEARCHER)
    with pytest.raises(ReviewError, match="must not be one of its readers"):
        take_on(review.id, 5, RESEARCHER)
    answer(review, 4, CHIEF)  # nobody is assigned: open to all
    with pytest.raises(ReviewError, match="must not be one of its readers"):
        take_on(review.id, 4, CHIEF)


def test_a_conflict_that_nobody_was_assigned_to_reaches_who_runs_the_review(tmp_path: Path) -> None:
    opened = open_double(tmp_path / "eyes")
    answer(opened, 4, ANN)
    assert list_conflicts(opened, CHIEF) == []  # one of two: CHIEF may be asked to be the other
    answer(opened, 4, BEN, "reject")
    assert [item.name for item in conflict(opened, CHIEF).opinions] == ["ann", "ben"]
    take_on(opened.id, 4, CHIEF)
    settle(opened, 4, CHIEF, word("reject"))
    assert read_outcomes(review_store(), opened.id)[4].state == "rejected"
    assert list_conflicts(opened, EVE) == []  # a reader, who may still be asked
