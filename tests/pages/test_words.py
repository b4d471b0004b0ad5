"""Numbers and names read as the examples beside the functions say."""

import doctest
from types import ModuleType

import pytest

from pages._ui import tables, words
from pages._ui.dataset import charts


@pytest.mark.parametrize("module", [words, tables, charts])
def test_every_example_in_the_docstrings_holds(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_text_of_a_person_cannot_become_markup() -> None:
    assert words.escaped("*a* [b](c) $d$ <e> :red[f]") == r"\*a\* \[b\]\(c\) \$d\$ \<e\> \:red\[f\]"


def test_a_number_that_is_missing_is_not_a_number() -> None:
    assert words.share(float("nan")) == words.figure(float("inf")) == "n/a"


def test_names_cannot_turn_the_writing_or_break_the_line() -> None:
    assert words.escaped("a\nb") == "a\ufffdb"
    assert "\u202e" not in words.escaped("\u202egnp.exe")
    assert words.escaped("\udcff").encode("utf-8")  # a file name that is no UTF-8 must not end the page
    assert charts.plain(["\u202e<b>"]) == ["\ufffd&lt;b&gt;"]
