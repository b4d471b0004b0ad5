"""The descent as it is seen: drawn frame by frame, changed while it runs, never by a rerun of the page."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.domain.balance import BalanceSpec, DescentSettings
from core.jobs.demo import run_demo
from core.services import balance, datasets
from tests.browser.frames import ScriptRuns, read_frames, watch_frames

pytestmark = pytest.mark.browser
DEMO = {"images": "60", "size": "96", "seed": "3"}
LEAST_RATE = 3.0  # frames a second that any machine reaches; benchmarks/live_page.py measures the true figure


@pytest.fixture(scope="module")
def demo(app_home: Path) -> Iterator[str]:
    """The id of a small demo in the shared server's workspace."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERPOISE_HOME", str(app_home))
        yield run_demo(DEMO, lambda *_: None, lambda: False)["dataset"]


@pytest.fixture
def page(app_url: str, app_home: Path, demo: str, tab: Page, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The balance page with a learning rate at which the descent outlasts the test."""
    monkeypatch.setenv("COUNTERPOISE_HOME", str(app_home))
    table = balance.label_table(datasets.open_dataset(demo))
    spec = balance.default_spec(table).model_copy(update={"descent": DescentSettings(lr=0.002)})
    balance.write_draft(demo, spec)
    tab.goto(f"{app_url}/balance?dataset={demo}")
    expect(button(tab, "Start")).to_be_enabled()
    expect(tab.locator(".cp-number").first).to_be_visible()
    return tab


def button(tab: Page, name: str) -> Locator:
    return tab.get_by_role("button", name=re.compile(rf"^{name}"))


def step(tab: Page) -> int:
    found = re.search(r"step ([\d\u202f]+)", tab.locator(".cp-part-state").inner_text())
    assert found
    return int(found[1].replace("\u202f", ""))


def wait_for_step(tab: Page, least: int) -> None:
    end = time.monotonic() + 20
    while step(tab) < least:
        assert time.monotonic() < end, f"the descent did not reach step {least}"
        tab.wait_for_timeout(50)


def test_curve_and_bars_change_several_times_a_second_without_a_blank_frame(page: Page) -> None:
    watch_frames(page)
    button(page, "Start").click()
    page.wait_for_timeout(4000)
    frames = read_frames(page)
    assert frames.rate >= LEAST_RATE
    assert frames.blank == 0


def test_running_and_changing_never_reruns_the_page(page: Page) -> None:
    runs = ScriptRuns(page)
    page.reload()
    button(page, "Start").click()
    wait_for_step(page, 4)
    before = runs.pages
    page.get_by_role("slider", name="Target of macula").press("ArrowLeft")
    page.get_by_role("slider", name="γ, price of drift").press("ArrowRight")
    wait_for_step(page, step(page) + 10)
    assert runs.fragments >= 2
    assert runs.pages == before


def test_a_target_moved_while_running_marks_the_curve_and_the_descent_goes_on(page: Page) -> None:
    button(page, "Start").click()
    wait_for_step(page, 6)
    before = step(page)
    page.get_by_role("slider", name="Target of soft exudate").press("ArrowRight")
    expect(page.locator(".cp-marks text")).to_contain_text("soft exudate")
    wait_for_step(page, before + 10)


def test_pause_freezes_the_curve(page: Page) -> None:
    curve = page.locator(".cp-line.cp-objective")
    button(page, "Start").click()
    wait_for_step(page, 6)
    button(page, "Pause").click()
    expect(button(page, "Start")).to_be_visible()
    page.wait_for_timeout(2000)  # where it came to rest is asked once more
    frozen = curve.get_attribute("d")
    page.wait_for_timeout(1000)
    assert curve.get_attribute("d") == frozen


def test_a_key_starts_and_pauses(page: Page) -> None:
    page.keyboard.press("s")
    expect(button(page, "Pause")).to_be_visible()
    page.keyboard.press("s")
    expect(button(page, "Start")).to_be_visible()


def test_a_key_pauses_while_the_hand_is_on_a_slider(page: Page) -> None:
    button(page, "Start").click()
    page.get_by_role("slider", name="Target of macula").press("ArrowLeft")
    page.keyboard.press("s")
    expect(button(page, "Start")).to_be_visible()


def test_sliders_and_table_are_two_views_of_one_target_that_survives_a_reload(page: Page) -> None:
    page.get_by_role("slider", name="Target of macula").fill("60")
    button(page, "Table").click()
    field = page.get_by_role("textbox", name="Target of macula")
    expect(field).to_have_value("60")
    field.fill("62,5")
    field.press("Enter")
    expect(page.locator(".cp-bars")).to_contain_text("62.5 %")
    page.reload()
    expect(page.get_by_role("textbox", name="Target of macula")).to_have_value("62.5")


def test_a_share_above_100_per_cent_is_refused_in_place_and_can_be_mended(page: Page) -> None:
    field = page.get_by_role("textbox", name="Target of macula")
    field.fill("140")
    field.press("Enter")
    expect(page.get_by_text("The target of macula is 140 %")).to_be_visible()
    field.fill("90")
    field.press("Enter")
    expect(page.get_by_text("The target of macula is 140 %")).to_be_hidden()


def test_a_size_that_was_set_can_be_cleared(page: Page) -> None:
    page.get_by_text("Whole copies · 60").click()
    field = page.get_by_role("spinbutton", name="B, images in the balanced set")
    for typed, said in (("24", "24"), ("", "60")):
        field.fill(typed)
        field.press("Enter")
        expect(page.get_by_text(f"Whole copies · {said}")).to_be_visible()
        expect(field).to_have_value(typed)


def test_a_finished_balance_is_kept_under_a_name_and_listed(page: Page) -> None:
    button(page, "To the optimum").click()
    expect(page.locator(".cp-part-state")).to_contain_text("at the best possible")
    button(page, "Keep this plan").click()
    page.get_by_role("textbox", name="Name").fill("first try")
    page.get_by_role("textbox", name="Name").press("Enter")
    expect(page.get_by_text("The plan “first try” is kept.")).to_be_visible()
    page.get_by_role("tab", name="Kept plans").click()
    expect(page.get_by_text("first try", exact=True)).to_be_visible()


def wait_for_draft(demo: str, is_so: Callable[[BalanceSpec], bool]) -> None:
    """Wait until the page has kept what was asked."""
    end = time.monotonic() + 20
    while not ((draft := balance.find_draft(demo)) and is_so(draft)):
        assert time.monotonic() < end, "the page never kept it"
        time.sleep(0.1)


def test_pixels_and_images_have_panels_of_their_own_and_a_reload_keeps_the_choice(page: Page) -> None:
    page.get_by_text("Both", exact=True).click()
    expect(page.locator(".cp-bars")).to_have_count(2)
    page.get_by_text("Pixels", exact=True).click()
    expect(page.locator(".cp-bars")).to_have_count(1)
    expect(page.locator(".cp-bars")).to_contain_text("√ scale")
    expect(page.locator(".cp-targets .cp-part")).to_have_count(0)
    field = page.get_by_role("textbox", name="Target of soft exudate in per cent of an image’s pixels")
    field.fill("0.25")
    field.press("Enter")
    expect(page.locator(".cp-bars")).to_contain_text("→ 0.25 %")
    watch_frames(page)
    button(page, "Start").click()
    wait_for_step(page, 6)
    assert read_frames(page).blank == 0
    page.reload()
    expect(page.get_by_role("textbox", name="Target of soft exudate in per cent")).to_have_value("0.25")


def test_a_weight_typed_in_the_table_counts_and_a_wrong_one_is_refused(page: Page, demo: str) -> None:
    button(page, "Table").click()
    field = page.get_by_role("textbox", name="Weight of macula in L")
    field.fill("5")
    field.press("Enter")
    expect(page.get_by_text("Advanced · lr 0.002 · 1 class weight")).to_be_visible()
    wait_for_draft(demo, lambda spec: {item.name: item.weight for item in spec.targets}["macula"] == 5)
    field.fill("-1")
    field.press("Enter")
    expect(page.get_by_text("The weight of macula is")).to_be_visible()


def test_a_click_on_the_trade_off_takes_that_gamma_and_the_descent_goes_on(page: Page, demo: str) -> None:
    page.get_by_role("tab", name="Trade-off").click()
    dots = page.locator(".cp-trade-dot")
    expect(dots).to_have_count(25)
    dots.nth(14).hover(force=True)
    expect(page.locator(".cp-trade-reading")).to_contain_text("γ 1.26: effective sample 86.4 %")
    dots.nth(14).click(force=True)
    expect(page.locator(".cp-now-label")).to_have_text("now, γ 1.26")
    wait_for_draft(demo, lambda spec: abs(spec.drift.value - 1.26) < 0.01)
    wait_for_step(page, 4)
    picture = page.locator("svg.cp-trade")
    picture.press("ArrowRight")
    picture.press("Enter")
    taken = page.get_by_role("slider", name="γ, price of drift")
    expect(taken).not_to_have_attribute("aria-valuetext", "0.02")
    wait_for_step(page, step(page) + 4)


def test_a_wish_for_an_effective_sample_shows_the_gamma_found(page: Page) -> None:
    ways = page.get_by_role("combobox", name="Hold back duplicates by").first
    ways.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # a list that opens while the page still scrolls is closed again
    ways.click()
    page.get_by_role("option", name="at least an effective sample").click()
    dial = page.get_by_role("slider", name="Keep at least this effective sample")
    dial.press("End")
    dial.press("ArrowLeft")
    expect(page.get_by_text("γ found for an effective sample of 95.0 %")).to_be_visible()


def test_peers_stand_in_a_table_beside_ours(page: Page) -> None:
    page.get_by_role("tab", name="Peers").click()
    button(page, "Compare with peers").click()
    expect(page.get_by_text("Nearest of the peers")).to_be_visible()
    expect(page.get_by_role("button", name="Compare with peers")).to_have_count(0)
