import io
import json

import numpy as np
import pytest

from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.errors import PlanError
from core.services import balance


def test_a_kept_plan_is_listed_and_holds_the_same_copies(
    dataset_id: str, dataset: ScannedDataset, table: LabelTable
) -> None:
    outcome = balance.solve(table, balance.default_spec(table))
    entry = balance.save_plan(dataset_id, "Rare up", dataset, outcome)
    assert [(plan.id, plan.name) for plan in balance.list_plans(dataset_id)] == [("rare-up", "Rare up")]
    files = balance.plan_files(dataset_id, entry.id)
    assert set(files) == {"rare-up.json", "rare-up.csv", "rare-up.weights.npy"}
    plan = json.loads(files["rare-up.json"])
    assert list(plan["copies"].values()) == outcome.whole.copies.tolist()
    assert plan["certificate"]["bound"] <= plan["certificate"]["objective"]
    weights = np.load(io.BytesIO(files["rare-up.weights.npy"]))
    assert weights.sum() == pytest.approx(outcome.whole.total)
    shares = weights @ table.vectors[table.row_of_sample] / weights.sum()
    np.testing.assert_allclose(shares, outcome.continuous.shares, atol=1e-9)


def test_a_name_is_used_once_and_a_deleted_plan_is_gone(
    dataset_id: str, dataset: ScannedDataset, table: LabelTable
) -> None:
    outcome = balance.solve(table, balance.default_spec(table))
    entry = balance.save_plan(dataset_id, "a", dataset, outcome)
    with pytest.raises(PlanError, match="another name"):
        balance.save_plan(dataset_id, "a", dataset, outcome)
    balance.delete_plan(dataset_id, entry.id)
    assert balance.list_plans(dataset_id) == []
    with pytest.raises(PlanError, match="no plan"):
        balance.plan_files(dataset_id, entry.id)


def test_names_that_differ_in_capitals_only_are_refused_and_others_never_clash(
    dataset_id: str, dataset: ScannedDataset, table: LabelTable
) -> None:
    outcome = balance.solve(table, balance.default_spec(table))
    names = ("Rare up", "rare-up", "稀有", "罕见")
    ids = [balance.save_plan(dataset_id, name, dataset, outcome).id for name in names]
    assert ids == ["rare-up", "rare-up-2", "plan", "plan-2"]
    with pytest.raises(PlanError, match="“RARE UP” differs from it in capital letters only"):
        balance.save_plan(dataset_id, "RARE UP", dataset, outcome)


def test_a_renamed_plan_keeps_its_id_and_its_copies(
    dataset_id: str, dataset: ScannedDataset, table: LabelTable
) -> None:
    outcome = balance.solve(table, balance.default_spec(table))
    entry = balance.save_plan(dataset_id, "a", dataset, outcome)
    balance.save_plan(dataset_id, "b", dataset, outcome)
    before = balance.open_plan(dataset_id, entry.id)
    assert balance.rename_plan(dataset_id, entry.id, " A ").name == "A"
    assert balance.open_plan(dataset_id, entry.id) == before.model_copy(update={"name": "A"})
    with pytest.raises(PlanError, match="“b” is already kept"):
        balance.rename_plan(dataset_id, entry.id, "b")


def test_an_exported_plan_comes_back_tied_to_where_the_dataset_lies_now(
    dataset_id: str, dataset: ScannedDataset, table: LabelTable
) -> None:
    outcome = balance.solve(table, balance.default_spec(table))
    entry = balance.save_plan(dataset_id, "a", dataset, outcome)
    exported = json.loads(balance.plan_files(dataset_id, entry.id)["a.json"])
    exported["dataset"]["root"] = "/elsewhere"
    balance.delete_plan(dataset_id, entry.id)
    again = balance.import_plan(dataset_id, json.dumps(exported).encode(), dataset)
    assert balance.open_plan(dataset_id, again.id).dataset.root == dataset.spec.root
    assert balance.open_plan(dataset_id, again.id).copies == exported["copies"]


def test_a_file_that_is_no_plan_or_a_plan_of_something_else_is_refused(
    dataset_id: str, dataset: ScannedDataset, table: LabelTable
) -> None:
    with pytest.raises(PlanError, match="not a balance plan"):
        balance.import_plan(dataset_id, b"{}", dataset)
    outcome = balance.solve(table, balance.default_spec(table))
    entry = balance.save_plan(dataset_id, "a", dataset, outcome)
    other = json.loads(balance.plan_files(dataset_id, entry.id)["a.json"])
    other["classes"] = [{**item, "name": "car"} for item in other["classes"][:1]]
    with pytest.raises(PlanError, match="names no class of eyes"):
        balance.import_plan(dataset_id, json.dumps(other).encode(), dataset)


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 81])
def test_a_bad_name_is_a_sentence(
    dataset_id: str, dataset: ScannedDataset, table: LabelTable, name: str
) -> None:
    with pytest.raises(PlanError, match="1 to 80"):
        balance.save_plan(dataset_id, name, dataset, balance.solve(table, balance.default_spec(table)))


def test_a_draft_survives(dataset_id: str, table: LabelTable) -> None:
    assert balance.find_draft(dataset_id) is None
    spec = balance.default_spec(table)
    balance.write_draft(dataset_id, spec)
    assert balance.find_draft(dataset_id) == spec


def test_a_target_survives_its_file(table: LabelTable) -> None:
    spec = balance.default_spec(table)
    assert balance.read_target(balance.write_target(spec), table) == spec.targets
    heavy = (spec.targets[0].model_copy(update={"weight": 2.5}), *spec.targets[1:])
    spec = spec.model_copy(update={"targets": heavy})
    assert balance.read_target(balance.write_target(spec), table) == heavy
