"""The viewer in Chromium: what a hand does there, what the server hears of it, and what is on the screen."""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import serving
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
SIDE = 96
HIT, EXTRA, MISSED = (150, 160, 172), (240, 228, 66), (86, 180, 233)


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("viewer"), ROOT / "tests" / "browser" / "viewer_page.py") as address:
        yield address


class Viewer:
    """The harness page in a tab."""

    def __init__(self, tab: Page, address: str, query: str = "") -> None:
        self.tab = tab
        tab.goto(f"{address}/?side={SIDE}&{query}")
        self.wait_for(0)

    def wait_for(self, position: int) -> None:
        expect(self.tab.locator(f".cp-viewer[data-painted='{position}']")).to_be_attached()

    def rest(self) -> None:
        """Wait until the browser has asked for all that it wants."""
        needs, seen = -1, 0.0
        while (now := self.told["runs"]) != needs or time.monotonic() - seen < 2.2:
            if now != needs:
                needs, seen = now, time.monotonic()
            self.tab.wait_for_timeout(100)

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.tab.locator("code").inner_text())
        return found

    def wait_told(self, count: int) -> dict[str, Any]:
        end = time.monotonic() + 20
        while len(self.told["told"]) < count:
            assert time.monotonic() < end, "the server was never told"
            self.tab.wait_for_timeout(50)
        last: dict[str, Any] = self.told["told"][count - 1]
        return last

    def canvas(self, number: int = 0) -> Locator:
        return self.tab.locator(".cp-pane canvas").nth(number)

    def button(self, name: str) -> Locator:
        return self.tab.locator(".cp-viewer").get_by_role("button", name=re.compile(rf"^{name}"))

    def menu(self, name: str) -> Locator:
        return self.tab.get_by_role("combobox", name=re.compile(rf"^{name}"))

    def at(self, column: float, row: float, number: int = 0) -> tuple[float, float]:
        """Where a pixel of the fitted image lies on the screen."""
        box = self.canvas(number).bounding_box()
        assert box
        scale = min((box["width"] - 16) / SIDE, (box["height"] - 16) / SIDE)
        left, top = (box["width"] - scale * SIDE) / 2, (box["height"] - scale * SIDE) / 2
        return box["x"] + left + scale * column, box["y"] + top + scale * row

    def stroke(self, *points: tuple[float, float]) -> None:
        self.tab.mouse.move(*self.at(*points[0]))
        self.tab.mouse.down()
        for point in points[1:]:
            self.tab.mouse.move(*self.at(*point))
        self.tab.mouse.up()

    def pixel(self, column: float, row: float, number: int = 0) -> tuple[int, int, int]:
        """What is on the screen over a pixel of the fitted image."""
        self.tab.wait_for_timeout(120)
        x, y = self.at(column + 0.5, row + 0.5, number)
        box = self.canvas(number).bounding_box()
        assert box
        found = self.canvas(number).evaluate(
            "(c, [x, y]) => Array.from(c.getContext('2d').getImageData(x, y, 1, 1).data)",
            [round(x - box["x"]), round(y - box["y"])],
        )
        return found[0], found[1], found[2]


@pytest.fixture
def viewer(harness: str, tab: Page) -> Viewer:
    return Viewer(tab, harness)


def is_grey(colour: tuple[int, int, int]) -> bool:
    return max(colour) - min(colour) <= 2


def disc(position: int = 0, shift: int = 0) -> np.ndarray:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    middle = SIDE // 2 + shift
    return (rows - middle) ** 2 + (columns - middle) ** 2 < (SIDE // 4 + position) ** 2


def lesion(shift: int = 0) -> np.ndarray:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    middle = SIDE // 2 + shift
    return (rows - middle) ** 2 + (columns - middle) ** 2 < (SIDE // 10) ** 2


def digest(pixels: np.ndarray) -> str:
    return hashlib.sha256(pixels.astype(np.int16).tobytes()).hexdigest()


def test_looking_and_drawing_never_run_the_page(viewer: Viewer) -> None:
    tab = viewer.tab
    viewer.rest()
    before = viewer.told["runs"]
    tab.mouse.move(*viewer.at(40, 40))
    tab.mouse.wheel(0, -600)
    viewer.stroke((40, 40), (50, 55))
    tab.get_by_label("Opacity").fill("80")
    tab.keyboard.press("1")
    tab.keyboard.press("1")
    for key in "ovvvvv0":
        tab.keyboard.press(key)
    tab.keyboard.press("e")
    viewer.stroke((30, 30), (60, 60))
    tab.keyboard.press("z")
    tab.wait_for_timeout(2500)
    assert viewer.told["runs"] == before


def test_opacity_and_class_keys_change_what_is_seen(viewer: Viewer) -> None:
    tab, inside = viewer.tab, (48, 68)
    viewer.menu("Masks").select_option("fill")
    seen = viewer.pixel(*inside)
    assert not is_grey(seen)
    tab.get_by_label("Opacity").fill("100")
    assert viewer.pixel(*inside) == (230, 159, 0)
    tab.keyboard.press("1")
    assert is_grey(viewer.pixel(*inside))
    assert viewer.pixel(48, 48) == (86, 180, 233)


def test_space_hides_the_masks_while_it_is_held(viewer: Viewer) -> None:
    assert not is_grey(viewer.pixel(48, 68))
    viewer.tab.keyboard.down(" ")
    assert is_grey(viewer.pixel(48, 68))
    viewer.tab.keyboard.up(" ")
    assert not is_grey(viewer.pixel(48, 68))


def test_difference_shows_agreement_and_both_kinds_of_error(viewer: Viewer) -> None:
    tab = viewer.tab
    viewer.menu("View").select_option("difference")
    tab.get_by_label("Opacity").fill("100")
    tab.keyboard.press("2")
    only_drawn, only_reference = (48, 26), (48, 74)
    assert disc()[26, 48]
    assert not disc(shift=4)[26, 48]
    assert viewer.pixel(48, 66) == HIT
    assert viewer.pixel(*only_drawn) == EXTRA
    stripes = {viewer.pixel(only_reference[0] + step / 4, only_reference[1]) for step in range(-6, 7)}
    assert any(np.abs(np.subtract(colour, MISSED)).max() < 30 for colour in stripes)
    assert len(stripes) > 1  # hatched, not flat


def test_swipe_shows_one_mask_left_and_the_other_right_of_the_divider(viewer: Viewer) -> None:
    tab = viewer.tab
    viewer.menu("View").select_option("swipe")
    viewer.menu("Masks").select_option("fill")
    tab.get_by_label("Opacity").fill("100")
    only_drawn = (40, 26)
    assert viewer.pixel(*only_drawn) == (230, 159, 0)
    viewer.stroke((48, 90), (20, 90))
    assert is_grey(viewer.pixel(*only_drawn))


def test_zoom_is_shared_by_the_panes_and_kept_when_the_case_changes(viewer: Viewer) -> None:
    tab = viewer.tab
    viewer.menu("View").select_option("side")
    expect(tab.locator(".cp-pane")).to_have_count(3)
    tab.mouse.move(*viewer.at(30, 60, 1))
    tab.mouse.wheel(0, -900)
    tab.wait_for_timeout(200)
    shots = [viewer.canvas(number).screenshot() for number in range(3)]
    assert len(set(shots)) == 3
    look = "(root) => JSON.stringify(root.view.geometry)"
    before = tab.locator(".cp-viewer").evaluate(look)
    tab.keyboard.press("n")
    viewer.wait_for(1)
    assert tab.locator(".cp-viewer").evaluate(look) == before
    assert json.loads(before)["fitted"] is False


def test_keys_decide_and_the_next_case_appears_only_once_it_is_saved(viewer: Viewer) -> None:
    tab = viewer.tab
    tab.keyboard.press("a")
    viewer.wait_for(1)
    told = viewer.wait_told(1)
    assert (told["kind"], told["position"]) == ("accept", 0)
    assert told["seconds"] > 0
    tab.keyboard.press("f")
    viewer.wait_for(2)
    tab.keyboard.press("z")
    viewer.wait_for(1)
    viewer.wait_told(3)
    assert [item["kind"] for item in viewer.told["told"]] == ["accept", "flag", "undo"]


def test_a_rejection_needs_a_reason(viewer: Viewer) -> None:
    tab = viewer.tab
    tab.keyboard.press("r")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("A rejection needs a reason")).to_be_visible()
    tab.keyboard.press("2")
    tab.get_by_label("Reason in your own words").fill("near the rim")
    tab.keyboard.press("Enter")
    told = viewer.wait_told(1)
    assert told["reason"] == "Region drawn that is not there: near the rim"


def test_keys_are_silent_while_somebody_types(viewer: Viewer) -> None:
    tab = viewer.tab
    tab.get_by_label("Comment").fill("")
    tab.get_by_label("Comment").press_sequentially("a rare case, see fax")
    tab.wait_for_timeout(500)
    assert viewer.told["told"] == []
    tab.keyboard.press("Escape")
    tab.keyboard.press("a")
    assert viewer.wait_told(1)["comment"] == "a rare case, see fax"


def test_a_decision_about_one_class_names_it(viewer: Viewer) -> None:
    tab = viewer.tab
    viewer.button("lesion").click()
    tab.keyboard.press("a")
    assert viewer.wait_told(1)["class"] == "lesion"
    expect(tab.get_by_text("about lesion only")).to_be_hidden()
    tab.keyboard.press("a")  # What comes next is about the whole case again
    assert viewer.wait_told(2)["class"] == ""


@pytest.mark.parametrize("query", ["", "overlapping"])
def test_an_edit_comes_back_pixel_by_pixel(harness: str, tab: Page, query: str) -> None:
    viewer = Viewer(tab, harness, query)
    tab.keyboard.press("e")
    tab.keyboard.press("2")
    tab.keyboard.press("g")
    for corner in ((10, 10), (30, 10), (30, 20), (10, 20)):
        tab.mouse.click(*viewer.at(*corner))
    tab.keyboard.press("Enter")
    tab.keyboard.press("Enter")
    told = viewer.wait_told(1)
    square = np.zeros((SIDE, SIDE), bool)
    square[10:20, 10:30] = True
    if query:
        expected = np.stack([~disc() & ~square, disc(), lesion() | square])
    else:
        expected = np.where(lesion() | square, 2, disc().astype(int))
    assert told["counts"][2] == int((lesion() | square).sum())
    assert told["digest"] == digest(expected)


def test_fifty_strokes_are_undone_and_redone(viewer: Viewer) -> None:
    tab = viewer.tab
    numbers = "(root) => Array.from(root.view.edit.labels.planes[0]).join('')"
    look: Callable[[], str] = lambda: tab.locator(".cp-viewer").evaluate(numbers)  # noqa: E731  # one line
    tab.keyboard.press("e")
    before = look()
    for number in range(50):
        viewer.stroke((5 + number, 5), (6 + number, 9))
    after = look()
    assert before != after
    for _ in range(50):
        tab.keyboard.press("z")
    assert look() == before
    expect(viewer.button("Undo")).to_be_disabled()
    for _ in range(50):
        tab.keyboard.press("y")
    assert look() == after


@pytest.mark.parametrize("drawing", ["fill", "contour"])
def test_a_stroke_its_undo_and_its_redo_are_all_seen(viewer: Viewer, drawing: str) -> None:
    tab = viewer.tab
    viewer.menu("Masks").select_option(drawing)
    tab.keyboard.press("e")
    tab.keyboard.press("2")
    row = 13 if drawing == "contour" else 12  # the brush of 12 px reaches from row 1 to the end of row 12

    def is_seen() -> bool:
        return not all(is_grey(viewer.pixel(70, row + step / 4)) for step in range(-4, 5))

    assert not is_seen()
    viewer.stroke((60, 7), (80, 7))
    assert is_seen()
    tab.keyboard.press("z")
    assert not is_seen()
    tab.keyboard.press("y")
    assert is_seen()


def test_erasing_filling_and_despeckling_change_only_the_chosen_class(viewer: Viewer) -> None:
    tab = viewer.tab
    tab.keyboard.press("e")
    tab.keyboard.press("2")
    tab.keyboard.press("x")
    viewer.stroke((20, 48), (80, 48))
    counts = "(root) => [0, 1, 2].map((c) => root.view.edit.labels.planes[0].filter((v) => v === c).length)"
    erased = tab.locator(".cp-viewer").evaluate(counts)
    assert erased[1] == int((disc() & ~lesion()).sum())
    assert erased[2] < int(lesion().sum())
    tab.keyboard.press("1")
    tab.keyboard.press("k")
    tab.mouse.click(*viewer.at(48, 48))
    filled = tab.locator(".cp-viewer").evaluate(counts)
    assert sum(filled) == SIDE**2
    assert filled[1] > erased[1]
    tab.keyboard.press("2")
    tab.get_by_label("Specks have fewer pixels than").fill("1000")
    viewer.button("Remove specks").click()
    assert tab.locator(".cp-viewer").evaluate(counts)[2] == 0


def test_leaving_with_changes_asks_once(viewer: Viewer) -> None:
    tab = viewer.tab
    tab.keyboard.press("e")
    viewer.stroke((5, 5), (20, 20))
    tab.keyboard.press("Escape")
    expect(viewer.button("Leave without saving")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(viewer.button("Accept")).to_be_visible()


def test_an_unsaved_correction_outlives_a_reload_until_it_is_saved_or_left(viewer: Viewer) -> None:
    tab = viewer.tab
    numbers = "(root) => Array.from(root.view.edit.labels.planes[0]).join('')"
    kept = "() => Object.keys(sessionStorage).filter((name) => name.startsWith('counterpoise.draft')).length"
    tab.keyboard.press("e")
    tab.keyboard.press("2")
    tab.keyboard.press("]")
    viewer.stroke((5, 5), (20, 20))
    drawn = tab.locator(".cp-viewer").evaluate(numbers)
    tab.wait_for_function(f"({kept})() === 1")
    tab.reload()
    viewer.wait_for(0)
    expect(tab.get_by_text("You have not saved your correction of this case")).to_be_visible()
    tab.keyboard.press("a")
    expect(tab.get_by_text("A again accepts the mask as it was")).to_be_visible()
    assert viewer.told["told"] == []
    tab.keyboard.press("e")
    expect(tab.get_by_text("Here is the correction that you had not saved")).to_be_visible()
    assert tab.locator(".cp-viewer").evaluate(numbers) == drawn
    expect(viewer.button("lesion")).to_have_attribute("aria-pressed", "true")
    expect(tab.get_by_label("Brush size in pixels")).to_have_text("18 px")
    tab.keyboard.press("z")
    assert tab.locator(".cp-viewer").evaluate(numbers) != drawn
    tab.keyboard.press("y")
    tab.keyboard.press("Escape")
    tab.keyboard.press("Escape")
    assert tab.evaluate(kept) == 0
    tab.keyboard.press("e")
    viewer.stroke((5, 5), (20, 20))
    tab.wait_for_function(f"({kept})() === 1")
    tab.keyboard.press("Enter")
    viewer.wait_told(1)
    viewer.wait_for(1)
    assert tab.evaluate(kept) == 0


def test_the_usual_keys_undo_and_redo_a_stroke_and_take_no_decision_back(viewer: Viewer) -> None:
    tab = viewer.tab
    numbers = "(root) => Array.from(root.view.edit.labels.planes[0]).join('')"
    viewer.rest()
    tab.keyboard.press("Control+z")
    tab.keyboard.press("e")
    before = tab.locator(".cp-viewer").evaluate(numbers)
    viewer.stroke((5, 5), (20, 20))
    drawn = tab.locator(".cp-viewer").evaluate(numbers)
    tab.keyboard.press("Control+z")
    assert tab.locator(".cp-viewer").evaluate(numbers) == before
    tab.keyboard.press("Control+Shift+z")
    assert tab.locator(".cp-viewer").evaluate(numbers) == drawn
    assert viewer.told["told"] == []


def test_a_key_that_is_held_takes_one_decision_back(viewer: Viewer) -> None:
    tab = viewer.tab
    for count in (1, 2, 3):
        tab.keyboard.press("a")
        viewer.wait_told(count)
        viewer.wait_for(count)
    for _ in range(12):
        tab.keyboard.down("z")
        tab.wait_for_timeout(150)
    tab.keyboard.up("z")
    viewer.rest()
    assert [item["kind"] for item in viewer.told["told"]] == ["accept"] * 3 + ["undo"]


def test_only_views_with_a_pane_to_draw_on_are_offered_while_correcting(viewer: Viewer) -> None:
    viewer.tab.keyboard.press("e")
    offered = "(menu) => [...menu.options].filter((option) => !option.disabled).map((option) => option.value)"
    assert viewer.menu("View").evaluate(offered) == ["prediction", "side"]


def test_a_correction_that_cannot_be_taken_is_refused_and_not_lost(viewer: Viewer) -> None:
    tab = viewer.tab
    tab.keyboard.press("e")
    viewer.stroke((5, 5), (20, 20))
    tab.locator(".cp-viewer").evaluate("""(root) => {
      const { emit } = root.view;
      root.view.emit = (sent) => emit({ ...sent, mask: 'rubbish' });
    }""")
    tab.keyboard.press("Enter")
    expect(tab.locator(".cp-part-alert")).to_contain_text("the corrected mask cannot be taken")
    expect(viewer.button("Save")).to_be_visible()
    tab.keyboard.press("Enter")
    assert viewer.wait_told(1)["kind"] == "correct"


def test_a_decision_that_was_not_heard_is_sent_again_with_its_token(harness: str, tab: Page) -> None:
    viewer = Viewer(tab, harness, "deaf")
    tab.keyboard.press("a")
    tab.keyboard.press("a")
    expect(tab.locator(".cp-part-state")).to_contain_text("Accepting")
    viewer.wait_for(1)
    viewer.wait_told(1)
    heard = viewer.told["heard"]
    assert len(heard) == 2
    assert heard[0] == heard[1]


def test_a_blinded_reader_is_told_so_and_draws_from_nothing(harness: str, tab: Page) -> None:
    viewer = Viewer(tab, harness, "blind")
    expect(tab.get_by_text("the prediction is hidden until you have answered")).to_be_visible()
    expect(viewer.button("Accept")).to_be_disabled()
    expect(viewer.menu("View")).to_be_hidden()
    tab.keyboard.press("e")
    viewer.stroke((40, 40), (50, 50))
    tab.keyboard.press("Enter")
    counts = viewer.wait_told(1)["counts"]
    assert counts[1] > 0
    assert counts[0] + counts[1] == SIDE**2


def test_a_blinded_reader_may_answer_that_nothing_is_there_and_a_dead_key_says_why(
    harness: str, tab: Page
) -> None:
    viewer = Viewer(tab, harness, "blind")
    tab.keyboard.press("a")
    expect(tab.get_by_text("so there is nothing to accept")).to_be_visible()
    tab.keyboard.press("e")
    expect(tab.get_by_text("so there is nothing to accept")).to_be_hidden()
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("Nothing is drawn. Enter again answers that nothing is there.")).to_be_visible()
    tab.keyboard.press("Enter")
    counts = viewer.wait_told(1)["counts"]
    assert counts == [SIDE**2, 0, 0]


def test_a_mask_that_was_shown_and_not_changed_is_no_correction(viewer: Viewer) -> None:
    viewer.tab.keyboard.press("e")
    viewer.tab.keyboard.press("Enter")
    viewer.tab.keyboard.press("Enter")
    expect(viewer.tab.get_by_text("Nothing was changed")).to_be_visible()
    assert not viewer.told["told"]


def test_a_volume_is_seen_in_three_planes_slice_by_slice(harness: str, tab: Page) -> None:
    viewer = Viewer(tab, harness, "volume")
    viewer.menu("View").select_option("planes")
    expect(tab.locator(".cp-pane")).to_have_count(3)
    expect(tab.get_by_text("As scanned 1 of 5")).to_be_visible()
    tab.get_by_role("slider", name="As scanned").fill("3")
    expect(tab.get_by_text("As scanned 4 of 5: no slice here")).to_be_visible()
    viewer.rest()
    tab.mouse.move(*viewer.at(40, 40))
    expect(tab.locator(".cp-part-readout")).to_contain_text("value 30")


def test_a_hand_on_one_plane_moves_the_others_and_their_sliders(harness: str, tab: Page) -> None:
    viewer = Viewer(tab, harness, "volume")
    viewer.menu("View").select_option("planes")
    viewer.rest()
    box = tab.locator(".cp-pane canvas").nth(1).bounding_box()
    assert box
    tab.mouse.click(
        box["x"] + box["width"] / 2 + 1, box["y"] + box["height"] / 2 + 1
    )  # turned: columns are slices
    expect(tab.get_by_text("As scanned 3 of 5")).to_be_visible()
    expect(tab.get_by_role("slider", name="As scanned")).to_have_value("2")
    tab.keyboard.press("n")
    expect(tab.get_by_text("As scanned 2 of 5")).to_be_visible()
    expect(tab.get_by_role("slider", name="As scanned")).to_have_value("1")


def test_the_value_under_the_cursor_is_said(viewer: Viewer) -> None:
    viewer.tab.mouse.move(*viewer.at(48.5, 68.5))
    words = viewer.tab.locator(".cp-part-readout")
    expect(words).to_contain_text("x 48, y 68 (24.0, 34.0 mm)")
    expect(words).to_contain_text("Prediction: disc · Reference: disc")
    expect(words).to_contain_text(re.compile(r"confidence \d+ %, entropy \d+ %"))
    expect(words).to_contain_text(re.compile(r"value -?\d+"))


def test_everything_fits_1280_by_720_and_a_phone(viewer: Viewer) -> None:
    tab = viewer.tab
    for key in ("", "r"):
        if key:
            tab.keyboard.press(key)
        box = tab.locator(".cp-viewer").bounding_box()
        assert box
        assert box["y"] + box["height"] <= 720
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
