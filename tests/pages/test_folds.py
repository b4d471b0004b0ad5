"""Folds on the page: divided by group, what is said of them, and each training part balanced."""

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import cli
from core.domain.balance import BalanceSpec, Bounds, ClassTarget
from core.jobs.scan import run_scan
from core.services import balance, datasets, split_report, splits
from pages._ui.plans import folds
from tests.pages.conftest import OpenPage


def texts(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.error, page.warning)
    return "\n".join(item.value for kind in kinds for item in kind)


@pytest.fixture
def page(scanned: str, open_page: OpenPage) -> AppTest:
    targets = (ClassTarget(name="disc", share=1.0), ClassTarget(name="vessels", share=0.8))
    balance.write_draft(scanned, BalanceSpec(targets=targets))
    return open_page("balance", dataset=scanned, view="Folds")


def divide(page: AppTest, count: int) -> AppTest:
    page.number_input(key="folds.count").set_value(count)
    return page.button(key="folds.divide").click().run()


def solve(page: AppTest) -> None:
    """Solve fold by fold; AppTest makes the page look again, which a browser does by itself."""
    page.button(key="folds.solve").click().run()
    for _ in range(8):
        solving = page.session_state["folds.solved"]
        if solving.over or solving.fault:
            break
        page.run()
    page.run()


def test_folds_are_divided_and_checked(page: AppTest) -> None:
    divide(page, 3)
    assert "6 images in 6 groups" in texts(page)
    assert "no group and no image content is in more than one fold" in texts(page)
    sizes = next(item.value for item in page.dataframe if "groups" in item.value)
    assert sizes["images"].tolist() == [2, 2, 2]


def test_a_pattern_shows_what_the_first_images_get(page: AppTest) -> None:
    page.selectbox(key="folds.way").set_value("A pattern on the file name").run()
    page.text_input(key="folds.pattern").set_value("[024]").run()
    assert "3 groups by name; 3 images without one, each by itself." in texts(page)
    assert "**0**" in texts(page)
    page.text_input(key="folds.pattern").set_value("patient").run()
    assert "matches no image name" in texts(page)


def test_more_folds_than_groups_are_refused_in_a_sentence(page: AppTest) -> None:
    divide(page, 7)
    assert "7 folds need at least 7 groups" in texts(page)
    assert "images in 6 groups" not in texts(page)


def test_equal_images_are_counted_and_stay_together(page: AppTest, folder: Path) -> None:
    content = (folder / "images" / "eye_1.png").read_bytes()
    (folder / "images" / "eye_4.png").write_bytes(content)
    divide(page, 2)
    assert "6 images in 5 groups. 1 image equals an earlier one byte by byte" in texts(page)


def test_a_class_that_cannot_be_in_every_part_is_named(page: AppTest) -> None:
    divide(page, 4)
    assert "'vessels' is in 3 groups only" in texts(page)


def test_much_to_read_is_read_in_the_background_and_the_folds_follow(
    page: AppTest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "images" / "eye_4.png").write_bytes((folder / "images" / "eye_1.png").read_bytes())
    monkeypatch.setattr(folds, "_QUICK_BYTES", 0)
    started: list[str] = []
    start = splits.start_comparison
    monkeypatch.setattr(splits, "start_comparison", lambda name: started.append(start(name)) or started[0])
    divide(page, 2)
    assert len(started) == 1
    for _ in range(200):
        if "images in 5 groups" in texts(page):
            break
        page.run()
    assert "images in 5 groups" in texts(page)
    assert len(started) == 1


def test_each_training_part_is_balanced_by_the_settings_above(page: AppTest) -> None:
    divide(page, 3)
    solve(page)
    frame = next(item.value for item in page.dataframe if "max_copies" in item.value)
    assert frame["training_images"].tolist() == [4, 4, 4]
    assert frame["images"].tolist() == [4, 4, 4]
    assert "Solved with the settings above" in texts(page)


def test_settings_that_a_training_part_refuses_stand_as_a_sentence(
    scanned: str, folder: Path, open_page: OpenPage
) -> None:
    dataset = datasets.open_dataset(scanned)
    table = balance.label_table(dataset)
    bounds = Bounds(total=6, keep_originals=True)
    spec = balance.default_spec(table).model_copy(update={"bounds": bounds})
    balance.save_plan(scanned, "all", dataset, balance.solve(table, spec))
    for kind in ("images", "masks"):  # with more images, six copies are too few to keep each
        for number in (7, 8):
            shutil.copy(folder / kind / "eye_1.png", folder / kind / f"eye_{number}.png")
    run_scan({"dataset": scanned}, lambda *_: None, lambda: False)
    page = divide(open_page("balance", dataset=scanned, view="Folds"), 3)
    page.selectbox(key="folds.settings").set_value("all")
    solve(page)
    assert any(item.value.startswith("Fold 1") for item in page.error)


def test_the_json_is_the_command_lines(
    page: AppTest,
    scanned: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    divide(page, 3)
    found = page.session_state["folds.found"][1]
    offered = split_report.split_json(
        split_report.split_report(datasets.open_dataset(scanned), found, seed=0)
    )
    monkeypatch.setattr("sys.argv", ["counterpoise", "split", str(folder), "--folds", "3", "--json"])
    with pytest.raises(SystemExit, match="0"):
        cli.main()
    printed = capsys.readouterr().out
    assert json.loads(printed)["folds"]
    assert offered + "\n" == printed


def test_a_reload_asks_again_what_was_asked(scanned: str, open_page: OpenPage) -> None:
    address = {"dataset": scanned, "view": "Folds", "folds": "3", "seed": "4", "group": "[024]", "solve": "-"}
    page = open_page("balance", **address)
    assert page.number_input(key="folds.count").value == 3
    assert page.number_input(key="folds.seed").value == 4
    assert page.text_input(key="folds.pattern").value == "[024]"
    assert page.session_state["folds.solved"].found.split.folds == 3


def test_what_is_asked_of_folds_stands_in_the_address(page: AppTest) -> None:
    divide(page, 3)
    assert page.query_params["folds"] == "3"
    page.button(key="folds.solve").click().run()
    assert page.query_params["solve"] == "-"
    divide(page, 2)
    assert "solve" not in page.query_params


@pytest.mark.parametrize("folds", ["1", "99", "many", "-3"])
def test_an_address_that_asks_for_what_cannot_be_is_passed_over(
    scanned: str, open_page: OpenPage, folds: str
) -> None:
    page = open_page("balance", dataset=scanned, view="Folds", folds=folds)
    assert not page.exception
    assert page.number_input(key="folds.count").value == 5
