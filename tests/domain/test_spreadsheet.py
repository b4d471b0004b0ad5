import pytest

from core.domain.spreadsheet import guard_formula


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_is_kept_from_that(text: str) -> None:
    assert guard_formula(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["+44.1", "-4.8", "lung", "", 3, -2.5, None])
def test_numbers_and_plain_words_stay_as_they_are(cell: object) -> None:
    assert guard_formula(cell) == cell
