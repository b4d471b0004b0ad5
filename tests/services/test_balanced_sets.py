"""Balanced sets of a dataset: what is refused before the start, what it takes, what is found again."""

import csv
import os
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.augmentation import LayoutName, MaterialiseSpec
from core.domain.scan import ScannedDataset
from core.errors import PlanError
from core.runs.folder import find_run
from core.services import balance, balanced_sets, materialise, runs

ALONE = MaterialiseSpec(workers=1)


@pytest.fixture
def entry(dataset_id: str, dataset: ScannedDataset) -> balance.PlanEntry:
    """A kept plan of 120 images from forty, with more spots and scars."""
    table = balance.label_table(dataset)
    spec = balance.default_spec(table)
    wanted = {"spot": 0.5, "scar": 0.2}
    targets = [item.model_copy(update={"share": wanted.get(item.name, item.share)}) for item in spec.targets]
    bounds = spec.bounds.model_copy(update={"total": 120})
    outcome = balance.solve(table, spec.model_copy(update={"targets": tuple(targets), "bounds": bounds}))
    return balance.save_plan(dataset_id, "more scars", dataset, outcome)


@pytest.fixture
def plan(dataset_id: str, entry: balance.PlanEntry) -> balance.BalancePlan:
    return balance.open_plan(dataset_id, entry.id)


def wait_until_over(run_id: str) -> runs.RunProgress:
    deadline = time.monotonic() + 60
    while not (progress := runs.watch(run_id)).over:
        assert time.monotonic() < deadline, progress
        time.sleep(0.05)
    return progress


def wait_for_images(run_id: str, least: int) -> None:
    deadline = time.monotonic() + 60
    while (progress := runs.watch(run_id)).done < least or progress.message != "Writing images and masks":
        assert time.monotonic() < deadline, progress
        assert not progress.over, progress
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("typed", "why"), [("", "No folder"), ("sets/a", "only part of a path"), ("/a\0b", "path")]
)
def test_a_path_that_cannot_be_meant_is_a_sentence(typed: str, why: str) -> None:
    with pytest.raises(PlanError, match=why):
        balanced_sets.read_folder(typed)


def test_quotes_and_home_are_understood() -> None:
    assert balanced_sets.read_folder('"~/balanced set"') == Path.home() / "balanced set"


def test_a_suggested_folder_is_free(dataset: ScannedDataset, workspace: Path) -> None:
    first = balanced_sets.suggest_folder(dataset, "rare-up", "plain")
    assert first == workspace / "balanced" / "eyes_rare-up"
    first.mkdir(parents=True)
    assert balanced_sets.suggest_folder(dataset, "rare-up", "plain").name == "eyes_rare-up_2"
    assert balanced_sets.suggest_folder(dataset, "rare-up", "nnunet").name == "eyes_rare-up_nnunet"


def test_a_foreign_folder_and_one_inside_the_dataset_are_refused_before_the_start(
    plan: balance.BalancePlan, dataset: ScannedDataset, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    for place, why in (
        (tmp_path / "mine", "no balanced set of ours"),
        (folder / "out", "inside the dataset"),
    ):
        with pytest.raises(PlanError, match=why):
            balanced_sets.look_ahead(plan, dataset, place, ALONE)
    with pytest.raises(PlanError, match="is a file"):
        balanced_sets.look_ahead(plan, dataset, tmp_path / "mine" / "thesis.txt", ALONE)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("layout", "link"), [("plain", "hard"), ("nnunet", "copy")])
def test_what_it_takes_is_not_said_too_small(
    dataset_id: str,
    entry: balance.PlanEntry,
    plan: balance.BalancePlan,
    dataset: ScannedDataset,
    tmp_path: Path,
    layout: LayoutName,
    link: str,
) -> None:
    spec = MaterialiseSpec(workers=1, layout=layout, link=link)
    outlook = balanced_sets.look_ahead(plan, dataset, tmp_path / "out", spec)
    assert (outlook.images, outlook.duplicates, outlook.written) == (120, plan.duplicates, 0)
    assert outlook.linked == (link == "hard")
    assert wait_until_over(materialise.start(entry.path, tmp_path / "out", spec)).state == "finished"
    new = [path.stat() for path in (tmp_path / "out").rglob("*.png")]
    written = sum(stat.st_size for stat in new if stat.st_nlink == 1)
    assert written <= outlook.needed < 4 * written + 4096 * 240
    again = balanced_sets.look_ahead(plan, dataset, tmp_path / "out", spec)
    assert (again.written, again.needed) == (120, 0)


def test_a_killed_run_is_found_again_goes_on_and_the_files_have_the_plans_shares(
    dataset_id: str,
    entry: balance.PlanEntry,
    plan: balance.BalancePlan,
    dataset: ScannedDataset,
    tmp_path: Path,
) -> None:
    assert balanced_sets.find_latest(dataset_id) is None
    run_id = materialise.start(entry.path, tmp_path / "out", ALONE)
    wait_for_images(run_id, 4)
    worker = find_run(run_id).find_worker()
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    assert wait_until_over(run_id).state == "interrupted"
    found = balanced_sets.find_latest(dataset_id)
    assert found is not None
    assert (found.progress.id, found.plan_id, found.progress.state) == (run_id, entry.id, "interrupted")
    assert balanced_sets.list_written(dataset_id) == []
    assert 0 < balanced_sets.look_ahead(plan, dataset, tmp_path / "out", ALONE).written < 120

    balance.rename_plan(dataset_id, entry.id, "many scars")  # a name is no part of what is written
    assert wait_until_over(materialise.go_on(found.request)).state == "finished"
    assert [run.request.folder for run in balanced_sets.list_written(dataset_id)] == [tmp_path / "out"]
    shares, copies = recount(tmp_path / "out", [item.name for item in plan.classes])
    assert shares == pytest.approx([item.achieved for item in plan.classes], abs=1e-12)
    assert copies == {name: count for name, count in plan.copies.items() if count}


def recount(folder: Path, names: list[str]) -> tuple[list[float], dict[str, int]]:
    """Shares of images and copies of each source, from nothing but `index.csv` and the mask files.

    The test set's masks hold 1, 2, … for its classes in order.
    """
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    holds = np.zeros(len(names))
    copies: dict[str, int] = {}
    for row in rows:
        with Image.open(folder / row["image"]) as image, Image.open(folder / row["mask"]) as mask:
            assert image.size == mask.size
            values = np.unique(np.asarray(mask))
        holds += [value + 1 in values for value in range(len(names))]
        copies[row["source_image"]] = copies.get(row["source_image"], 0) + 1
    return (holds / len(rows)).tolist(), copies


def test_the_sets_of_another_dataset_are_not_listed(
    entry: balance.PlanEntry, dataset_id: str, tmp_path: Path
) -> None:
    wait_until_over(materialise.start(entry.path, tmp_path / "out", ALONE))
    assert len(balanced_sets.list_written(dataset_id)) == 1
    assert balanced_sets.list_written("other-00000000") == []
    shutil.rmtree(tmp_path / "out")
    assert balanced_sets.list_written(dataset_id) == []
    assert balanced_sets.find_latest(dataset_id).lost
