"""A tiny run, started from the page: watched, found again after a reload, compared, deleted."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.domain.training import SplitSpec
from core.formats.whole import scan_dataset
from core.jobs.scan import run_scan
from core.services import datasets, training
from tests.training.sets import tiny_recipe, write_discs

pytestmark = pytest.mark.browser
TRAINING = 120_000  # milliseconds: a worker loads torch first


@pytest.fixture(scope="module")
def discs(app_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The id of a set of 32 pixels, with a run of one epoch that waits for nobody."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERPOISE_HOME", str(app_home))
        dataset_id = datasets.keep(write_discs(tmp_path_factory.mktemp("discs")).spec)
        run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
        dataset = scan_dataset(datasets.find_spec(dataset_id), None)
        recipe = tiny_recipe(epochs=2)
        training.start(training.build_request(dataset, recipe, SplitSpec(holdout=0.25), None, "cpu", "tiny"))
        yield dataset_id


def test_a_run_is_watched_to_its_end_found_again_compared_and_deleted(
    app_url: str, discs: str, tab: Page
) -> None:
    tab.goto(f"{app_url}/train?dataset={discs}")
    expect(tab).to_have_url(re.compile(r"run=train-"))
    panel = tab.locator(".st-key-train-panel")
    expect(panel.get_by_text("Finished")).to_be_visible(timeout=TRAINING)
    expect(panel.get_by_text("2 of 2 epochs")).to_be_visible()
    expect(panel.get_by_role("img", name="vDice, held out over 2 epochs")).to_be_visible()
    tab.reload()
    expect(panel.get_by_text("Finished")).to_be_visible()
    panel.get_by_role("button", name="Compare").click()
    expect(tab).to_have_url(re.compile(r"/compare\?.*runs=train-"))
    expect(tab.locator(".stPlotlyChart").first).to_contain_text("tiny")
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Save the report").click()
    assert "Plotly.newPlot(" in download.value.path().read_text(encoding="utf-8")
    tab.get_by_role("tab", name="Predictions").click()
    expect(tab.get_by_text("Prediction", exact=True).first).to_be_visible()
    tab.get_by_role("link", name="Train").click()
    tab.locator(".st-key-train-panel").get_by_role("button", name="Delete").click()
    tab.get_by_role("button", name="Delete it").click()
    expect(tab.get_by_text("No run yet")).to_be_visible()
