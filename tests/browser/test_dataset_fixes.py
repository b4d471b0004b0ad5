"""Files put right, two datasets compared and two versions told apart, as a person does it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.jobs.demo import run_demo
from core.jobs.scan import run_scan
from core.services import datasets

pytestmark = pytest.mark.browser


@pytest.fixture
def pair(app_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two datasets: the demo, and a copy with an empty mask, a misnamed one, and one class painted over."""
    monkeypatch.setenv("COUNTERPOISE_HOME", str(app_home))
    demo = run_demo({"images": "8", "size": "96", "seed": "3"}, lambda *_: None, lambda: False)["dataset"]
    spec = datasets.find_spec(demo)
    root = tmp_path / "copy"
    shutil.copytree(spec.root, root)
    copy = datasets.keep(spec.model_copy(update={"root": root, "name": "A copy"}))
    run_scan({"dataset": copy}, lambda *_: None, lambda: False)
    masks = sorted((root / "masks").iterdir())
    masks[0].write_bytes(b"")
    masks[1].rename(masks[1].with_name("stray.png"))
    Image.fromarray(np.zeros((96, 96), np.uint8)).save(masks[2])
    run_scan({"dataset": copy}, lambda *_: None, lambda: False)
    return demo, copy


def test_files_are_paired_left_out_and_all_of_it_undone(
    app_url: str, pair: tuple[str, str], tab: Page
) -> None:
    _, copy = pair
    tab.goto(f"{app_url}/dataset?dataset={copy}&view=Files")
    tab.get_by_role("button", name="Pair files by hand").click()
    dialog = tab.get_by_role("dialog")
    expect(dialog.get_by_role("img")).to_be_visible()
    dialog.get_by_role("button", name="Pair these two").click()
    expect(tab.get_by_role("heading", name="Paired by hand")).to_be_visible()
    expect(tab.get_by_text("1 problem")).to_be_visible()
    tab.get_by_role("button", name="Leave out 1 file").click()
    expect(tab.get_by_text("None are left.")).to_be_visible()
    tab.get_by_role("button", name="Take back 1 file").click()
    expect(tab.get_by_text("1 problem")).to_be_visible()
    tab.get_by_role("button", name="Part").click()
    expect(tab.get_by_text("3 problems")).to_be_visible()


def test_two_datasets_are_compared_and_their_equal_images_found(
    app_url: str, pair: tuple[str, str], tab: Page
) -> None:
    _, copy = pair
    tab.goto(f"{app_url}/dataset?dataset={copy}&view=Compare")
    tab.get_by_label("Compare with").click()
    tab.get_by_role("option", name="Synthetic").first.click()
    expect(tab.get_by_text("8 classes in both, matched by name.")).to_be_visible()
    expect(tab.locator(".stPlotlyChart")).to_have_count(2)
    tab.get_by_role("button", name="Look for equal images").click()
    expect(tab.get_by_text("are in the other one too")).to_be_visible(timeout=90_000)


def test_the_version_after_a_changed_mask_names_its_image(
    app_url: str, pair: tuple[str, str], tab: Page
) -> None:
    _, copy = pair
    tab.goto(f"{app_url}/dataset?dataset={copy}&view=Versions")
    expect(tab.get_by_text("2 images removed and 1 image with a changed mask.")).to_be_visible()


def test_grey_values_are_measured_in_the_background(app_url: str, pair: tuple[str, str], tab: Page) -> None:
    demo, _ = pair
    tab.goto(f"{app_url}/dataset?dataset={demo}&view=Distributions")
    tab.get_by_role("button", name="Measure grey values").click()
    expect(tab.get_by_text("Darkest images")).to_be_visible(timeout=90_000)
    expect(tab.get_by_text("mean = [")).to_be_visible()
