"""The dataset page puts files right, compares, and shows versions; without a browser."""

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.domain.dataset import DatasetSpec
from core.jobs.intensity import run_intensity
from core.jobs.scan import run_scan
from core.runs.folder import list_runs
from core.runs.progress import read_progress
from core.services import datasets
from tests.pages.conftest import OpenPage


def test_leaving_out_a_problem_file_keeps_the_answer_and_scans_again(
    open_page: OpenPage, scanned: str
) -> None:
    page = open_page("dataset", dataset=scanned, view="Files")
    page = _press(page, "files.leave_out")
    assert datasets.find_spec(scanned).ignored == ("images/lonely.png",)
    _finish()
    page = open_page("dataset", dataset=scanned, view="Files")
    assert any(item.value.startswith("None are left") for item in page.markdown)
    assert [item.value["file"].tolist() for item in page.dataframe] == [["images/lonely.png"]]
    page = _press(page, "files.take_back")
    assert datasets.find_spec(scanned).ignored == ()
    _finish()


def test_the_problems_of_a_table_offer_no_files_to_leave_out(open_page: OpenPage, tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("image,cat,dog\na.png,1,0\nb.png,0,1\nc.png,1,1\nc.png,1,0\n")
    dataset_id = datasets.keep(datasets.propose(str(table)).spec)
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    page = open_page("dataset", dataset=dataset_id, view="Files")
    assert len(page.dataframe[0].value) == 1
    assert not {"files.leave_out", "files.pair"} & {item.key for item in page.button}


def test_a_pair_made_by_hand_can_be_parted(open_page: OpenPage, spec: DatasetSpec, folder: Path) -> None:
    (folder / "masks" / "eye_0.png").rename(folder / "masks" / "stray.png")
    pairs = (("images/eye_0.png", "masks/stray.png"),)
    dataset_id = datasets.keep(spec.model_copy(update={"pairs": pairs}))
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    _press(open_page("dataset", dataset=dataset_id, view="Files"), "files.part.0")
    assert datasets.find_spec(dataset_id).pairs == ()
    _finish()


def test_measured_grey_values_can_be_copied_for_a_network(open_page: OpenPage, scanned: str) -> None:
    run_intensity({"dataset": scanned}, lambda *_: None, lambda: False)
    page = open_page("dataset", dataset=scanned, view="Distributions")
    assert not page.error
    assert page.code[0].value.startswith("mean = [0.")
    assert page.button(key="intensity.measure").label == "Measure again"


def test_without_another_dataset_the_comparison_says_what_it_needs(open_page: OpenPage, scanned: str) -> None:
    page = open_page("dataset", dataset=scanned, view="Compare")
    assert page.button(key="compare.open").label == "Open another"


def test_two_datasets_are_compared_by_name(open_page: OpenPage, scanned: str, tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("image,Disc,scar\na.png,1,0\nb.png,0,1\nc.png,1,1\n")
    other = datasets.keep(datasets.propose(str(table)).spec)
    run_scan({"dataset": other}, lambda *_: None, lambda: False)
    page = open_page("dataset", dataset=scanned, view="Compare")
    page = page.selectbox(key="compare.other").select(other).run(timeout=30)
    assert not page.error
    assert not page.exception
    words = [item.value for item in page.markdown]
    assert "Only here: vessels." in words
    assert "Only there: scar." in words
    assert any("Pixel shares need masks" in item for item in words)


def test_versions_say_which_mask_has_changed(open_page: OpenPage, scanned: str, folder: Path) -> None:
    page = open_page("dataset", dataset=scanned, view="Versions")
    assert any("only version so far" in item.value for item in page.markdown)
    Image.fromarray(np.ones((32, 32), np.uint8)).save(folder / "masks" / "eye_3.png")
    run_scan({"dataset": scanned}, lambda *_: None, lambda: False)
    page = open_page("dataset", dataset=scanned, view="Versions")
    assert not page.error
    assert any("1 image with a changed mask" in item.value for item in page.markdown)
    assert page.dataframe[1].value["image"].tolist() == ["images/eye_3.png"]


def _press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run(timeout=30)


def _finish() -> None:
    """Wait for the scan that the page has started."""
    run = max(list_runs("scan"), key=lambda run: run.read_spec().created)
    deadline = time.monotonic() + 60
    while not read_progress(run).over:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert read_progress(run).state == "finished"


@pytest.mark.parametrize("view", ["Distributions", "Compare", "Versions", "Files"])
def test_a_dataset_without_one_usable_image_draws_too(
    open_page: OpenPage, spec: DatasetSpec, folder: Path, view: str
) -> None:
    for mask in (folder / "masks").iterdir():
        mask.write_bytes(b"")
    dataset_id = datasets.keep(spec)
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    page = open_page("dataset", dataset=dataset_id, view=view)
    assert not page.error
    assert not page.exception
