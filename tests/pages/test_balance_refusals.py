"""What cannot be balanced as asked: each a sentence in place, and the page stays usable."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from core.domain.balance import BalanceSpec, ClassTarget
from core.domain.dataset import DatasetSpec, Pairing
from core.errors import TargetError
from core.jobs.scan import run_scan
from core.services import balance, datasets
from pages._ui.balance.desk import Desk, open_desk
from pages._ui.balance.targets import describe, with_shares, with_weights
from tests.pages.conftest import OpenPage

MakeLabels = Callable[[str], str]
SPEC = BalanceSpec(targets=(ClassTarget(name="disc", share=0.5), ClassTarget(name="cup", share=0.5)))


@pytest.fixture
def make_labels(tmp_path: Path) -> MakeLabels:
    """Scan a label table given as text; returns the dataset's id."""

    def make(text: str) -> str:
        path = tmp_path / "labels.csv"
        path.write_text(text)
        spec = DatasetSpec(name="labels", root=path, format="label_table", pairing=Pairing(rule="none"))
        dataset_id = datasets.keep(spec)
        run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
        return dataset_id

    return make


@pytest.fixture
def desk(make_labels: MakeLabels) -> Desk:
    """Four images: `disc` in two, `cup` in one, `scar` in none."""
    return open_desk(make_labels("image,disc,cup,scar\na,1,1,0\nb,1,0,0\nc,0,0,0\nd,0,0,0\n"))


def test_all_images_alike_is_said_and_drawn(make_labels: MakeLabels, open_page: OpenPage) -> None:
    page = open_page("balance", dataset=make_labels("image,disc,cup\na,1,1\nb,1,1\nc,1,1\n"))
    assert any("same classes" in item.value for item in page.markdown)
    assert page.button(key="balance.toggle").disabled


def test_one_class_only_is_said_and_drawn(make_labels: MakeLabels, open_page: OpenPage) -> None:
    page = open_page("balance", dataset=make_labels("image,disc\na,1\nb,0\nc,0\n"))
    assert any("one class only" in item.value for item in page.markdown)
    assert not page.error


def test_a_dataset_without_usable_images_is_refused_with_a_next_step(
    spec: DatasetSpec, folder: Path, open_page: OpenPage
) -> None:
    for mask in (folder / "masks").iterdir():
        mask.write_bytes(b"")
    dataset_id = datasets.keep(spec)
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    page = open_page("balance", dataset=dataset_id)
    assert any("no usable image" in item.value for item in page.error)


def move(desk: Desk, position: str, value: object) -> None:
    desk.change_target(position, value, partial(with_shares, changes={position: value}))


def test_a_target_for_a_class_that_never_occurs_is_refused_and_nothing_changes(desk: Desk) -> None:
    before = desk.live.spec
    move(desk, "2", 0.4)
    assert "scar" in desk.faults["targets.2"]
    assert "no image" in desk.faults["targets.2"]
    assert desk.live.spec == before


def test_a_refused_value_stays_to_be_seen_while_other_targets_go_on_changing(desk: Desk) -> None:
    move(desk, "2", "many")
    move(desk, "1", 0.3)
    assert [item["target"] for item in describe(desk)["classes"]][1:] == [0.3, "many"]
    assert desk.live.spec.targets[1].share == 0.3
    assert list(desk.faults) == ["targets.2"]


def test_a_mended_target_clears_its_refusal(desk: Desk) -> None:
    move(desk, "2", 0.4)
    move(desk, "2", 0.0)
    assert desk.faults == {}
    assert desk.refused == {}


def test_a_whole_new_target_clears_all_refusals(desk: Desk) -> None:
    move(desk, "2", 0.4)
    desk.set_targets(balance.presets(desk.labels)["ones"].targets)
    assert desk.faults == {}
    assert desk.refused == {}


@pytest.mark.parametrize(("typed", "said"), [(1.4, "140 %"), (-0.1, "-10 %"), ("many", "no number")])
def test_what_is_no_share_is_refused_by_name(typed: object, said: str) -> None:
    with pytest.raises(TargetError, match="cup") as refusal:
        with_shares(SPEC, {"1": typed})
    assert said in str(refusal.value)


@pytest.mark.parametrize(("typed", "said"), [(0, "above 0"), (-2, "above 0"), ("much", "“much”")])
def test_what_is_no_weight_is_refused_by_name(desk: Desk, typed: object, said: str) -> None:
    desk.change_target("w1", typed, partial(with_weights, changes={"1": typed}))
    assert "weight of cup" in desk.faults["targets.w1"]
    assert said in desk.faults["targets.w1"]
    assert [item["weight"] for item in describe(desk)["classes"]] == [1.0, typed, 1.0]
    assert desk.live.spec.targets[1].weight == 1.0


def test_labels_without_masks_offer_presence_only_and_say_why(
    make_labels: MakeLabels, open_page: OpenPage
) -> None:
    page = open_page("balance", dataset=make_labels("image,disc,cup\na,1,0\nb,0,1\nc,1,1\n"))
    assert any("labels and no masks" in item.value for item in page.caption)
    assert not page.segmented_control


def test_a_draft_of_pixels_for_a_dataset_that_has_none_any_more_begins_anew(make_labels: MakeLabels) -> None:
    dataset_id = make_labels("image,disc,cup\na,1,0\nb,0,1\n")
    targets = tuple(ClassTarget(name=name, share=0.1) for name in ("disc", "cup"))
    balance.write_draft(dataset_id, BalanceSpec(targets=targets, quantity="pixels", pixel_targets=targets))
    desk = open_desk(dataset_id)
    assert "no masks" in desk.faults["targets"]
    assert desk.quantity == "presence"


def test_copies_fewer_than_needed_on_average_name_the_nearest_that_can_be_had(desk: Desk) -> None:
    desk.change("bounds", lambda spec: spec.model_copy(update={"bounds": balance.read_bounds({"total": 10})}))
    wish = {"drift": balance.read_drift({"strength": "max_copies", "value": 2})}
    desk.change("drift", lambda spec: spec.model_copy(update=wish))
    assert "the nearest is 3" in desk.faults["drift"]
    assert desk.live.spec.drift.strength == "relative"


def test_a_change_for_a_class_that_is_gone_is_ignored() -> None:
    assert with_shares(SPEC, {"7": 0.1, "x": 0.2}) == SPEC


def test_an_unreachable_target_names_the_nearest_share(desk: Desk) -> None:
    desk.change("targets", lambda spec: with_shares(spec, {"0": 0.2, "1": 0.8}))
    cells = {item["name"]: item["nearest"] for item in describe(desk)["classes"]}
    assert cells["cup"] == cells["disc"] == "50.0 %"
    assert not desk.live.reach.reachable


def test_a_draft_that_no_longer_fits_gives_way_to_the_default_and_says_so(make_labels: MakeLabels) -> None:
    dataset_id = make_labels("image,disc,cup\na,1,0\nb,0,0\n")
    balance.write_draft(dataset_id, SPEC)
    desk = open_desk(dataset_id)
    assert "cup" in desk.faults["targets"]
    assert desk.live.spec == balance.default_spec(desk.table)


def test_a_target_that_asks_for_nothing_says_where_to_begin(
    make_labels: MakeLabels, open_page: OpenPage
) -> None:
    page = open_page("balance", dataset=make_labels("image,disc,cup\na,1,0\nb,0,1\nc,1,1\n"))
    assert any("T is the original share" in item.value for item in page.markdown)
    assert page.button(key="balance.toggle").disabled
