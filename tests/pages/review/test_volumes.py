"""The volumes among the measurements of a review."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.review.test_double import script
from tests.reports.sets import answer
from tests.services.reviews.people import RESEARCHER
from tests.services.reviews.test_measured_volumes import open_bars


def test_the_page_says_which_volumes_are_parts(tmp_path: Path) -> None:
    review = open_bars(tmp_path / "set")
    answer(review, 1, "reject")
    app = AppTest.from_function(
        script, default_timeout=30, args=("measurements", review.id, RESEARCHER.model_dump_json())
    ).run()
    assert not app.exception
    assert list(app.dataframe[0].value["volume (mm³)"]) == pytest.approx([54, 9])
    assert any("Slices of 1 of 1 volume have no mask here" in item.value for item in app.caption)
