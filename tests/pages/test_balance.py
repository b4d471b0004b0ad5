"""The page without a browser: its parts, its refusals, its plans."""

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.balance import BalanceSpec, ClassTarget
from core.services import balance
from pages._ui.balance_desk import Desk
from tests.pages.conftest import OpenPage

TARGETS = (ClassTarget(name="disc", share=1.0), ClassTarget(name="vessels", share=0.8))


@pytest.fixture
def page(scanned: str, open_page: OpenPage) -> AppTest:
    """The balance page of six images: the disc is in all, vessels in half of them, and shall be in 80 %."""
    balance.write_draft(scanned, BalanceSpec(targets=TARGETS))
    return open_page("balance", dataset=scanned)


def desk_of(page: AppTest) -> Desk:
    desk = page.session_state["balance.live"][1]
    assert isinstance(desk, Desk)
    return desk


def texts(page: AppTest) -> str:
    return "\n".join(item.value for kind in (page.markdown, page.caption, page.error) for item in kind)


def test_without_a_dataset_the_page_says_what_it_is_for(open_page: OpenPage) -> None:
    page = open_page("balance")
    assert "No dataset is open" in texts(page)
    assert page.button(key="empty.demo")


def test_step_moves_the_descent_and_stays_paused(page: AppTest) -> None:
    page.button(key="balance.step").click().run()
    assert desk_of(page).live.state.step == desk_of(page).per_frame
    assert not desk_of(page).running


def test_jump_reaches_the_optimum_and_makes_keeping_the_primary_action(page: AppTest) -> None:
    page.button(key="balance.jump").click().run()
    assert desk_of(page).live.continuous.relative_gap < 1e-6
    assert page.button(key="balance.keep").proto.type == "primary"
    assert page.button(key="balance.toggle").disabled


def test_reset_goes_back_to_the_start(page: AppTest) -> None:
    page.button(key="balance.step").click().run()
    page.button(key="balance.reset").click().run()
    assert desk_of(page).live.state.step == 0
    assert desk_of(page).live.marks == []


def test_the_dial_says_what_it_costs(page: AppTest) -> None:
    before = texts(page)
    page.select_slider(key="balance.dial.relative").set_value(10.0).run()
    assert desk_of(page).live.spec.drift.value == 10.0
    assert "effective sample" in texts(page)
    assert texts(page) != before


def test_learning_rate_and_adam_take_effect_without_a_restart(page: AppTest) -> None:
    page.button(key="balance.step").click().run()
    page.number_input(key="balance.beta1").set_value(0.5).run()
    page.select_slider(key="balance.lr").set_value(0.02).run()
    desk = desk_of(page)
    assert desk.live.spec.descent.beta1 == 0.5
    assert desk.live.spec.descent.lr == 0.02
    assert desk.live.state.step == desk.per_frame
    assert len(desk.live.marks) == 2


def test_the_drawer_says_what_differs_from_the_default(page: AppTest) -> None:
    assert any(item.label == "Advanced" for item in page.expander)
    page.select_slider(key="balance.lr").set_value(0.2).run()
    assert any(item.label == "Advanced · lr 0.2" for item in page.expander)


def test_too_few_copies_for_all_originals_are_refused_in_place(page: AppTest) -> None:
    page.checkbox(key="balance.keep_originals").check().run()
    page.number_input(key="balance.total").set_value(3).run()
    assert any("6" in item.value and "3" in item.value for item in page.error)
    assert desk_of(page).live.spec.bounds.total is None
    page.number_input(key="balance.total").set_value(12).run()
    assert not page.error
    assert desk_of(page).whole.total == 12


@pytest.mark.parametrize("strength", ["min_ess", "raw"])
def test_the_dial_changes_its_meaning(page: AppTest, strength: str) -> None:
    page.selectbox(key="balance.strength").set_value(strength).run()
    assert desk_of(page).live.spec.drift.strength == strength
    assert page.select_slider(key=f"balance.dial.{strength}").value == desk_of(page).live.spec.drift.value


def test_a_class_weight_changes_the_problem(page: AppTest) -> None:
    page.number_input(key="balance.weight.disc").set_value(4.0).run()
    assert [item.weight for item in desk_of(page).live.spec.targets] == [4.0, 1.0]


def test_a_reload_keeps_target_and_settings(page: AppTest, scanned: str, open_page: OpenPage) -> None:
    page.number_input(key="balance.total").set_value(24).run()
    again = open_page("balance", dataset=scanned)
    assert desk_of(again).live.spec == desk_of(page).live.spec
    assert again.number_input(key="balance.total").value == 24


def test_a_kept_plan_is_listed(page: AppTest, scanned: str) -> None:
    desk = desk_of(page)
    balance.save_plan(scanned, "twice the vessels", desk.dataset, desk.live.outcome())
    assert [entry.name for entry in balance.list_plans(scanned)] == ["twice the vessels"]
