"""What one person sees of a review, kept up to date in memory."""

import time
from uuid import uuid4

import pytest

from core.domain.identity import Identity
from core.domain.review import DecisionRequest, RankWeights, ReviewSettings, WorklistFilter
from core.errors import ReviewError
from core.reviews.assigning import assign, release
from core.reviews.deciding import decide
from core.reviews.opening import Review
from core.reviews.reading import read_seen_case
from core.reviews.worklist import order_worklist
from core.services.reviews import deciding
from core.services.reviews.board import Board, open_board
from core.services.reviews.stores import review_store
from core.services.reviews.worklist import list_cases, summarise
from tests.reviews.sets import begin
from tests.services.reviews.people import ANN, BEN, EVE, RESEARCHER


def start(cases: int = 6, **settings: object) -> Review:
    return begin(review_store(), cases, ReviewSettings.model_validate(settings))


def say(review: Review, position: int, identity: Identity, action: str = "accept", **more: object) -> str:
    token = uuid4().hex
    fields = {"token": token, "action": action, "seconds": 2.0, **more}
    decide(review_store(), review.id, position, identity, DecisionRequest.model_validate(fields))
    return token


def look(review: Review, identity: Identity) -> Board:
    return open_board(review_store(), review.id, identity)


def test_a_board_follows_what_others_decide() -> None:
    review = start()
    board = look(review, ANN)
    assert board.awaiting == set(range(6))
    say(review, 2, BEN)
    assert look(review, ANN) is board
    assert (board.states[2], board.awaiting) == ("taken", {0, 1, 3, 4, 5})


def test_how_another_settled_a_case_is_told_to_who_runs_the_review_and_to_who_has_answered() -> None:
    review = start()
    say(review, 0, BEN)
    say(review, 1, BEN, "reject", reason="Wrong class")
    board = look(review, ANN)
    assert (board.states[0], board.states[1]) == ("taken", "taken")
    assert (found := summarise(board).acceptance) is not None
    assert found.decided == 0
    assert look(review, RESEARCHER).states[1] == "rejected"
    say(review, 0, ANN)
    assert look(review, ANN).states[0] == "accepted"


def test_a_flag_is_found_by_the_second_reader_that_it_asks_for_and_by_researchers() -> None:
    review = start()
    say(review, 0, ANN, "flag", comment="Is this a cyst?")
    for who in (BEN, RESEARCHER):
        board = look(review, who)
        assert (board.states[0], 0 in board.awaiting) == ("flagged", True)
        assert [item.comment for item in board.seen[0].decisions] == ["Is this a cyst?"]
    say(review, 0, BEN)
    assert look(review, EVE).states[0] == "taken"  # how it was answered stays hidden


def test_with_several_readers_or_a_hidden_model_a_flag_says_nothing_more_than_that_it_is_there() -> None:
    hidden = start(hide_model=True)
    say(hidden, 0, ANN, "flag", comment="Is this a cyst?")
    assert look(hidden, BEN).states[0] == "flagged"
    assert look(hidden, BEN).seen[0].decisions == ()
    double = start(readers_per_case=2)
    say(double, 0, ANN, "flag", comment="Is this a cyst?")
    assert (look(double, BEN).states[0], look(double, RESEARCHER).states[0]) == ("open", "flagged")
    assert look(double, BEN).seen[0].decisions == ()


def test_the_order_tells_nothing_of_a_hidden_model() -> None:
    review = start(hide_model=True, random_share=0)
    board, weights = look(review, ANN), RankWeights()
    hidden = [entry.position for entry in board.order(weights)]
    assert hidden == [entry.position for entry in board.order(RankWeights(entropy=0, dice=1))]
    by_class = WorklistFilter(class_name=board.review.spec.classes[0])
    assert [item.position for item in list_cases(board, weights, by_class).listed] == hidden
    for position in range(6):
        say(review, position, ANN, "reject", reason="Wrong class")
    ranked = order_worklist(list(board.cases.values()), review.spec.settings)
    assert look(review, ANN).order(weights) == ranked
    assert [entry.position for entry in ranked] != hidden


def test_a_followed_board_is_what_a_new_one_would_be() -> None:
    review = start(readers_per_case=2)
    board = look(review, ANN)
    assign(review_store(), review.id, {0: [ANN.id, BEN.id], 1: [BEN.id, EVE.id]}, RESEARCHER)
    for position, who, action in [(0, ANN, "accept"), (0, BEN, "reject"), (1, EVE, "flag"), (2, BEN, "skip")]:
        say(review, position, who, action, reason="Wrong class" if action == "reject" else "")
    say(review, 0, ANN, "reject", reason="Region missed")
    board.follow()
    fresh = Board(review_store(), review.id, ANN)
    alone = {place: read_seen_case(review_store(), review.id, place, ANN) for place in range(6)}
    assert board.seen == fresh.seen == alone
    assert (board.states, board.awaiting, board.readers()) == (fresh.states, fresh.awaiting, fresh.readers())
    release(review_store(), review.id, BEN.id, RESEARCHER)
    board.follow()
    assert board.readers() == Board(review_store(), review.id, ANN).readers()


def test_others_answers_stay_hidden_until_ones_own() -> None:
    review = start(readers_per_case=2)
    say(review, 0, BEN)
    board = look(review, ANN)
    assert (board.states[0], 0 in board.awaiting) == ("open", True)
    say(review, 0, ANN, "reject", reason="Wrong class")
    assert look(review, ANN).states[0] == "conflict"


def test_only_assigned_readers_are_awaited() -> None:
    review = start(cases=3)
    assign(review_store(), review.id, {0: [ANN.id], 1: [BEN.id]}, RESEARCHER)
    assert look(review, ANN).awaiting == {0}  # what is shared out to her is all that she is served
    assert look(review, EVE).awaiting == {2}
    progress = summarise(look(review, ANN))
    assert (progress.done, progress.total) == (0, 1)


def test_an_adjudicator_is_awaited_where_readers_disagree() -> None:
    review = start(cases=2, readers_per_case=2)
    assign(review_store(), review.id, {0: [ANN.id, BEN.id], 1: [ANN.id, BEN.id]}, RESEARCHER)
    assign(review_store(), review.id, {0: [EVE.id], 1: [EVE.id]}, RESEARCHER, kind="adjudicator")
    say(review, 0, ANN)
    assert look(review, EVE).awaiting == set()
    say(review, 0, BEN, "reject", reason="Wrong class")
    assert look(review, EVE).awaiting == {0}


def test_a_conflict_asks_nothing_of_who_is_not_to_settle_it() -> None:
    review = start(cases=2)
    say(review, 0, ANN)
    say(review, 0, BEN, "reject", reason="Wrong class")
    assert (look(review, EVE).states[0], look(review, EVE).awaiting) == ("taken", {1})
    assert (look(review, RESEARCHER).states[0], look(review, RESEARCHER).awaiting) == ("conflict", {1})


def test_progress_counts_the_cases_that_one_is_asked_to_decide() -> None:
    review = start(cases=6)
    say(review, 0, ANN)
    say(review, 0, BEN, "reject", reason="Wrong class")
    assign(review_store(), review.id, {0: [RESEARCHER.id]}, RESEARCHER, kind="adjudicator")
    board = look(review, RESEARCHER)  # who settles one case still has the others before them
    assert (summarise(board).total, summarise(board).done) == (6, 0)
    assign(review_store(), review.id, {1: [ANN.id], 2: [ANN.id]}, RESEARCHER)
    assert summarise(look(review, ANN)).total == 2
    assert summarise(look(review, EVE)).total == 4
    assign(review_store(), review.id, {place: [ANN.id] for place in (0, 3, 4, 5)}, RESEARCHER)
    assert summarise(look(review, EVE)).total == 0  # nothing is asked of them


def test_cases_shared_out_while_somebody_reads_are_the_only_ones_from_then_on() -> None:
    review = start(cases=3)
    board = look(review, ANN)
    assert board.awaiting == {0, 1, 2}
    assign(review_store(), review.id, {0: [ANN.id]}, RESEARCHER)
    assert look(review, ANN).awaiting == {0}
    release(review_store(), review.id, ANN.id, RESEARCHER)
    assert look(review, ANN).awaiting == {0, 1, 2}


def test_an_adjudicator_of_all_cases_is_not_served_those_that_nobody_has_read() -> None:
    review = start(cases=3)
    assign(review_store(), review.id, {place: [EVE.id] for place in range(3)}, RESEARCHER, kind="adjudicator")
    progress = summarise(look(review, EVE))
    assert (look(review, EVE).awaiting, progress.total) == (set(), 0)
    say(review, 0, ANN)
    say(review, 0, BEN, "reject", reason="Wrong class")
    assert (look(review, EVE).awaiting, summarise(look(review, EVE)).total) == ({0}, 1)
    say(review, 0, EVE)
    assert (summarise(look(review, EVE)).done, summarise(look(review, EVE)).total) == (1, 1)


def test_taking_back_opens_the_case_again_step_by_step() -> None:
    review = start()
    say(review, 0, ANN)
    say(review, 1, ANN, "reject", reason="Wrong class")
    board = look(review, ANN)
    taken = deciding.take_back(board, "take-back-1")
    assert taken is not None
    assert taken.position == 1
    assert look(review, ANN).states[1] == "open"
    assert deciding.take_back(look(review, ANN), "take-back-2").position == 0  # type: ignore[union-attr]
    assert look(review, ANN).awaiting == set(range(6))
    assert deciding.take_back(look(review, ANN), "take-back-3") is None


def test_taking_back_twice_with_one_token_takes_back_once() -> None:
    review = start()
    say(review, 0, ANN)
    say(review, 1, ANN)
    board = look(review, ANN)
    first = deciding.take_back(board, "take-back-1")
    assert deciding.take_back(look(review, ANN), "take-back-1") == first
    assert look(review, ANN).states[0] == "accepted"


def test_a_token_of_a_decision_takes_nothing_back() -> None:
    review = start()
    token = say(review, 0, ANN)
    with pytest.raises(ReviewError, match="token"):
        deciding.take_back(look(review, ANN), token)


def test_nobody_takes_anothers_decision_back() -> None:
    review = start()
    say(review, 0, BEN)
    assert deciding.take_back(look(review, ANN), "take-back-1") is None


def test_the_next_case_is_the_next_that_is_awaited() -> None:
    review = start(random_share=0)
    board = look(review, ANN)
    worklist = list_cases(board, RankWeights(), WorklistFilter())
    order = [item.position for item in worklist.listed]
    say(review, order[1], ANN)
    board = look(review, ANN)
    assert worklist.find_next(None) == order[0]
    assert worklist.find_next(order[0], board.awaiting) == order[2]
    assert worklist.find_next(order[-1], board.awaiting) == order[0]
    assert worklist.find_next(order[-1]) is None
    assert worklist.find_previous(order[2]) == order[1]
    assert worklist.find_previous(order[0]) is None
    assert worklist.find_ahead(order[0], board.awaiting, 2) == order[2:4]


def test_a_skipped_case_comes_again_after_the_others() -> None:
    review = start(cases=3, random_share=0)
    say(review, 1, ANN, "skip")
    say(review, 2, ANN, "flag")
    board = look(review, ANN)
    worklist = list_cases(board, RankWeights(), WorklistFilter())
    assert board.awaiting == {0, 1}
    assert worklist.find_next(1, board.awaiting) == 0
    assert worklist.find_next(0, board.awaiting) == 1
    assert worklist.find_next(1, {1}) is None


def test_a_case_that_left_the_filter_still_has_a_next_one() -> None:
    review = start(random_share=0)
    order = [item.position for item in list_cases(look(review, ANN), RankWeights(), WorklistFilter()).listed]
    say(review, order[0], ANN)
    board = look(review, ANN)
    worklist = list_cases(board, RankWeights(), WorklistFilter(state="open"))
    assert [item.position for item in worklist.listed] == order[1:]
    assert worklist.find_next(order[0], board.awaiting) == order[1]


def test_a_key_press_costs_little_among_five_thousand_cases() -> None:
    review = start(cases=5000)
    board = look(review, ANN)
    list_cases(board, RankWeights(), WorklistFilter())
    took = []
    for position in range(30):
        start_time = time.perf_counter()
        say(review, position, ANN)
        board = look(review, ANN)
        worklist = list_cases(board, RankWeights(), WorklistFilter(state="open"))
        worklist.find_next(position, board.awaiting)
        summarise(board)
        took.append(time.perf_counter() - start_time)
    assert sorted(took)[15] < 0.15  # 13 ms on a quiet machine; reading all cases anew takes half a second


def test_a_decision_that_breaks_a_rule_is_a_sentence() -> None:
    with pytest.raises(ReviewError, match="a rejection needs a reason"):
        deciding.build_request({"token": "t" * 8, "action": "reject", "seconds": 1.0})
