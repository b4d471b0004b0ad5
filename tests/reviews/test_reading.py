import pytest

from core.domain.identity import Identity, Role
from core.domain.review import ReviewSettings
from core.reviews.assigning import assign
from core.reviews.deciding import decide
from core.reviews.reading import SeenCase, read_outcomes, read_seen_case
from core.reviews.store import ReviewStore
from tests.reviews.sets import ADMIN, ask, begin, draw, person

ANN, BEN, EVA = person("ann"), person("ben"), person("eva", Role.RESEARCHER)
BLIND = ReviewSettings(readers_per_case=2, hide_model=True)


def answer(store: ReviewStore, review: str, by: Identity, position: int = 0, action: str = "correct") -> None:
    reason = {"reason": "wrong side"} if action == "reject" else {}
    mask = draw((0, 0)) if action == "correct" else None
    decide(store, review, position, by, ask(f"{review[:8]}-{by.name}-{action}", action, **reason), mask)


def seen(store: ReviewStore, review: str, by: Identity) -> SeenCase:
    return read_seen_case(store, review, 0, by)


def test_a_blinded_reader_sees_own_answers_only_until_they_have_answered(store: ReviewStore) -> None:
    review = begin(store, settings=BLIND).id
    assign(store, review, {0: [ANN.id, BEN.id]}, ADMIN)
    answer(store, review, ANN)
    hidden = seen(store, review, BEN)
    assert (hidden.decisions, hidden.outcome, hidden.model) == ((), None, False)
    answer(store, review, BEN, action="skip")  # no answer: still blinded
    hidden = seen(store, review, BEN)
    assert ([item.reader for item in hidden.decisions], hidden.model) == ([BEN.id], False)
    answer(store, review, BEN, action="reject")
    shown = seen(store, review, BEN)
    assert {item.reader for item in shown.decisions} == {ANN.id, BEN.id}
    assert shown.outcome is not None
    assert shown.outcome.state == "conflict"
    assert shown.model


def test_who_is_not_asked_to_read_a_case_may_see_its_answers_as_a_researcher_only(store: ReviewStore) -> None:
    review = begin(store, settings=BLIND).id
    assign(store, review, {0: [ANN.id, BEN.id]}, ADMIN)
    answer(store, review, ANN)
    assert len(seen(store, review, EVA).decisions) == 1
    assert seen(store, review, EVA).model
    assert seen(store, review, person("other reader")).decisions == ()
    assign(store, review, {0: [EVA.id]}, ADMIN)
    assert seen(store, review, EVA).decisions == ()  # from now on one of its readers


def test_a_case_that_nobody_is_assigned_to_is_blinded_for_researchers_too(store: ReviewStore) -> None:
    review = begin(store, settings=BLIND).id
    answer(store, review, ANN)
    assert seen(store, review, EVA).outcome is None


def test_an_adjudicator_sees_everything_and_an_open_review_hides_nothing(store: ReviewStore) -> None:
    review = begin(store, settings=BLIND).id
    assign(store, review, {0: [ANN.id, BEN.id]}, ADMIN)
    assign(store, review, {0: [EVA.id]}, ADMIN, "adjudicator")
    answer(store, review, ANN)
    assert len(seen(store, review, EVA).decisions) == 1
    opened = begin(store, settings=ReviewSettings(blind_readers=False)).id
    answer(store, opened, ANN, action="accept")
    assert len(seen(store, opened, BEN).decisions) == 1


def test_a_hidden_model_is_not_told_by_what_others_answered(store: ReviewStore) -> None:
    review = begin(store, settings=ReviewSettings(hide_model=True, blind_readers=False)).id
    answer(store, review, ANN)
    answer(store, review, ANN, action="accept")  # the mask that she stands for now is the model's
    hidden = seen(store, review, BEN)
    assert (hidden.decisions, hidden.outcome, hidden.model) == ((), None, False)


def test_a_case_without_answers_of_others_has_its_state(store: ReviewStore) -> None:
    outcome = seen(store, begin(store, settings=BLIND).id, ANN).outcome
    assert outcome is not None
    assert outcome.state == "open"


@pytest.mark.parametrize("asked", [1, 2])
def test_every_assigned_reader_is_waited_for(store: ReviewStore, asked: int) -> None:
    review = begin(store, settings=ReviewSettings(readers_per_case=1)).id
    assign(store, review, {0: [ANN.id, BEN.id][:asked]}, ADMIN)
    answer(store, review, ANN, action="accept")
    assert read_outcomes(store, review)[0].state == ("accepted" if asked == 1 else "started")
    assert read_outcomes(store, review)[1].state == "open"


def test_two_own_drawings_are_a_conflict(store: ReviewStore) -> None:
    review = begin(store, settings=BLIND).id
    for by, point in ((ANN, (3, 4)), (BEN, (4, 4))):
        decide(store, review, 0, by, ask(f"draw-{by.name}", "correct"), draw(point))
    assert read_outcomes(store, review)[0].state == "conflict"
