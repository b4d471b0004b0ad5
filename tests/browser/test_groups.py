"""The Groups tab in a real browser: a pattern by a click, and the search that runs elsewhere."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.domain.dataset import DatasetSpec, FolderPair
from core.jobs.scan import run_scan
from core.services import datasets
from tests.formats.test_likeness import as_jpeg, scene

pytestmark = pytest.mark.browser


@pytest.fixture
def flights(app_home: Path, tmp_path: Path) -> str:
    """Two flights of four images each; one image of the first is an image of the second, saved again."""
    root = tmp_path / "flights"
    for kind in ("images", "masks"):
        (root / kind).mkdir(parents=True)
    for place in range(8):
        name = f"{'north' if place < 4 else 'south'}_{place}.png"
        picture = as_jpeg(scene(0)) if place == 7 else scene(place)
        picture.save(root / "images" / name)
        mask = np.zeros((120, 160), np.uint8)
        mask[: 9 + place] = 1
        Image.fromarray(mask).save(root / "masks" / name)
    pair = FolderPair(images="images", masks="masks")
    spec = DatasetSpec(name="Flights", root=root, format="index", folders=(pair,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERPOISE_HOME", str(app_home))
        dataset_id = datasets.keep(spec)
        run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    return dataset_id


def test_flights_are_grouped_by_a_click_and_what_looks_alike_is_tied(
    app_url: str, flights: str, tab: Page
) -> None:
    tab.goto(f"{app_url}/dataset?dataset={flights}&view=Groups")
    expect(tab.get_by_text("8 groups of 8 images")).to_be_visible()
    tab.get_by_role("button", name="Search for near duplicates").click()
    expect(tab.get_by_text("2 images in 1 set look alike")).to_be_visible()
    tab.get_by_text("A pattern in the file name").click()
    tab.get_by_role("button", name="what stands before the first underscore").click()
    expect(tab.get_by_text("2 groups, the largest with 4 images")).to_be_visible()
    tab.get_by_role("button", name="Use these groups").click()
    expect(tab.get_by_text("2 groups of 8 images")).to_be_visible()
    tab.get_by_role("button", name="These belong together").click()
    expect(tab.get_by_text("1 group of 8 images")).to_be_visible()
    tab.reload()
    expect(tab.get_by_text("All images are one group")).to_be_visible()
    tab.get_by_text("Your answers").click()
    tab.get_by_role("button", name="Undo").click()
    expect(tab.get_by_text("2 groups of 8 images")).to_be_visible()
