from pathlib import Path

import numpy as np
import pytest

from core.domain.review import ReviewSettings
from core.reviews.assigning import assign
from core.reviews.opening import Review
from core.services.reviews.agreement import compare_now, list_answers
from core.services.reviews.agreement_figures import compute_classes, compute_verdicts
from core.services.reviews.agreement_tables import case_table
from core.services.reviews.board import look
from core.services.reviews.spacing import give_spacing
from core.services.reviews.stores import review_store
from core.services.reviews.worklist import summarise
from tests.services.reviews.doubles import answer, open_double
from tests.services.reviews.people import ANN, BEN, EVE, RESEARCHER


@pytest.fixture
def review(tmp_path: Path) -> Review:
    """Three readers; in case 0 all drew, in 1 one rejected, in 2 all accepted, 3 has one answer."""
    opened = open_double(tmp_path / "eyes")
    readers = [ANN.id, BEN.id, EVE.id]
    assign(review_store(), opened.id, dict.fromkeys(range(5), readers), RESEARCHER)
    answer(opened, 0, ANN, draw=(1, 20, 22))
    answer(opened, 0, BEN, draw=(1, 20, 23))
    answer(opened, 0, EVE, draw=(0, 0, 24))  # nothing is left
    answer(opened, 1, ANN, "reject")
    answer(opened, 1, BEN)
    answer(opened, 1, EVE)
    for by in (ANN, BEN, EVE):
        answer(opened, 2, by)
    answer(opened, 3, ANN)
    return opened


def test_verdicts_are_those_before_the_others_were_seen(review: Review) -> None:
    answer(review, 1, ANN)  # changes her mind, now that she sees the others' answers
    together, *pairs = compute_verdicts(list_answers(review, RESEARCHER))
    # corrected three times; rejected once, accepted twice; accepted three times: 3 + 1 + 3 of 9 pairs agree
    assert together.equal == pytest.approx(7 / 9)
    assert {item.readers for item in pairs} == {("ann", "ben"), ("ann", "eve"), ("ben", "eve")}
    ben_eve = next(item for item in pairs if item.readers == ("ben", "eve"))
    assert (ben_eve.equal, ben_eve.verdicts.value, ben_eve.verdicts.count) == (1, 1, 3)
    # three different masks; ben and eve for the model's; all for the model's: 0 + 1 + 3 of 9 pairs
    assert together.same == pytest.approx(4 / 9)
    assert ben_eve.same == pytest.approx(2 / 3)
    shares = np.array([5, 3, 1]) / 9
    chance = float(shares @ shares)
    assert together.verdicts.value == pytest.approx((7 / 9 - chance) / (1 - chance))


def test_masks_are_compared_over_cases_with_what_is_absent_told_apart(review: Review) -> None:
    found = list_answers(review, RESEARCHER)
    assert (len(found.cases), found.single, found.unit) == (3, 1, "px")
    assert compare_now(review, found.missing) == []
    assert list_answers(review, RESEARCHER).missing.pairs == ()
    disc, vessel, scar = compute_classes(review, found, "corrected")  # case 0 only
    assert disc.name == "disc"
    # ann and ben: 2 · 6 / (6 + 7) rows; either with eve, who has none: 0
    assert disc.dice.value == pytest.approx((12 / 13 + 0 + 0) / 3)
    assert (disc.distance.value, disc.one_sided, disc.absent) == (1, 1, 0)
    assert (vessel.absent, vessel.dice.count) == (1, 0)
    assert scar.one_sided == 1
    # the model's disc has 4 rows: 8 / 10 with ann, 8 / 11 with ben, 0 with eve
    assert disc.model.value == pytest.approx((0.8 + 8 / 11) / 3)
    assert disc.index.value == pytest.approx(disc.model.value / disc.dice.value)
    everything = compute_classes(review, found, "all")
    assert everything[0].dice.count == 3
    assert everything[0].dice.value == pytest.approx((4 / 13 + 1 + 1) / 3)


def test_distances_are_in_millimetres_once_the_spacing_of_every_case_is_known(review: Review) -> None:
    give_spacing(review, (0.5, 2.0), RESEARCHER)
    found = list_answers(review, RESEARCHER)
    assert found.unit == "mm"
    compare_now(review, found.missing)
    assert compute_classes(review, found, "corrected")[0].distance.value == 0.5  # one row


def test_every_pair_is_a_line_of_the_file(review: Review) -> None:
    found = list_answers(review, RESEARCHER)
    compare_now(review, found.missing)
    table = case_table(review, found)
    assert len(table) == 3 * 3 * 6  # cases, classes, pairs of three readers and the model
    line = table[(table["first"] == "ann") & (table["second"] == "ben") & (table["class"] == "disc")].iloc[0]
    assert (line["first said"], line["hd95"], line["hd95 unit"]) == ("corrected", 1, "px")
    assert table[table["first said"] == "rejected"]["dice"].isna().all()


def test_a_reader_gets_figures_of_cases_that_they_have_answered_only(review: Review) -> None:
    assign(review_store(), review.id, {place: ["id-dan"] for place in range(5)}, RESEARCHER)
    dan = ANN.model_copy(update={"id": "id-dan", "name": "dan"})
    blind = list_answers(review, dan)
    assert (blind.cases, blind.hidden) == ((), 4)  # nobody has answered the fifth
    answer(review, 0, dan)
    assert [item.case.position for item in list_answers(review, dan).cases] == [0]


def test_the_random_cases_alone_give_the_rate_of_acceptance(tmp_path: Path) -> None:
    opened = open_double(tmp_path / "eyes", ReviewSettings(random_share=1.0))
    answer(opened, 0, ANN)
    answer(opened, 1, ANN, "reject")
    lot = list_answers(opened, ANN).acceptance
    assert lot is not None
    assert (lot.accepted, lot.decided) == (1, 2)
    assert lot.low < 0.5 < lot.high


def test_where_the_model_is_hidden_there_is_no_rate_of_acceptance(tmp_path: Path) -> None:
    opened = open_double(tmp_path / "eyes", ReviewSettings(random_share=1.0, hide_model=True))
    answer(opened, 0, ANN, "reject")
    assert list_answers(opened, ANN).acceptance is None
    assert summarise(look(opened.id, ANN)).acceptance is None
