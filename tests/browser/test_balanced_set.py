"""From plan to files in one sitting: compare, divide, look at the augmentation, write, stop, go on."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.domain.balance import Bounds
from core.jobs.demo import run_demo
from core.services import balance, datasets

pytestmark = pytest.mark.browser
DEMO = {"images": "40", "size": "96", "seed": "5"}
IMAGES = 3000  # so many that they can be stopped half way, on a quick machine too


@pytest.fixture(scope="module")
def demo(app_home: Path) -> Iterator[str]:
    """A small demo with two kept plans in the shared server's workspace."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERPOISE_HOME", str(app_home))
        dataset_id = run_demo(DEMO, lambda *_: None, lambda: False)["dataset"]
        dataset = datasets.open_dataset(dataset_id)
        table = balance.label_table(dataset)
        for name, total in (("short", None), ("long", IMAGES)):
            spec = balance.default_spec(table).model_copy(update={"bounds": Bounds(total=total)})
            balance.save_plan(dataset_id, name, dataset, balance.solve(table, spec))
        yield dataset_id


def button(tab: Page, name: str) -> Locator:
    return tab.get_by_role("button", name=re.compile(rf"^{name}"))


def test_from_plan_to_folds_to_files(
    app_url: str, app_home: Path, demo: str, tab: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab.goto(f"{app_url}/balance?dataset={demo}&view=Kept plans")
    expect(tab.get_by_role("heading", name="Side by side")).to_be_visible()

    rename_to_a_taken_name(tab)
    button(tab, "Next: divide the images").click()
    button(tab, "Divide into folds").click()
    expect(tab.get_by_text("no group and no image content is in more than one fold")).to_be_visible()
    button(tab, "Solve on each training part").click()
    expect(tab.get_by_text("Solved with the settings above")).to_be_visible()

    button(tab, "Next: write the balanced set").click()
    choose_long_plan(tab)
    button(tab, "Preview the augmentation").click()
    expect(tab.get_by_alt_text(re.compile("^First duplicate of")).first).to_be_visible(timeout=120_000)
    folder = tmp_path / "written"
    tab.get_by_role("textbox", name="Folder").fill(str(folder))
    tab.get_by_role("textbox", name="Folder").press("Enter")
    expect(tab.get_by_text("originals linked")).to_be_visible()
    button(tab, "Write the balanced set").click()

    expect(tab.get_by_text(re.compile(r"Writing images and masks · \d+ of"))).to_be_visible(timeout=120_000)
    button(tab, "Cancel").click()
    expect(tab.get_by_text(re.compile(r"Stopped after .* of 3\D000 images"))).to_be_visible(timeout=60_000)
    assert not (folder / "index.csv").exists()
    tab.reload()
    expect(tab.get_by_text(re.compile(r"Stopped after"))).to_be_visible()
    button(tab, "Go on writing").click()
    expect(tab.get_by_role("heading", name="The balanced set is written")).to_be_visible(timeout=240_000)
    lines = (folder / "index.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == IMAGES + 1
    button(tab, "Next: open this set as a dataset").click()
    expect(tab.get_by_role("heading", name="Open a dataset")).to_be_visible()
    expect(tab.get_by_text(str(folder), exact=True)).to_be_visible()


def rename_to_a_taken_name(tab: Page) -> None:
    """A name that differs in capitals only is refused in the dialog, another is taken."""
    button(tab, "More").first.click()
    tab.get_by_text("Rename", exact=True).click()
    field = tab.get_by_role("dialog").get_by_role("textbox", name="Name")
    expect(field).not_to_have_value("")
    current = field.input_value()
    other = {"short": "LONG", "long": "SHORT"}[current]
    field.fill(other)
    field.press("Enter")
    expect(tab.get_by_text("differs from it in capital letters only")).to_be_visible()
    field.fill(f"{current} one")
    field.press("Enter")
    expect(tab.get_by_role("dialog")).to_be_hidden()
    expect(tab.get_by_text(f"{current} one", exact=True).first).to_be_visible()


def choose_long_plan(tab: Page) -> None:
    tab.get_by_role("combobox", name=re.compile("Plan")).click()
    tab.get_by_role("option", name=re.compile("^long")).click()
    expect(tab.get_by_text(re.compile(r"^3\s000 images ·"))).to_be_visible()
