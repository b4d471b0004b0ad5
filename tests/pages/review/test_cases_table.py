"""The worklist as a table."""

import pandas as pd

from core.domain.identity import Identity
from core.domain.review import RankWeights, ReviewSettings, WorklistFilter
from core.reviews.assigning import assign
from core.reviews.deciding import decide
from core.reviews.opening import Review
from core.services.reviews.board import open_board
from core.services.reviews.stores import review_store
from core.services.reviews.worklist import list_cases, summarise
from pages._ui.review import cases_table, words
from tests.reviews.sets import ask, begin
from tests.services.reviews.people import ANN, RESEARCHER


def build(review: Review, identity: Identity) -> pd.DataFrame:
    board = open_board(review_store(), review.id, identity)
    return cases_table.build(board, list_cases(board, RankWeights(), WorklistFilter()))


def test_the_table_marks_the_cases_that_are_asked_of_the_reader() -> None:
    review = begin(review_store(), 3)
    assert "Yours" not in build(review, ANN)  # nothing is shared out: all are anybody's
    assign(review_store(), review.id, {0: [ANN.id], 2: [ANN.id]}, RESEARCHER)
    decide(review_store(), review.id, 2, ANN, ask("1"))
    board = open_board(review_store(), review.id, ANN)
    assert words.describe_share(summarise(board), 3) == "1 of 2 cases decided · 3 in all"
    chief = open_board(review_store(), review.id, RESEARCHER)
    assert words.describe_share(summarise(chief), 3) == "0 of 1 case decided · 3 in all"
    assert [words.describe_state(board, place) for place in (0, 1)] == ["Open", "Open, not asked of you"]
    yours = build(review, ANN).set_index("Case")["Yours"]
    assert (yours["case-0"], yours["case-1"], yours["case-2"]) == ("to decide", "", "done")


def test_columns_that_say_nothing_are_left_out() -> None:
    table = build(begin(review_store(), 3, ReviewSettings(hide_model=True, random_share=0)), ANN)
    assert list(table) == ["Place", "Case", "State"]
