"""A plan is recognised when its dataset has changed, and its wishes are solved anew."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import cli
from core.domain.balance import BalanceSpec, Bounds, ClassTarget, Drift
from core.domain.classes import ClassRole
from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.errors import InfeasibleError, PlanError
from core.jobs.scan import run_scan
from core.services import balance, datasets

WANTED = {"disc": 1.0, "vessel": 0.9, "spot": 0.5, "scar": 0.2}


@pytest.fixture
def plan(dataset_id: str, dataset: ScannedDataset, table: LabelTable) -> balance.PlanEntry:
    targets = tuple(ClassTarget(name=name, share=WANTED[name], weight=2.0) for name in table.class_names)
    spec = BalanceSpec(targets=targets, bounds=Bounds(total=60, max_copies=8), drift=Drift(value=0.05))
    return balance.save_plan(dataset_id, "more scars", dataset, balance.solve(table, spec))


@pytest.fixture
def changed(folder: Path, dataset_id: str, plan: balance.PlanEntry) -> ScannedDataset:
    """Two images are new and one is gone since the plan was made."""
    for number in ("40", "41"):
        for kind in ("images", "masks"):
            (folder / kind / f"{number}.png").write_bytes((folder / kind / "04.png").read_bytes())
    for kind in ("images", "masks"):
        (folder / kind / "01.png").unlink()
    return datasets.scan_now(datasets.find_spec(dataset_id))


def test_an_unchanged_dataset_is_recognised(
    dataset_id: str, dataset: ScannedDataset, plan: balance.PlanEntry
) -> None:
    assert balance.find_plan_changes(dataset_id, plan.id, dataset) is None


def test_what_has_changed_is_counted(
    dataset_id: str, changed: ScannedDataset, plan: balance.PlanEntry
) -> None:
    found = balance.find_plan_changes(dataset_id, plan.id, changed)
    assert found is not None
    assert found.describe() == "2 images are new, 1 is gone (images/01.png)"


def test_other_masks_of_the_same_images_are_a_change(
    folder: Path, dataset_id: str, plan: balance.PlanEntry
) -> None:
    mask = np.array(Image.open(folder / "masks" / "01.png"))
    mask[20:22] = 4
    Image.fromarray(mask).save(folder / "masks" / "01.png")
    again = datasets.scan_now(datasets.find_spec(dataset_id))
    found = balance.find_plan_changes(dataset_id, plan.id, again)
    assert found is not None
    assert "masks or classes are not" in found.describe()


def test_the_same_wishes_are_solved_on_the_dataset_as_it_is_now(
    dataset_id: str, changed: ScannedDataset, plan: balance.PlanEntry
) -> None:
    renewed = balance.resolve_plan(dataset_id, plan.id, changed)
    assert renewed.notes == ()
    assert renewed.entry.name == "more scars, solved anew"
    new = balance.open_plan(dataset_id, renewed.entry.id)
    assert new.spec == plan.summary.spec
    assert set(new.copies) == {sample.id for sample in changed.samples}
    assert new.total == 60
    assert balance.find_plan_changes(dataset_id, renewed.entry.id, changed) is None
    again = balance.resolve_plan(dataset_id, renewed.entry.id, changed)
    assert again.entry.name == "more scars, solved anew 2"
    assert len(balance.list_plans(dataset_id)) == 3


def test_targets_follow_the_names_of_classes(
    dataset_id: str, dataset: ScannedDataset, plan: balance.PlanEntry
) -> None:
    """A class renamed is another: the old target is gone, and said to be."""
    renamed = [
        item.model_copy(update={"name": "patch"}) if item.name == "spot" else item for item in dataset.classes
    ]
    datasets.edit_classes(dataset_id, renamed[::-1])
    now = datasets.open_dataset(dataset_id)
    spec, notes = balance.fit_spec(plan.summary.spec, now)
    shares = {item.name: item.share for item in spec.targets}
    assert shares == {"scar": 0.2, "patch": 0.25, "vessel": 0.9, "disc": 1.0}
    assert [item.name for item in spec.targets] == list(balance.label_table(now).class_names)
    assert "“patch” is new; it keeps its share of 25.0 %" in notes[0]
    assert "The class is gone, with the target: “spot”." in notes[1]


def test_a_class_that_no_image_holds_any_more_has_the_target_0(
    folder: Path, dataset_id: str, plan: balance.PlanEntry
) -> None:
    for number in ("00", "04", "08"):
        mask = np.array(Image.open(folder / "masks" / f"{number}.png"))
        mask[mask == 4] = 0
        Image.fromarray(mask).save(folder / "masks" / f"{number}.png")
    now = datasets.scan_now(datasets.find_spec(dataset_id))
    renewed = balance.resolve_plan(dataset_id, plan.id, now)
    assert "“scar” occurs in no image now" in renewed.notes[0]


def test_a_dataset_with_none_of_the_classes_is_refused(
    dataset_id: str, dataset: ScannedDataset, plan: balance.PlanEntry
) -> None:
    other = BalanceSpec(targets=(ClassTarget(name="car", share=0.5),))
    with pytest.raises(PlanError, match="None of the plan's classes"):
        balance.fit_spec(other, dataset)


def test_the_command_solves_an_exported_plan_anew(
    dataset_id: str,
    changed: ScannedDataset,
    plan: balance.PlanEntry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "new.json"
    monkeypatch.setattr("sys.argv", ["counterpoise", "renew", str(plan.path), "--out", str(out), "--json"])
    with pytest.raises(SystemExit, match="0"):
        cli.main()
    report = json.loads(capsys.readouterr().out)
    assert (report["total"], report["notes"], report["plan"]) == (60, [], str(out))
    assert set(balance.read_plan(out).copies) == {sample.id for sample in changed.samples}


def test_bounds_that_cannot_be_kept_any_more_are_a_sentence(
    dataset_id: str, dataset: ScannedDataset, table: LabelTable, folder: Path
) -> None:
    spec = balance.default_spec(table)
    bounds = Bounds(total=40, keep_originals=True)
    outcome = balance.solve(table, spec.model_copy(update={"bounds": bounds}))
    entry = balance.save_plan(dataset_id, "all", dataset, outcome)
    for kind in ("images", "masks"):
        (folder / kind / "40.png").write_bytes((folder / kind / "04.png").read_bytes())
    now = datasets.scan_now(datasets.find_spec(dataset_id))
    with pytest.raises(InfeasibleError, match="41"):
        balance.resolve_plan(dataset_id, entry.id, now)


def test_a_draft_follows_a_class_that_is_renamed(dataset_id: str, dataset: ScannedDataset) -> None:
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    spec = balance.default_spec(balance.label_table(dataset))
    wanted = tuple(item.model_copy(update={"share": 0.5}) for item in spec.targets)
    balance.write_draft(dataset_id, spec.model_copy(update={"targets": wanted}))
    first = next(item for item in dataset.classes if item.name == wanted[0].name)
    classes = [
        item.model_copy(update={"name": "renamed"}) if item is first else item for item in dataset.classes
    ]
    datasets.edit_classes(dataset_id, classes)
    found = balance.fit_draft(dataset_id, datasets.open_dataset(dataset_id))
    assert found is not None
    assert found[1] == ()
    assert (found[0].targets[0].name, found[0].targets[0].share) == ("renamed", 0.5)


def test_a_draft_keeps_what_fits_and_says_what_does_not(dataset_id: str, dataset: ScannedDataset) -> None:
    spec = balance.default_spec(balance.label_table(dataset))
    balance.write_draft(dataset_id, spec)
    gone = spec.targets[0].name
    classes = [
        item.model_copy(update={"role": ClassRole.VOID}) if item.name == gone else item
        for item in dataset.classes
    ]
    datasets.edit_classes(dataset_id, classes)
    found = balance.fit_draft(dataset_id, datasets.open_dataset(dataset_id))
    assert found is not None
    assert found[0].targets == spec.targets[1:]
    assert found[1] == (f"The class is gone, with the target: “{gone}”.",)
