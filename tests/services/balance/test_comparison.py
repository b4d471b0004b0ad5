"""Plans side by side, and plans for another state of their dataset."""

from pathlib import Path

import numpy as np
import pytest

from core.domain.balance import BalanceSpec, Bounds, Drift
from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.services import balance


def keep(
    dataset_id: str, dataset: ScannedDataset, table: LabelTable, name: str, **shares: float
) -> balance.PlanEntry:
    spec = balance.default_spec(table)
    targets = tuple(
        item.model_copy(update={"share": shares.get(item.name, item.share)}) for item in spec.targets
    )
    bounds = Bounds(total=80, max_copies=9)
    asked = BalanceSpec(targets=targets, bounds=bounds, drift=Drift(value=0.01))
    return balance.save_plan(dataset_id, name, dataset, balance.solve(table, asked))


def test_figures_are_those_of_the_plans(dataset_id: str, dataset: ScannedDataset, table: LabelTable) -> None:
    one, two = (
        keep(dataset_id, dataset, table, name, spot=share) for name, share in (("a", 0.3), ("b", 0.6))
    )
    frame = balance.plan_figures([one, two])
    assert frame["plan"].tolist() == ["a", "b"]
    for row, entry in zip(frame.to_dict("records"), (one, two), strict=True):
        plan = balance.open_plan(dataset_id, entry.id)
        copies = plan.copies_array()
        assert (row["images"], row["dropped"]) == (copies.sum(), (copies == 0).sum())
        assert (row["duplicates"], row["max_copies"]) == (np.maximum(copies - 1, 0).sum(), copies.max())
        shares = copies @ table.vectors[table.row_of_sample] / copies.sum()
        target = np.array([item.share for item in plan.spec.targets])
        assert row["worst_miss"] == pytest.approx(np.abs(shares - target).max())
        assert (row["gamma"], row["cap"], row["ess"]) == (0.01, 9, plan.ess)


def test_each_class_has_the_difference_to_the_first_plan(
    dataset_id: str, dataset: ScannedDataset, table: LabelTable
) -> None:
    one, two = (
        keep(dataset_id, dataset, table, name, spot=share) for name, share in (("a", 0.3), ("b", 0.6))
    )
    frame = balance.class_comparison([one, two]).set_index("class")
    assert list(frame.columns) == ["original", "a target", "a achieved", "b target", "b achieved", "b − a"]
    assert frame.loc["spot", "b target"] == 0.6
    assert frame.loc["spot", "original"] == 0.25
    assert frame["b − a"].tolist() == pytest.approx((frame["b achieved"] - frame["a achieved"]).tolist())


def test_plans_of_presence_and_of_pixels_have_lines_of_their_own(
    dataset_id: str, dataset: ScannedDataset, table: LabelTable
) -> None:
    one = keep(dataset_id, dataset, table, "a")
    spec = balance.switch_quantity(dataset, one.summary.spec, "pixels")
    outcome = balance.solve(balance.quantity_table(dataset, "pixels"), spec)
    frame = balance.class_comparison([one, balance.save_plan(dataset_id, "b", dataset, outcome)])
    frame = frame.set_index("class")
    assert frame.loc["spot", "original"] == 0.25
    assert np.isnan(frame.loc["spot", "b target"])
    assert frame.loc["disc (pixels)", "original"] == pytest.approx(4 / 24)
    assert np.isnan(frame.loc["disc (pixels)", "a achieved"])


def test_plans_for_different_states_show_each_its_own_original(
    dataset_id: str, dataset: ScannedDataset, table: LabelTable
) -> None:
    one = keep(dataset_id, dataset, table, "a")
    classes = tuple(
        item.model_copy(update={"original": item.original / 2})
        for item in one.summary.classes
        if item.name != "scar"
    )
    other = balance.PlanEntry(
        "b", "b", one.created, 1, 1.0, Path(), one.summary.model_copy(update={"classes": classes})
    )
    frame = balance.class_comparison([one, other]).set_index("class")
    assert "original" not in frame
    assert frame.loc["spot", "b original"] == frame.loc["spot", "a original"] / 2
    assert np.isnan(frame.loc["scar", "b target"])
