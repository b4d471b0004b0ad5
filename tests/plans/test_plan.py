"""A plan on disk: written, read whole, and read without its million copies."""

import json
from pathlib import Path

import pytest

from core.domain.balance import BalanceSpec
from core.domain.dataset import DatasetSpec
from core.errors import PlanError
from core.plans.plan import (
    BalancePlan,
    PlanCertificate,
    PlanClass,
    PlanDataset,
    read_plan,
    read_plan_summary,
    write_plan,
)


def _plan(images: int = 3, name: str = "rare up") -> BalancePlan:
    spec = DatasetSpec(name='a "copies": {', root=Path("/data"), format="label_table")
    certificate = PlanCertificate(objective=1, bound=1, gap=0, relative_gap=0, converged=True)
    return BalancePlan(
        name=name,
        created="2026-01-01T00:00:00+00:00",
        app_version="1",
        dataset=PlanDataset(name="pets", root=Path("/data"), fingerprint="f", spec=spec),
        spec=BalanceSpec(targets=()),
        seed=0,
        classes=(PlanClass(name='\n "copies": {', original=0.1, target=0.2, achieved=0.2),),
        certificate=certificate,
        distance=0,
        drift=0,
        ess=1,
        total=images,
        duplicates=0,
        dropped=0,
        max_copies=1,
        copies={f"{number}.png": 1 for number in range(images)},
        weights=(1.0,) * images,
    )


@pytest.mark.parametrize("images", [0, 1, 20_000])
def test_a_summary_is_the_plan_without_copies_and_weights(images: int, tmp_path: Path) -> None:
    plan = _plan(images)
    write_plan(tmp_path / "plan.json", plan)
    assert read_plan(tmp_path / "plan.json") == plan
    assert read_plan_summary(tmp_path / "plan.json") == plan.model_copy(update={"copies": {}, "weights": ()})


def test_a_summary_does_not_depend_on_how_the_file_is_written(tmp_path: Path) -> None:
    plan = _plan()
    (tmp_path / "plan.json").write_text(plan.model_dump_json())
    assert read_plan_summary(tmp_path / "plan.json").classes == plan.classes


@pytest.mark.parametrize("keep", [0, 100, 900, -5])
def test_a_plan_that_is_cut_short_has_no_summary(keep: int, tmp_path: Path) -> None:
    path = write_plan(tmp_path / "plan.json", _plan(100))[0]
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(PlanError, match="not a balance plan"):
        read_plan_summary(path)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"copies": {"0.png": -4, "1.png": 7}}, "greater than or equal to 0"),
        ({"copies": {"0.png": 10**30, "1.png": 1}}, "copies.0.png"),
        ({"copies": {"0.png": 1.5, "1.png": 1}}, "copies.0.png"),
        ({"copies": {"0.png": 1, "1.png": 3}}, "the copies add up to 4, but `total` is 2"),
        ({"weights": [1.0]}, "2 images have copies, but 1 have weights"),
        ({"weights": [1.0, float("nan")]}, "weights.1"),
        ({"weights": [1.0, -1.0]}, "weights.1"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_plan_that_was_edited_into_a_contradiction_is_refused(
    edit: dict[str, object], said: str, tmp_path: Path
) -> None:
    content = json.loads(_plan(2).model_dump_json())
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({**content, **edit}))
    with pytest.raises(PlanError) as refusal:
        read_plan(path)
    assert said in str(refusal.value)


def test_a_plan_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="Cannot read the plan"):
        read_plan_summary(tmp_path / "plan.json")
