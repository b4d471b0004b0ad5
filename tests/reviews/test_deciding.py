import numpy as np
import pytest
from pydantic import ValidationError

from core.domain.identity import Identity, Role
from core.domain.masks import LabelMask
from core.domain.review import ReviewSettings
from core.errors import AccessError, ReviewError
from core.reviews.assigning import assign
from core.reviews.deciding import decide
from core.reviews.ledger import read_records, verify_ledger
from core.reviews.opening import close_review
from core.reviews.reading import (
    case_folder,
    read_corrected,
    read_decisions,
    read_outcomes,
    read_seen_case,
)
from core.reviews.store import ReviewStore
from tests.reviews.sets import ADMIN, CLASSES, PREDICTED_HASH, ask, begin, draw, person

ANN, BEN, CAT = person("ann"), person("ben"), person("cat")


def test_a_decision_is_stored_with_a_record_that_says_all_of_it(store: ReviewStore) -> None:
    review = begin(store)
    made = decide(
        store, review.id, 1, ANN, ask("1", "reject", reason=" wrong side ", comment="see 2", seconds=7.25)
    )
    assert read_decisions(store, review.id) == [made]
    with store.database.reading() as session:
        opened, record = read_records(session)
    assert (opened.action, opened.reader.id) == ("open_review", ADMIN.id)
    assert record.model_dump(exclude={"time", "previous"}) == {
        "seq": 2,
        "action": "reject",
        "reader": {"id": "id-ann", "name": "ann", "role": "reader", "sign_in": "password", "verified": True},
        "app_version": "1.2.3",
        "review": review.id,
        "dataset_hash": "d" * 16,
        "model_hash": "m" * 16,
        "position": 1,
        "sample": "case-1",
        "class_name": "",
        "reason": "wrong side",
        "comment": "see 2",
        "milliseconds": 7250,
        "mask_before": PREDICTED_HASH,
        "mask_after": None,
        "mask_version": None,
        "adjudication": False,
        "supersedes": None,
        "token": "token-no-1",
        "detail": "",
        "origin": None,
    }


def test_a_decision_sent_twice_is_stored_once(store: ReviewStore) -> None:
    review = begin(store)
    first = decide(store, review.id, 0, ANN, ask("1", "correct"), draw((0, 0)))
    again = decide(store, review.id, 0, ANN, ask("1", "correct", seconds=99), draw((0, 0)))
    assert again == first
    assert len(read_decisions(store, review.id)) == 1
    assert verify_ledger(store.database).records == 2


def test_a_decision_sent_again_after_the_review_was_closed_is_still_confirmed(store: ReviewStore) -> None:
    review = begin(store)
    first = decide(store, review.id, 0, ANN, ask("1"))
    close_review(store, review.id, ADMIN)
    assert decide(store, review.id, 0, ANN, ask("1")) == first
    with pytest.raises(ReviewError, match="closed"):
        decide(store, review.id, 1, ANN, ask("2"))


@pytest.mark.parametrize("other", [{"action": "skip"}, {"comment": "x"}, {"class_name": "lung"}])
def test_a_token_used_for_something_else_is_refused(store: ReviewStore, other: dict[str, str]) -> None:
    review = begin(store)
    decide(store, review.id, 0, ANN, ask("1"))
    with pytest.raises(ReviewError, match="token of another"):
        decide(store, review.id, 0, ANN, ask("1", **other))  # type: ignore[arg-type]
    with pytest.raises(ReviewError, match="token of another"):
        decide(store, review.id, 0, BEN, ask("1"))


def test_a_changed_mind_supersedes_and_erases_nothing(store: ReviewStore) -> None:
    review = begin(store)
    first = decide(store, review.id, 0, ANN, ask("1", "reject", reason="blurred"))
    second = decide(store, review.id, 0, ANN, ask("2"))
    third = decide(store, review.id, 0, ANN, ask("3", "skip"))
    decide(store, review.id, 0, ANN, ask("4", class_name="lung"))
    assert (first.supersedes, second.supersedes, third.supersedes) == (None, first.seq, second.seq)
    kept = read_decisions(store, review.id, 0)
    assert [(item.action, item.superseded) for item in kept] == [
        ("reject", True), ("accept", True), ("skip", False), ("accept", False),
    ]  # fmt: skip


def test_each_corrected_mask_is_a_new_version_beside_the_old(store: ReviewStore) -> None:
    review = begin(store)
    one = decide(store, review.id, 0, ANN, ask("1", "correct"), draw((0, 0)))
    two = decide(
        store, review.id, 0, ANN, ask("2", "correct", mask_seen=one.mask_after), draw((0, 0), (1, 1))
    )
    assert (one.mask_version, two.mask_version) == (1, 2)
    assert (one.mask_before, two.mask_before) == (PREDICTED_HASH, one.mask_after)
    for decision, drawn in ((one, draw((0, 0))), (two, draw((0, 0), (1, 1)))):
        assert decision.mask_after is not None
        kept = read_corrected(store, review.id, 0, decision.mask_after)
        np.testing.assert_array_equal(kept.pixels, drawn.pixels)


def test_a_mask_changed_on_the_disk_is_refused(store: ReviewStore) -> None:
    review = begin(store)
    one = decide(store, review.id, 0, ANN, ask("1", "correct"), draw((0, 0)))
    two = decide(store, review.id, 0, ANN, ask("2", "correct"), draw((5, 5)))
    folder = case_folder(store, review.id, 0)
    (folder / f"{one.mask_after}.index.png").write_bytes(
        (folder / f"{two.mask_after}.index.png").read_bytes()
    )
    with pytest.raises(ReviewError, match="not what was saved"):
        read_corrected(store, review.id, 0, str(one.mask_after))
    (folder / f"{two.mask_after}.index.png").write_bytes(b"\x89PNG\r\n\x1a\n cut")
    with pytest.raises(ReviewError, match="cannot be read"):
        read_corrected(store, review.id, 0, str(two.mask_after))


@pytest.mark.parametrize(
    ("request_", "mask", "sentence"),
    [
        (ask("1", class_name="liver"), None, "no class 'liver'"),
        (ask("1", "correct"), None, "comes with a mask"),
        (ask("1"), draw(), "comes with a mask"),
        (ask("1", "correct"), LabelMask(np.zeros((6, 7), np.int16), 2), "6 x 7 pixels"),
        (ask("1", "correct"), LabelMask(np.zeros((3, 6, 8), np.bool_), 3), "3 classes"),
        (ask("1", "correct"), LabelMask(np.full((6, 8), 2, np.int16), 2), "numbers of no class"),
        (ask("1", mask_seen="a" * 64), None, "none of this case"),
    ],
)
def test_what_does_not_fit_the_case_is_refused_and_nothing_stored(
    store: ReviewStore, request_: object, mask: LabelMask | None, sentence: str
) -> None:
    review = begin(store)
    with pytest.raises(ReviewError, match=sentence):
        decide(store, review.id, 0, ANN, request_, mask)  # type: ignore[arg-type]
    assert verify_ledger(store.database).records == 1
    assert read_decisions(store, review.id) == []


def test_a_rejection_needs_a_reason() -> None:
    with pytest.raises(ValidationError, match="needs a reason"):
        ask("1", "reject", reason="  ")


@pytest.mark.parametrize("text", ["a\0b", "caf\udce9"])
def test_text_that_no_database_can_hold_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="no text|unicode"):
        ask("1", comment=text)


def test_an_assigned_case_is_closed_to_others(store: ReviewStore) -> None:
    review = begin(store)
    assert assign(store, review.id, {0: [ANN.id], 1: [ANN.id, BEN.id]}, ADMIN) == 3
    assert assign(store, review.id, {0: [ANN.id]}, ADMIN) == 0
    with pytest.raises(AccessError, match="assigned to others"):
        decide(store, review.id, 0, BEN, ask("1"))
    assert decide(store, review.id, 2, BEN, ask("2")).reader == BEN.id


def test_only_researchers_open_assign_and_close(store: ReviewStore) -> None:
    review = begin(store)
    for act in (
        lambda: close_review(store, review.id, ANN),
        lambda: assign(store, review.id, {0: [ANN.id]}, ANN),
    ):
        with pytest.raises(AccessError, match="takes the role researcher"):
            act()
    close_review(store, review.id, person("rae", Role.RESEARCHER))


def test_blinded_readers_see_others_only_after_their_own_answer(store: ReviewStore) -> None:
    review = begin(store, settings=ReviewSettings(readers_per_case=2, hide_model=True))
    assign(store, review.id, {0: [ANN.id, BEN.id]}, ADMIN)
    assign(store, review.id, {0: [CAT.id]}, ADMIN, kind="adjudicator")
    decide(store, review.id, 0, ANN, ask("1", "reject", reason="wrong side"))
    decide(store, review.id, 0, BEN, ask("2", "flag"))

    def shown(who: Identity) -> tuple[list[str], bool]:
        found = read_seen_case(store, review.id, 0, who)
        return [item.action for item in found.decisions], found.model

    assert shown(BEN) == (["flag"], False)
    assert shown(ANN) == shown(CAT) == (["reject", "flag"], True)
    decide(store, review.id, 0, BEN, ask("3", "reject", reason="wrong side"))
    assert shown(BEN) == (["reject", "flag", "reject"], True)


def test_a_hidden_mask_is_not_accepted(store: ReviewStore) -> None:
    review = begin(store, settings=ReviewSettings(hide_model=True))
    for class_name in ("", "heart"):
        with pytest.raises(ReviewError, match="hidden until you have answered"):
            decide(store, review.id, 0, ANN, ask(f"0{class_name}", class_name=class_name))
    decide(store, review.id, 0, ANN, ask("1", "reject", reason="wrong side"))
    assert decide(store, review.id, 0, ANN, ask("2")).action == "accept"


def test_an_adjudicator_resolves_a_conflict(store: ReviewStore) -> None:
    review = begin(store, settings=ReviewSettings(readers_per_case=2))
    assign(store, review.id, {0: [ANN.id, BEN.id]}, ADMIN)
    assign(store, review.id, {0: [CAT.id]}, ADMIN, kind="adjudicator")
    decide(store, review.id, 0, ANN, ask("1"))
    assert read_outcomes(store, review.id)[0].state == "started"
    drawn = decide(store, review.id, 0, BEN, ask("2", "correct"), draw((2, 2)))
    assert read_outcomes(store, review.id)[0].state == "conflict"
    word = decide(store, review.id, 0, CAT, ask("3", mask_seen=drawn.mask_after))
    assert word.adjudication
    outcome = read_outcomes(store, review.id)[0]
    assert (outcome.state, outcome.mask) == ("corrected", drawn.mask_after)
    assert [outcome.state for outcome in read_outcomes(store, review.id).values()] == [
        "corrected",
        "open",
        "open",
    ]


def test_overlapping_masks_are_kept_too(store: ReviewStore) -> None:
    review = begin(store)
    layers = np.random.default_rng(0).random((2, 6, 8)) > 0.5
    made = decide(store, review.id, 0, ANN, ask("1", "correct"), LabelMask(layers, len(CLASSES)))
    kept = read_corrected(store, review.id, 0, str(made.mask_after))
    assert kept.overlapping
    np.testing.assert_array_equal(kept.pixels, layers)


def test_a_review_or_case_that_is_not_there_is_refused(store: ReviewStore) -> None:
    review = begin(store)
    with pytest.raises(ReviewError, match="no such review"):
        decide(store, "nothing", 0, ANN, ask("1"))
    with pytest.raises(ReviewError, match="no case 99"):
        decide(store, review.id, 99, ANN, ask("1"))
