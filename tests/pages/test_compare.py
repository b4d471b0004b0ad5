"""The Compare page on written histories."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from core.services import comparison
from pages._ui.compare import report
from tests.pages.conftest import OpenPage
from tests.services.histories import ask, write_run

LOW = [{"disc": [0.2, 0.5], "vessels": [0.1, 0.2]}, {"disc": [0.3, 0.6], "vessels": [0.1, 0.3]}]
HIGH = [{"disc": [0.5, 0.8], "vessels": [0.4, 0.6]}, {"disc": [0.6, 0.9], "vessels": [0.5, 0.7]}]
FALLEN = [{"disc": [0.6, 0.01], "vessels": [0.1, 0.2]}]


def texts(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.warning)
    return "\n".join(item.value for kind in kinds for item in kind).replace("\\", "")


@pytest.fixture
def runs() -> list[str]:
    return [
        write_run(ask("low", epochs=2, experiment="s1-20261121-014240-ab12"), LOW),
        write_run(ask("high", epochs=2, experiment="s1-20261121-014240-ab12"), HIGH),
    ]


def test_without_a_run_the_page_says_what_it_is_for(open_page: OpenPage) -> None:
    assert "No model has been trained yet" in texts(open_page("compare"))


def test_the_latest_experiment_is_proposed(runs: list[str], open_page: OpenPage) -> None:
    page = open_page("compare")
    assert set(page.multiselect(key="compare.runs").value) == set(runs)
    assert "2 runs · 2 classes · 2 folds" in texts(page)


def test_the_address_chooses_the_runs_in_order(runs: list[str], open_page: OpenPage) -> None:
    page = open_page("compare", runs=",".join(runs))
    assert page.multiselect(key="compare.runs").value == runs
    assert "high is 35.0 points higher than low in vDice, which is more than" in texts(page)
    table = page.dataframe[0].value.set_index("class")
    assert table.loc["disc", "high · best"] == pytest.approx(0.85)


def test_a_run_that_is_gone_is_left_out(runs: list[str], open_page: OpenPage) -> None:
    page = open_page("compare", runs=f"{runs[0]},train-20200101-000000-abcdef")
    assert page.multiselect(key="compare.runs").value == [runs[0]]


def test_a_collapse_is_said_with_the_epoch_to_take(open_page: OpenPage) -> None:
    write_run(ask("fallen", epochs=2, folds=None), FALLEN)
    assert "disc collapsed in fallen, fold 1" in texts(page := open_page("compare"))
    assert "The weights of epoch 1 are kept" in texts(page)


def test_s3_is_smoothed_over_ten_epochs_at_first(open_page: OpenPage) -> None:
    write_run(ask("tiles", recipe_id="s3-unet", epochs=2, folds=None), LOW[:1])
    assert open_page("compare").slider(key="compare.window.True").value == 10


def test_runs_before_their_first_epoch_have_a_sentence(open_page: OpenPage) -> None:
    run = write_run(ask("new"), [])
    assert "has ended an epoch yet" in texts(open_page("compare", runs=run))


def test_the_report_stands_alone(runs: list[str]) -> None:
    page = report.build(comparison.read_runs(runs), {"disc": "#E69F00"}, "dice", 1)
    assert page.count("Plotly.newPlot(") == 3
    assert not re.search(r"<(?:script|link|img)[^>]*(?:src|href)=", page)
    for content in ("high is 35.0 points higher than low", "vessels", "counterpoise"):
        assert content in page
