"""The Train page: what can be asked, what is refused, how runs are shown and handled."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.balance import BalanceSpec, ClassTarget, Drift
from core.domain.estimate import RunEstimate
from core.domain.training import TrainRequest
from core.jobs import queue
from core.runs.estimates import write_estimate
from core.services import balance, datasets, training
from tests.pages.conftest import OpenPage
from tests.services.histories import ask, write_run

CURVES = [{"disc": [0.2, 0.6], "vessels": [0.1, 0.3]}]


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Runs wait in the queue: a worker would load torch, which these tests are not about."""
    monkeypatch.setattr(queue, "start_waiting", lambda ending="": None)
    monkeypatch.setattr(queue, "_start_waiting", lambda ending="": None)
    return


def texts(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.error, page.warning, page.info, page.subheader)
    return "\n".join(item.value for kind in kinds for item in kind)


def keep_plan(dataset_id: str, gamma: float = 0.02) -> None:
    targets = (ClassTarget(name="disc", share=1.0), ClassTarget(name="vessels", share=0.7))
    spec = BalanceSpec(targets=targets, drift=Drift(value=gamma))
    dataset = datasets.open_dataset(dataset_id)
    balance.save_plan(dataset_id, "vessels up", dataset, balance.solve(balance.label_table(dataset), spec))


def write_finished(dataset_id: str, state: str = "finished", title: str = "older") -> str:
    request = ask(title, epochs=2, folds=None, dataset=datasets.find_spec(dataset_id))
    return write_run(request, CURVES, state)


def requests() -> list[TrainRequest]:
    return [run.request for run in reversed(training.list_training())]


def test_without_a_dataset_the_page_says_what_it_is_for(open_page: OpenPage) -> None:
    assert "train segmentation models" in texts(open_page("train"))


def test_one_click_queues_a_run_as_it_was_set(scanned: str, open_page: OpenPage) -> None:
    page = open_page("train", dataset=scanned)
    page.number_input(key="train.s1.epochs").set_value(3).run()
    page.number_input(key="train.s1.image_size").set_value(64).run()
    assert page.button(key="train.start").label == "Start 1 run"
    page.button(key="train.start").click().run()
    (request,) = requests()
    assert (request.recipe.epochs, request.recipe.image_size, request.plan) == (3, 64, None)
    assert request.split.holdout == pytest.approx(0.2)
    assert "Waiting, number 1 in the queue" in texts(page)
    assert page.query_params["run"].startswith("train-")


def test_a_run_a_plan_and_the_button_says_how_many(scanned: str, open_page: OpenPage) -> None:
    keep_plan(scanned)
    page = open_page("train", dataset=scanned)
    page.multiselect(key="train.plans").set_value(["", "vessels-up"]).run()
    assert page.button(key="train.start").label == "Start 2 runs"
    page.button(key="train.start").click().run()
    assert [request.plan.name if request.plan else None for request in requests()] == [None, "vessels up"]


def test_a_link_from_the_balance_page_takes_its_plan(scanned: str, open_page: OpenPage) -> None:
    keep_plan(scanned)
    page = open_page("train", dataset=scanned, plan="vessels-up")
    assert page.multiselect(key="train.plans").value == ["vessels-up"]


def test_the_s1_experiment_queues_three_sets(scanned: str, open_page: OpenPage) -> None:
    keep_plan(scanned)
    page = open_page("train", dataset=scanned)
    page.selectbox(key="train.kind").set_value("s1").run()
    page.button(key="train.start").click().run()
    found = requests()
    assert [request.title for request in found] == [
        "S1 · original",
        "S1 · balanced, γ = 0",
        "S1 · balanced with RL",
    ]
    assert {request.split.folds for request in found} == {3}
    assert "Experiment S1" in texts(page)


def test_s1_without_a_plan_says_where_one_comes_from(scanned: str, open_page: OpenPage) -> None:
    page = open_page("train", dataset=scanned)
    page.selectbox(key="train.kind").set_value("s1").run()
    assert "keep one on the Balance page" in texts(page)
    assert page.button(key="train.start").disabled


@pytest.mark.parametrize(("kind", "runs"), [("s2", 5), ("s3", 4)])
def test_settings_of_an_experiment_count_for_all_its_models(
    scanned: str, open_page: OpenPage, kind: str, runs: int
) -> None:
    page = open_page("train", dataset=scanned)
    page.selectbox(key="train.kind").set_value(kind).run()
    page.number_input(key=f"train.{kind}.epochs").set_value(2).run()
    page.number_input(key=f"train.{kind}.image_size").set_value(64).run()
    page.selectbox(key=f"train.{kind}.random").set_value(True).run()
    assert page.button(key="train.start").label == f"Start {runs} runs"
    page.button(key="train.start").click().run()
    found = requests()
    assert {request.recipe.epochs for request in found} == {2}
    assert {request.recipe.model.weights for request in found} == {"none"}
    assert {request.recipe.tile for request in found} == ({32} if kind == "s3" else {None})


def test_the_drawer_says_what_differs(scanned: str, open_page: OpenPage) -> None:
    page = open_page("train", dataset=scanned)
    page.number_input(key="train.s1.lr").set_value(0.001).run()
    page.checkbox(key="train.s1.augment.quarter_turns").check().run()
    assert "Advanced · lr 0.001 · quarter turns true" in [item.label for item in page.expander]
    page.button(key="train.start").click().run()
    (request,) = requests()
    assert request.recipe.optimiser.lr == pytest.approx(0.001)
    assert request.recipe.augment.quarter_turns


def test_a_setting_that_breaks_a_rule_is_refused_in_place(scanned: str, open_page: OpenPage) -> None:
    page = open_page("train", dataset=scanned)
    page.number_input(key="train.s1.tile").set_value(100).run()
    assert "tiles of 100 do not fill an image of 512 pixels" in texts(page).replace("\\", "")
    assert page.button(key="train.start").disabled


def test_a_kept_estimate_is_one_sentence(scanned: str, open_page: OpenPage) -> None:
    request = training.build_request(
        datasets.open_dataset(scanned), training.RECIPES["s1"], ask(folds=None).split, device="cpu"
    )
    known = RunEstimate(
        parameters=1000, weights="random weights", device="CPU", folds=1, epochs=10, steps=3,
        step_seconds=1.0, validation_seconds=0.1, first_seconds=0.0, seconds=720.0,
        memory_bytes=1_900_000_000, memory_total=8_000_000_000, disk_bytes=10**8, measured_steps=5,
    )  # fmt: skip
    write_estimate(request, known)
    page = open_page("train", dataset=scanned)
    page.selectbox(key="train.device").set_value("cpu").run()
    assert "About **12 min**, 1.9 GB of the 8 GB of memory" in texts(page)


def test_the_address_names_the_run_that_is_shown(scanned: str, open_page: OpenPage) -> None:
    first = write_finished(scanned)
    write_finished(scanned, title="later")
    page = open_page("train", dataset=scanned)
    page.button(key=f"train.show.{first}").click().run()
    assert page.query_params["run"] == first
    assert "older" in [item.value for item in page.subheader]
    assert "**0.450**" in texts(page)  # best vDice


def test_a_finished_run_of_another_dataset_is_not_shown_unasked(
    scanned: str, open_page: OpenPage, tmp_path: Path
) -> None:
    elsewhere = datasets.find_spec(scanned).model_copy(update={"root": tmp_path / "elsewhere"})
    write_run(ask("of others", epochs=2, folds=None, dataset=elsewhere), CURVES, "finished")
    page = open_page("train", dataset=scanned)
    assert not page.exception
    assert "of others" not in [item.value for item in page.subheader]
    write_finished(scanned)
    assert "older" in [item.value for item in open_page("train", dataset=scanned).subheader]


def test_a_failed_run_says_its_sentence_and_can_go_on(scanned: str, open_page: OpenPage) -> None:
    run = write_finished(scanned, "failed")
    page = open_page("train", dataset=scanned)
    assert "It said so" in texts(page)
    page.button(key="train.resume").click().run()
    assert training.read_run(run).progress.state == "queued"


def test_deleting_asks_once_and_names_what_is_lost(scanned: str, open_page: OpenPage) -> None:
    write_finished(scanned)
    page = open_page("train", dataset=scanned)
    page.button(key="train.delete").click().run()
    assert "checkpoints and predictions of **older** are deleted" in texts(page)
    assert len(training.list_training()) == 1


def test_runs_of_other_datasets_are_left_out_until_they_are_wanted(scanned: str, open_page: OpenPage) -> None:
    other = write_run(ask("elsewhere", folds=None), CURVES)
    page = open_page("train", dataset=scanned)
    assert f"train.show.{other}" not in [button.key for button in page.button]


def test_a_training_run_in_the_address_leaves_the_dataset_page_alone(
    scanned: str, open_page: OpenPage
) -> None:
    run = write_finished(scanned)
    page = open_page("train", dataset=scanned, run=run)
    page.switch_page("pages/dataset.py").run()
    assert not page.exception
    assert "Retina" in page.title[0].value
