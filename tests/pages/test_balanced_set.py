"""The balanced set on the page: what is said before the start, how a run is found again, its report."""

import os
import signal
import time
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.domain.augmentation import MaterialiseSpec
from core.domain.balance import BalanceSpec, Bounds, ClassTarget
from core.jobs.scan import run_scan
from core.runs.folder import find_run
from core.services import balance, balanced_sets, datasets, materialise, runs
from tests.pages.conftest import OpenPage

ALONE = MaterialiseSpec(workers=1)


def texts(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.error, page.warning, page.info, page.code, page.subheader)
    return "\n".join(item.value for kind in kinds for item in kind)


def wait_until_over(run_id: str) -> None:
    deadline = time.monotonic() + 60
    while not runs.watch(run_id).over:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def plan(scanned: str) -> balance.PlanEntry:
    """Twelve images from six, with the vessels in most of them."""
    targets = (ClassTarget(name="disc", share=1.0), ClassTarget(name="vessels", share=0.8))
    dataset = datasets.open_dataset(scanned)
    spec = BalanceSpec(targets=targets, bounds=Bounds(total=12))
    return balance.save_plan(scanned, "most", dataset, balance.solve(balance.label_table(dataset), spec))


def test_without_a_plan_the_tab_leads_to_the_kept_plans(scanned: str, open_page: OpenPage) -> None:
    page = open_page("balance", dataset=scanned, view="Balanced set")
    assert "Keep a plan first" in texts(page)
    page.button(key="set.next.Kept plans").click().run()
    assert "No plan is kept yet" in texts(page)


@pytest.fixture
def labels(tmp_path: Path) -> str:
    """A scanned label table of two images, which are not there."""
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "labels.csv").write_text("image,disc,scar\na.png,1,0\nb.png,1,1\n")
    dataset_id = datasets.keep(datasets.propose(str(tmp_path / "set" / "labels.csv")).spec)
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    return dataset_id


def test_labels_without_images_are_refused_with_the_reason_and_the_way_on(
    labels: str, open_page: OpenPage
) -> None:
    page = open_page("balance", dataset=labels, view="Balanced set")
    assert "none of the images that they name" in texts(page)
    page.button(key="set.next.Kept plans").click().run()
    assert "No plan is kept yet" in texts(page)


def test_labels_whose_images_lie_beside_them_are_written(
    labels: str, open_page: OpenPage, tmp_path: Path
) -> None:
    for name in "ab":
        Image.new("L", (32, 32), 90).save(tmp_path / "set" / f"{name}.png")
    dataset = datasets.open_dataset(labels)
    table = balance.label_table(dataset)
    plan = balance.save_plan(labels, "as is", dataset, balance.solve(table, balance.default_spec(table)))
    page = open_page("balance", dataset=labels, view="Balanced set")
    assert page.selectbox(key="set.layout.labels").options == ["Images and their labels"]
    page.text_input(key=f"set.folder.{plan.id}.plain").set_value(str(tmp_path / "out")).run()
    page.button(key="set.start").click().run()
    run = balanced_sets.find_latest(labels)
    assert run is not None
    wait_until_over(run.progress.id)
    assert "none missing" in texts(open_page("balance", dataset=labels, view="Balanced set"))
    assert (tmp_path / "out" / "a.png").is_file()


def test_it_says_before_the_start_what_it_takes_and_writes_what_it_said(
    scanned: str, plan: balance.PlanEntry, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page("balance", dataset=scanned, view="Balanced set")
    said = texts(page)
    assert "12 images" in said
    assert "free there" in said
    page.text_input(key="set.folder.most.plain").set_value(str(tmp_path / "out")).run()
    page.button(key="set.start").click().run()
    run = balanced_sets.find_latest(scanned)
    assert run is not None
    assert run.request.folder == tmp_path / "out"
    wait_until_over(run.progress.id)
    again = open_page("balance", dataset=scanned, view="Balanced set")
    assert "The balanced set is written" in texts(again)
    assert "none missing" in texts(again)
    assert str(tmp_path / "out") in texts(again)
    again.button(key="set.dismiss").click().run()
    assert again.button(key="set.start")
    assert again.button(key=f"set.open.{run.progress.id}").click().run()
    assert again.session_state["dataset.draft"].path == str(tmp_path / "out")


@pytest.mark.parametrize(
    ("typed", "why"),
    [("", "No folder is named"), ("out", "only part of a path"), ("{inside}", "inside the dataset")],
)
def test_a_folder_that_cannot_be_used_is_refused_before_the_start(
    scanned: str, plan: balance.PlanEntry, open_page: OpenPage, folder: Path, typed: str, why: str
) -> None:
    page = open_page("balance", dataset=scanned, view="Balanced set")
    page.text_input(key="set.folder.most.plain").set_value(typed.format(inside=folder / "out")).run()
    assert any(why in item.value for item in page.error)
    assert page.button(key="set.start").disabled


def test_an_augmentation_that_changes_nothing_is_refused(
    scanned: str, plan: balance.PlanEntry, open_page: OpenPage
) -> None:
    page = open_page("balance", dataset=scanned, view="Balanced set")
    page.checkbox(key="set.horizontal").uncheck().run()
    assert any(item.label == "Augmentation · not left–right" for item in page.expander)
    page.checkbox(key="set.vertical").uncheck()
    page.checkbox(key="set.elastic").uncheck().run()
    assert any("Nothing would change a duplicate" in item.value for item in page.error)


def test_a_killed_run_is_found_by_a_new_session_and_goes_on(
    scanned: str, plan: balance.PlanEntry, open_page: OpenPage, tmp_path: Path
) -> None:
    run_id = materialise.start(plan.path, tmp_path / "out", ALONE)
    worker = find_run(run_id).find_worker()
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    wait_until_over(run_id)
    page = open_page("balance", dataset=scanned, view="Balanced set")
    assert "The writing was interrupted" in texts(page)
    page.button(key="set.go_on").click().run()
    found = balanced_sets.find_latest(scanned)
    assert found is not None
    assert found.progress.id != run_id
    assert found.request.folder == tmp_path / "out"
    wait_until_over(found.progress.id)
    assert runs.watch(found.progress.id).state == "finished"


def test_what_could_not_be_written_is_written_once_its_file_is_restored(
    scanned: str, plan: balance.PlanEntry, open_page: OpenPage, folder: Path, tmp_path: Path
) -> None:
    image = folder / "images" / "eye_1.png"
    content = image.read_bytes()
    image.write_bytes(content[: len(content) // 2])
    wait_until_over(materialise.start(plan.path, tmp_path / "out", ALONE))
    page = open_page("balance", dataset=scanned, view="Balanced set")
    assert "missing**" in texts(page)
    image.write_bytes(content)
    page.button(key="set.go_on").click().run()
    again = balanced_sets.find_latest(scanned)
    assert again is not None
    wait_until_over(again.progress.id)
    assert materialise.read_report(runs.watch(again.progress.id)).missing == 0
    assert "none missing" in texts(page.run())


def test_a_plan_for_another_state_is_refused_with_the_way_out(
    scanned: str, plan: balance.PlanEntry, open_page: OpenPage, folder: Path
) -> None:
    (folder / "masks" / "eye_0.png").unlink()
    run_scan({"dataset": scanned}, lambda *_: None, lambda: False)
    page = open_page("balance", dataset=scanned, view="Balanced set")
    assert any("Solve it anew under" in item.value for item in page.error)
    assert page.button(key="set.start").disabled
