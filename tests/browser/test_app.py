"""What only a real browser shows: addresses, reloads, links, charts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.jobs.demo import run_demo
from core.services import datasets
from tests.browser.conftest import serving

pytestmark = pytest.mark.browser
DEMO = {"images": "12", "size": "96", "seed": "0"}


@pytest.fixture(scope="session")
def demo(app_home: Path) -> Iterator[str]:
    """The id of a small demo in the shared server's workspace."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERPOISE_HOME", str(app_home))
        yield run_demo(DEMO, lambda *_: None, lambda: False)["dataset"]


def test_a_deep_link_to_a_cold_server_opens_that_page_inside_the_frame(tmp_path: Path, tab: Page) -> None:
    with serving(tmp_path) as address:
        tab.goto(f"{address}/settings")
        expect(tab.get_by_role("heading", name="Settings")).to_be_visible()
        expect(tab.get_by_role("link", name="Dataset")).to_be_visible()
        expect(tab).to_have_url(f"{address}/settings")


def test_the_demo_button_starts_work_that_shows_progress_and_can_be_cancelled(
    app_url: str, tab: Page
) -> None:
    tab.goto(app_url)
    tab.get_by_role("button", name="Open the demo").click()
    expect(tab.get_by_role("heading", name="Making the demo")).to_be_visible()
    expect(tab).to_have_url(re.compile(r"run=demo-"))
    tab.reload()
    tab.get_by_role("button", name="Cancel").click()
    expect(tab.get_by_text("Stopped.")).to_be_visible()


def test_a_new_scan_comes_back_to_its_dataset(app_url: str, demo: str, tab: Page) -> None:
    tab.goto(f"{app_url}/dataset?dataset={demo}&view=Files")
    tab.get_by_role("button", name="Scan again").click()
    expect(tab).to_have_url(re.compile(r"run=scan-"))
    expect(tab).not_to_have_url(re.compile(r"run="))
    expect(tab.get_by_role("button", name="Scan again")).to_be_visible()
    expect(tab).to_have_url(re.compile(rf"dataset={demo}"))


def test_a_reload_and_another_page_keep_the_dataset(app_url: str, demo: str, tab: Page) -> None:
    tab.goto(f"{app_url}/dataset?dataset={demo}")
    expect(tab.get_by_role("heading", name="Presence")).to_be_visible()
    tab.get_by_role("link", name="Settings").click()
    expect(tab.get_by_role("heading", name="Settings")).to_be_visible()
    expect(tab).to_have_url(re.compile(rf"/settings\?dataset={demo}"))
    tab.reload()
    tab.get_by_role("link", name="Dataset").click()
    expect(tab.get_by_role("heading", name="Presence")).to_be_visible()


def test_a_class_renamed_on_disk_appears_on_the_charts(
    app_url: str, app_home: Path, demo: str, tab: Page
) -> None:
    tab.goto(f"{app_url}/dataset?dataset={demo}")
    chart = tab.locator(".stPlotlyChart").first
    expect(chart).to_contain_text("macula")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERPOISE_HOME", str(app_home))
        classes = datasets.find_spec(demo).classes
        renamed = [item.model_copy(update={"name": f"my {item.name}"}) for item in classes]
        datasets.edit_classes(demo, renamed)
    tab.reload()
    expect(chart).to_contain_text("my macula")


def test_forgetting_a_dataset_asks_first_and_leaves_an_empty_page(
    app_url: str, app_home: Path, tab: Page
) -> None:
    other = {**DEMO, "seed": "1"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERPOISE_HOME", str(app_home))
        dataset = run_demo(other, lambda *_: None, lambda: False)["dataset"]
    tab.goto(f"{app_url}/dataset?dataset={dataset}&view=Files")
    tab.get_by_role("button", name="Forget this dataset").click()
    expect(tab.get_by_role("dialog")).to_contain_text("stay untouched")
    tab.get_by_role("button", name="Forget it").click()
    expect(tab.get_by_text("No dataset is open")).to_be_visible()
    assert not (app_home / "datasets" / dataset).exists()


def test_a_tab_opens_by_a_click_and_a_reload_keeps_it(app_url: str, demo: str, tab: Page) -> None:
    tab.goto(f"{app_url}/dataset?dataset={demo}")
    expect(tab.get_by_role("heading", name="Presence")).to_be_visible()
    tab.get_by_role("tab", name="Images").click()
    expect(tab.get_by_test_id("stImage").first).to_be_visible()
    tab.get_by_role("tab", name="Files").click()
    expect(tab.get_by_role("heading", name="How it is read")).to_be_visible()
    tab.reload()
    expect(tab.get_by_role("heading", name="How it is read")).to_be_visible()


def test_the_primary_button_leads_from_any_tab_to_the_balance_page(
    app_url: str, demo: str, tab: Page
) -> None:
    tab.goto(f"{app_url}/dataset?dataset={demo}&view=Classes")
    tab.get_by_role("button", name="Balance this dataset").click()
    expect(tab).to_have_url(re.compile(rf"/balance\?.*dataset={demo}"))


def test_looking_for_devices_shows_that_it_works_and_then_what_it_found(app_url: str, tab: Page) -> None:
    tab.goto(f"{app_url}/settings")
    tab.get_by_role("button", name="Look for GPUs").click()
    expect(tab.get_by_role("heading", name="Looking for devices")).to_be_visible()
    expect(tab.get_by_text(re.compile(r"PyTorch \S+ ·|could not be asked"))).to_be_visible(timeout=90_000)


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_scrolls_sideways(app_url: str, demo: str, tab: Page, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 720})
    for page in ("", "dataset", "settings"):
        tab.goto(f"{app_url}/{page}?dataset={demo}")
        expect(tab.get_by_role("heading").first).to_be_visible()
        tab.wait_for_timeout(500)
        main = tab.get_by_test_id("stMain")
        assert main.evaluate("part => part.scrollWidth - part.clientWidth") == 0, page
