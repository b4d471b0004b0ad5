import doctest

from hypothesis import given
from hypothesis import strategies as st

from core.workspace import texts


def test_every_example_in_the_docstrings_holds() -> None:
    assert doctest.testmod(texts).failed == 0


@given(st.lists(st.text()))
def test_there_are_as_many_texts_as_before_whatever_they_hold(given_texts: list[str]) -> None:
    back = texts.unpack_texts(texts.pack_texts(given_texts))
    assert back == [text.replace("\0", "\ufffd") for text in given_texts]


def test_lone_surrogates_cannot_end_the_writing_and_bytes_of_file_names_are_kept() -> None:
    assert texts.unpack_texts(texts.pack_texts(["\ud800", "b\udcfc"])) == ["\ufffd", "b\udcfc"]
