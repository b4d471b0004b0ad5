"""The page without a browser: its parts, its refusals, its plans."""

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.balance import BalanceSpec, ClassTarget
from core.jobs.peers import run_peers
from core.services import balance
from core.services.balance import peers
from pages._ui.balance.desk import Desk
from pages._ui.balance.targets import with_weights
from tests.pages.conftest import SIDE, OpenPage

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
    page.select_slider(key="balance.dial.relative.0").set_value(10.0).run()
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


def test_the_dial_may_be_raw(page: AppTest) -> None:
    page.selectbox(key="balance.strength").set_value("raw").run()
    assert desk_of(page).live.spec.drift.strength == "raw"
    assert page.select_slider(key="balance.dial.raw.0").value == desk_of(page).live.spec.drift.value


def choose_way(page: AppTest, way: str) -> None:
    page.selectbox(key=f"balance.way_to_hold.{desk_of(page).taken}").set_value(way).run()


def test_a_wish_for_an_effective_sample_starts_where_the_optimum_is_and_says_its_gamma(page: AppTest) -> None:
    before = desk_of(page).live.optimum.ess
    choose_way(page, "min_ess")
    assert desk_of(page).live.spec.drift.value == pytest.approx(before, abs=0.01)
    page.select_slider(key=f"balance.dial.min_ess.{desk_of(page).taken}").set_value(0.9).run()
    assert desk_of(page).live.optimum.ess == pytest.approx(0.9, abs=1e-3)
    assert "γ found for an effective sample of 90.0 %" in texts(page)


def test_a_wish_for_few_copies_is_kept_in_whole_copies(page: AppTest) -> None:
    page.number_input(key="balance.total").set_value(12).run()
    choose_way(page, "max_copies")
    page.number_input(key=f"balance.dial.max_copies.{desk_of(page).taken}").set_value(3).run()
    assert desk_of(page).whole.max_copies <= 3
    page.number_input(key=f"balance.dial.max_copies.{desk_of(page).taken}").set_value(1).run()
    assert any("the nearest is 2" in item.value for item in page.error)


def test_back_to_gamma_keeps_the_balance_that_a_wish_led_to(page: AppTest) -> None:
    choose_way(page, "min_ess")
    page.select_slider(key=f"balance.dial.min_ess.{desk_of(page).taken}").set_value(0.95).run()
    choose_way(page, "price")
    assert desk_of(page).live.spec.drift.strength == "relative"
    assert desk_of(page).live.optimum.ess == pytest.approx(0.95, abs=5e-3)


def test_pixels_have_targets_of_their_own_and_images_keep_theirs(
    page: AppTest, scanned: str, open_page: OpenPage
) -> None:
    page.segmented_control(key="balance.quantity.0").set_value("pixels").run()
    desk = desk_of(page)
    assert [column.of_pixels for column in desk.columns] == [True, True]
    assert desk.original == pytest.approx([36 / SIDE**2, 2 * SIDE / 2 / SIDE**2])
    assert desk.live.spec.targets == TARGETS
    assert balance.find_draft(scanned) == desk.live.spec
    again = open_page("balance", dataset=scanned)
    assert desk_of(again).quantity == "pixels"
    again.segmented_control(key="balance.quantity.0").set_value("presence").run()
    assert desk_of(again).live.spec.column_targets == TARGETS
    assert "of the pixels" not in texts(again)


@pytest.mark.parametrize("quantity", ["pixels", "both"])
def test_the_page_and_the_library_find_the_same_balance(page: AppTest, scanned: str, quantity: str) -> None:
    page.segmented_control(key="balance.quantity.0").set_value(quantity).run()
    page.button(key="balance.jump").click().run()
    desk = desk_of(page)
    outcome = balance.solve(balance.quantity_table(desk.dataset, desk.quantity), desk.live.spec)
    assert desk.whole.copies.tolist() == outcome.whole.copies.tolist()
    assert desk.live.continuous.shares == pytest.approx(outcome.continuous.shares)
    assert balance.save_plan(scanned, quantity, desk.dataset, desk.live.outcome()).name == quantity


@pytest.mark.parametrize("quantity", ["presence", "pixels", "both"])
@pytest.mark.parametrize("tab", ["Classes", "Trade-off", "Peers", "Copies per combination"])
def test_every_tab_is_drawn_for_every_quantity(page: AppTest, quantity: str, tab: str) -> None:
    page.segmented_control(key="balance.quantity.0").set_value(quantity).run()
    page.session_state["balance.tables"] = tab
    page.run()
    assert not page.exception
    assert not page.error


def test_peers_are_compared_once_and_stay(page: AppTest, scanned: str, open_page: OpenPage) -> None:
    page.session_state["balance.tables"] = "Peers"
    page.run()
    page.button(key="balance.peers.compare").click().run()
    assert "Nearest of the peers" in texts(page)
    again = open_page("balance", dataset=scanned)
    again.session_state["balance.tables"] = "Peers"
    again.run()
    table = next(item.value for item in again.dataframe if "ratio" in item.value)
    assert table["method"].iloc[-1].startswith("Optimum (ours)")


def test_a_long_comparison_runs_elsewhere_shows_progress_and_ends_in_the_table(
    page: AppTest, scanned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(balance, "is_quick", lambda table: False)
    monkeypatch.setattr(peers, "submit", lambda run: None)
    page.session_state["balance.tables"] = "Peers"
    page.run()
    page.button(key="balance.peers.compare").click().run()
    assert page.button(key="balance.peers.cancel")
    desk = desk_of(page)
    key = balance.peers_key(desk.dataset.fingerprint, desk.live.spec)
    run_peers({"dataset": scanned, "key": key}, lambda *_: None, lambda: False)
    page.run()
    assert "Nearest of the peers" in texts(page)


def test_a_setting_out_of_range_is_refused_by_the_server_too(page: AppTest) -> None:
    page.number_input(key="balance.beta1").set_value(1.5).run()
    assert any("β₁ is 1\\.5; it must be below 1" in item.value for item in page.error)
    assert desk_of(page).live.spec.descent.beta1 == 0.9
    page.number_input(key="balance.total").set_value(0).run()
    assert any("B, images in the balanced set is 0" in item.value for item in page.error)


def test_the_drawer_counts_class_weights(page: AppTest) -> None:
    desk = desk_of(page)
    desk.change_target("w0", 4.0, partial(with_weights, changes={"0": 4.0}))
    page.run()
    assert [item.weight for item in desk.live.spec.targets] == [4.0, 1.0]
    assert any(item.label == "Advanced · 1 class weight" for item in page.expander)


def test_a_reload_keeps_target_and_settings(page: AppTest, scanned: str, open_page: OpenPage) -> None:
    page.number_input(key="balance.total").set_value(24).run()
    again = open_page("balance", dataset=scanned)
    assert desk_of(again).live.spec == desk_of(page).live.spec
    assert again.number_input(key="balance.total").value == 24


def test_a_kept_plan_is_listed(page: AppTest, scanned: str) -> None:
    desk = desk_of(page)
    balance.save_plan(scanned, "twice the vessels", desk.dataset, desk.live.outcome())
    assert [entry.name for entry in balance.list_plans(scanned)] == ["twice the vessels"]
