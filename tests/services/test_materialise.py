"""Balanced sets through the service: a run that writes, a run that previews, the command line over both."""

import io
import json
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import cli
from core.domain.augmentation import AugmentationSpec, MaterialiseSpec
from core.domain.scan import ScannedDataset
from core.errors import PlanError
from core.plans.plan import read_plan, write_plan
from core.runs.progress import RunProgress
from core.services import balance, materialise, runs


def wait_for(run_id: str) -> RunProgress:
    deadline = time.monotonic() + 60
    while not (progress := runs.watch(run_id)).over:
        assert time.monotonic() < deadline, progress
        time.sleep(0.05)
    return progress


@pytest.fixture
def plan(dataset: ScannedDataset, tmp_path: Path) -> Path:
    """A plan of sixty images from forty, with more spots and scars."""
    table = balance.label_table(dataset)
    spec = balance.default_spec(table)
    wanted = {"spot": 0.5, "scar": 0.2}
    targets = [item.model_copy(update={"share": wanted.get(item.name, item.share)}) for item in spec.targets]
    bounds = spec.bounds.model_copy(update={"total": 60})
    outcome = balance.solve(table, spec.model_copy(update={"targets": tuple(targets), "bounds": bounds}))
    path = tmp_path / "plan.json"
    write_plan(path, balance.make_plan("more scars", dataset, outcome))
    return path


def test_a_run_writes_what_the_plan_has_achieved(plan: Path, tmp_path: Path) -> None:
    progress = wait_for(materialise.start(plan, tmp_path / "out", MaterialiseSpec(workers=1)))
    assert progress.state == "finished", progress
    report = materialise.read_report(progress)
    assert (report.folder, report.images, report.missing) == (tmp_path / "out", 60, 0)
    assert progress.message.startswith("60 images written")
    masks = [np.asarray(Image.open(path)) for path in (tmp_path / "out" / "masks").iterdir()]
    for place, item in enumerate(read_plan(plan).classes):
        assert np.mean([(mask == place + 1).any() for mask in masks]) == pytest.approx(item.achieved)


def test_a_refusal_reaches_the_page_as_a_sentence(plan: Path, folder: Path) -> None:
    progress = wait_for(materialise.start(plan, folder / "inside"))
    assert progress.state == "failed"
    assert "inside the dataset" in progress.message


def test_a_plan_that_is_none_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(PlanError, match="not a balance plan"):
        materialise.start(tmp_path / "plan.json", tmp_path / "out")


def test_a_preview_is_drawn_once_and_kept(plan: Path) -> None:
    key = materialise.preview_key(read_plan(plan), AugmentationSpec())
    assert materialise.find_preview(key) is None
    progress = wait_for(materialise.start_preview(plan))
    assert progress.state == "finished", progress
    pairs = materialise.find_preview(key)
    assert pairs is not None
    assert len(pairs) == 6
    copies = read_plan(plan).copies
    assert all(copies[pair.sample] > 1 for pair in pairs)
    for pair in pairs:
        before, after = (np.asarray(Image.open(io.BytesIO(side))) for side in (pair.before, pair.after))
        assert before.shape == after.shape == (24, 24, 3)
        assert (before != after).any()
    other = AugmentationSpec(vertical_flip=False)
    assert materialise.preview_key(read_plan(plan), other) != key


def run_command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["counterpoise", *map(str, arguments)])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_the_command_prints_one_object(
    plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["materialise", plan, out, "--link", "copy", "--layout", "mmseg", "--workers", "1", "--json"]
    assert run_command(monkeypatch, *command) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["images"], report["missing"], report["problems"]) == (60, 0, [])
    assert (out / "metainfo.json").is_file()
    assert run_command(monkeypatch, "materialise", plan, out) == 1
    assert "another plan" in capsys.readouterr().err
    assert run_command(monkeypatch, "materialise", plan, out, "--layout", "coco") == 2


def test_ctrl_c_stops_the_run_and_leaves_a_folder_to_go_on_with(
    plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watch, interrupted = runs.watch, []

    def interrupt_once(run_id: str) -> RunProgress:
        if not interrupted:
            interrupted.append(run_id)
            raise KeyboardInterrupt
        return watch(run_id)

    monkeypatch.setattr(runs, "watch", interrupt_once)
    assert run_command(monkeypatch, "materialise", plan, tmp_path / "out", "--workers", "1") == 1
    assert "Stopp" in capsys.readouterr().err
    assert runs.watch(interrupted[0]).state == "cancelled"
    assert run_command(monkeypatch, "materialise", plan, tmp_path / "out", "--workers", "1") == 0
    assert (tmp_path / "out" / "dataset.toml").is_file()
