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


def test_the_distance_between_slices_is_given_on_the_page_and_taken_back(tmp_path: Path) -> None:
    review = open_bars(tmp_path / "set", step=0.0)
    app = AppTest.from_function(
        script, default_timeout=30, args=("measurements", review.id, RESEARCHER.model_dump_json())
    ).run()
    assert app.dataframe[0].value["volume (mm³)"].isna().all()
    assert app.button(key="spacing.give").disabled
    app.number_input(key="spacing.rows").set_value(2.0).run()
    assert app.button(key="spacing.give").disabled  # rows without columns are no spacing
    app.number_input(key="spacing.rows").set_value(0.0)
    app.number_input(key="spacing.slices").set_value(4.0).run()
    app.button(key="spacing.give").click().run()
    assert not app.exception
    assert list(app.dataframe[0].value["volume (mm³)"]) == pytest.approx([8 * 12, 12])
    assert list(app.dataframe[0].value["slice spacing from"]) == ["given by hand"] * 2
    assert any("4 mm between slices, given by" in item.value for item in app.caption)
    app.button(key="spacing.drop").click().run()
    assert app.dataframe[0].value["volume (mm³)"].isna().all()
