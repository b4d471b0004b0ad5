from dataclasses import replace

from core.domain.review import Action, ReviewSettings
from core.reviews.answers import find_answers
from core.reviews.states import Decision

BASE = Decision(
    seq=0, token="", review="r", position=0, reader="", reader_name="", adjudication=False, class_name="",
    action="accept", reason="", comment="", seconds=1.0, mask_before="p", mask_after=None, mask_version=None,
    supersedes=None, superseded=False, time="",
)  # fmt: skip


def tell(*words: tuple[str, Action]) -> list[Decision]:
    return [replace(BASE, seq=place, reader=who, action=what) for place, (who, what) in enumerate(words, 1)]


def heard(decisions: list[Decision], **settings: bool) -> list[tuple[str, str]]:
    found = find_answers(decisions, ReviewSettings.model_validate(settings))
    return [(item.reader, item.action) for item in found]


def test_a_change_of_mind_before_anybody_else_answered_counts() -> None:
    words = tell(("ann", "accept"), ("ann", "reject"), ("ben", "accept"))
    assert heard(words) == [("ann", "reject"), ("ben", "accept")]


def test_a_change_of_mind_after_the_others_answers_were_seen_does_not_count() -> None:
    words = tell(("ann", "accept"), ("ben", "reject"), ("ann", "reject"), ("ben", "accept"))
    assert heard(words) == [("ann", "accept"), ("ben", "reject")]
    assert heard(words, blind_readers=False) == [("ann", "reject"), ("ben", "accept")]


def test_a_change_of_mind_after_the_hidden_model_was_seen_does_not_count() -> None:
    words = tell(("ann", "flag"), ("ann", "correct"), ("ann", "accept"), ("ben", "reject"))
    assert heard(words) == [("ann", "accept"), ("ben", "reject")]
    for blind in (True, False):
        hidden = heard(words, hide_model=True, blind_readers=blind)
        assert hidden == [("ann", "correct"), ("ben", "reject")]


def test_flags_skips_and_words_on_one_class_are_no_answers() -> None:
    words = tell(("ann", "flag"), ("ben", "skip"), ("ben", "accept"))
    about_heart = replace(BASE, seq=9, reader="cat", class_name="heart")
    assert heard([*words, about_heart]) == [("ben", "accept")]


def test_an_answer_that_was_taken_back_in_time_is_none() -> None:
    words = tell(("ann", "accept"), ("ann", "withdraw"), ("ben", "accept"))
    assert heard(words) == [("ben", "accept")]
    late = tell(("ann", "accept"), ("ben", "accept"), ("ann", "withdraw"))
    assert heard(late) == [("ann", "accept"), ("ben", "accept")]


def test_the_adjudicator_is_no_reader() -> None:
    words = tell(("ann", "accept"), ("ben", "reject"))
    assert len(heard([*words, replace(BASE, seq=3, reader="eva", adjudication=True)])) == 2
