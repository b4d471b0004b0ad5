"""Kept plans on the page: side by side, renamed, deleted, solved anew, taken back onto the desk."""

from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.domain.balance import BalanceSpec, Bounds, ClassTarget, Drift
from core.jobs.scan import run_scan
from core.services import balance, datasets
from tests.pages.conftest import OpenPage


def keep(dataset_id: str, name: str, vessels: float, **changes: object) -> balance.PlanEntry:
    targets = (ClassTarget(name="disc", share=1.0), ClassTarget(name="vessels", share=vessels))
    spec = BalanceSpec(targets=targets).model_copy(update=changes)
    dataset = datasets.open_dataset(dataset_id)
    return balance.save_plan(dataset_id, name, dataset, balance.solve(balance.label_table(dataset), spec))


def texts(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.error, page.warning)
    return "\n".join(item.value for kind in kinds for item in kind)


@pytest.fixture
def plans(scanned: str) -> list[balance.PlanEntry]:
    return [keep(scanned, "half", 0.6), keep(scanned, "most", 0.8, bounds=Bounds(total=12, max_copies=5))]


@pytest.fixture
def page(scanned: str, plans: list[balance.PlanEntry], open_page: OpenPage) -> AppTest:
    return open_page("balance", dataset=scanned, view="Kept plans")


def test_without_a_plan_the_tab_says_how_one_is_kept(scanned: str, open_page: OpenPage) -> None:
    assert "No plan is kept yet" in texts(open_page("balance", dataset=scanned, view="Kept plans"))


def test_two_plans_stand_side_by_side(page: AppTest) -> None:
    figures, classes = page.dataframe[-2].value, page.dataframe[-1].value
    assert set(figures.columns) == {"figure", "half", "most"}
    by_name = figures.set_index("figure")
    assert by_name.loc["Images, B"].to_dict() == {"half": "6", "most": "12"}
    assert by_name.loc["Caps", "most"] == "at most 5 copies"
    vessels = classes.set_index("class").loc["vessels"]
    assert vessels["most target"] == pytest.approx(80.0)
    assert vessels["original"] == pytest.approx(50.0)


def test_one_plan_alone_is_not_compared(page: AppTest) -> None:
    page.multiselect(key="plans.compare").set_value(["half"]).run()
    assert "Choose two plans or more" in texts(page)


def test_deleting_asks_first_and_names_what_is_lost(page: AppTest, scanned: str) -> None:
    page.menu_button(key="plan.half.more").click("Delete").run()
    assert "The copies, settings and certificate of **half** are deleted" in texts(page)
    assert len(balance.list_plans(scanned)) == 2


def test_a_plan_for_another_state_is_recognised_and_solved_anew(
    scanned: str, plans: list[balance.PlanEntry], folder: Path, open_page: OpenPage
) -> None:
    for kind in ("images", "masks"):
        Image.open(folder / kind / "eye_1.png").save(folder / kind / "eye_9.png")
        (folder / kind / "eye_0.png").unlink()
    run_scan({"dataset": scanned}, lambda *_: None, lambda: False)
    page = open_page("balance", dataset=scanned, view="Kept plans")
    assert "Made for another state of the dataset: 1 image is new, 1 is gone" in texts(page)
    page.button(key="plan.most.renew").click().run()
    assert not page.exception
    new = next(entry for entry in balance.list_plans(scanned) if entry.name == "most, solved anew")
    assert new.summary.spec == plans[1].summary.spec
    assert new.summary.dataset.fingerprint == datasets.open_dataset(scanned).fingerprint


def test_a_next_step_opens_its_tab(page: AppTest) -> None:
    page.button(key="plans.next.Folds").click().run()
    assert page.button(key="folds.divide")


def test_settings_that_are_taken_back_stand_on_the_desk_and_in_the_fields(
    scanned: str, open_page: OpenPage
) -> None:
    keep(scanned, "bounded", 0.7, bounds=Bounds(total=18, max_copies=9), drift=Drift(value=0.5))
    page = open_page("balance", dataset=scanned, view="Kept plans")
    page.menu_button(key="plan.bounded.more").click("Take its settings").run()
    spec = page.session_state["balance.live"][1].live.spec
    assert (spec.bounds.total, spec.bounds.max_copies, spec.drift.value) == (18, 9, 0.5)
    assert page.number_input(key="balance.total").value == 18
