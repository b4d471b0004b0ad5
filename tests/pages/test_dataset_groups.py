"""The Groups tab: the rule is tried and used, near duplicates are answered."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.groups import GroupRule
from core.domain.likeness import LikenessReport
from core.formats.likeness_file import write_report
from core.services import datasets, likeness, splits
from core.workspace.paths import workspace
from tests.pages.conftest import OpenPage


@pytest.fixture
def found(scanned: str) -> str:
    """The scanned dataset, for which a search has found that eyes 1 and 2 look alike."""
    pairs = (("images/eye_1.png", "images/eye_2.png", 6), ("images/eye_3.png", "images/eye_4.png", 44))
    report = LikenessReport(rule=GroupRule(), compared=6, flat=0, unread=0, slices=0, limit=64, pairs=pairs)
    write_report(workspace().dataset(scanned), report)
    return scanned


def opened(open_page: OpenPage, dataset_id: str) -> AppTest:
    page = open_page("dataset", dataset=dataset_id, view="Groups")
    assert not page.error, page.error[0].value
    return page


def said(page: AppTest) -> str:
    return " ".join(item.value for item in [*page.markdown, *page.caption]).replace("\\", "")


def named(page: AppTest, label: str):
    return next(item for item in page.button if item.label == label)


def test_without_a_rule_every_image_is_alone(open_page: OpenPage, scanned: str) -> None:
    page = opened(open_page, scanned)
    assert "6 groups of 6 images" in said(page)
    assert page.radio[0].value == "own"
    assert named(page, "Use these groups").disabled


def test_a_pattern_is_tried_at_once_and_used_by_a_click(open_page: OpenPage, scanned: str) -> None:
    page = opened(open_page, scanned)
    page.radio[0].set_value("pattern").run()
    page.text_input[0].set_value("_[0-2]?").run()
    assert "**4 groups**" in said(page)
    assert splits.find_groups(datasets.open_dataset(scanned)).count == 6
    page = named(page, "Use these groups").click().run()
    assert not page.error
    assert datasets.find_spec(scanned).group_pattern == "_[0-2]?"
    assert page.radio[0].value == "pattern"


def test_a_broken_pattern_is_a_sentence_and_the_table_stays(open_page: OpenPage, scanned: str) -> None:
    page = opened(open_page, scanned)
    page.radio[0].set_value("pattern").run()
    page.text_input[0].set_value("(").run()
    assert "no regular expression" in page.error[0].value.replace("\\", "")
    assert "6 groups of 6 images" in said(page)


def test_a_table_beside_the_images_is_offered_with_its_column(
    open_page: OpenPage, scanned: str, folder: Path
) -> None:
    rows = "".join(f"eye_{i}.png,p{i // 2}\n" for i in range(6))
    (folder / "people.csv").write_text("image,patient\n" + rows)
    page = opened(open_page, scanned)
    assert "people.csv has a column “patient” that repeats: 3 values in 6 images" in said(page)
    page.radio[0].set_value("file").run()
    assert [item.value for item in page.selectbox] == ["people.csv", "patient"]
    page = named(page, "Use these groups").click().run()
    assert splits.find_groups(datasets.open_dataset(scanned)).count == 3
    assert "3 groups of 6 images" in said(page)
    assert page.dataframe[0].value["group"].tolist() == ["p0", "p1", "p2"]


def test_a_group_file_that_is_gone_is_said_and_another_rule_can_be_chosen(
    open_page: OpenPage, scanned: str, folder: Path
) -> None:
    file = folder / "people.csv"
    file.write_text("image,patient\n" + "".join(f"eye_{i}.png,p{i // 2}\n" for i in range(6)))
    datasets.edit_groups(scanned, GroupRule(file="people.csv", column="patient"), ())
    file.unlink()
    page = open_page("dataset", dataset=scanned, view="Groups")
    assert "people.csv is not there" in page.error[0].value.replace("\\", "")
    page.radio[0].set_value("own").run()
    page = named(page, "Use these groups").click().run()
    assert not page.error
    assert "6 groups of 6 images" in said(page)


def test_images_that_look_alike_are_tied_by_a_click_and_untied_by_another(
    open_page: OpenPage, found: str
) -> None:
    page = opened(open_page, found)
    assert "**2 images in 1 set look alike**" in said(page)
    page = named(page, "These belong together").click().run()
    assert datasets.find_spec(found).same_group == (("images/eye_1.png", "images/eye_2.png"),)
    assert "5 groups of 6 images" in said(page)
    assert "No image of another group looks alike" in said(page)
    page = named(page, "Undo").click().run()
    assert datasets.find_spec(found).same_group == ()
    assert "6 groups of 6 images" in said(page)


def test_images_called_different_are_not_listed_again(open_page: OpenPage, found: str) -> None:
    page = opened(open_page, found)
    page = named(page, "Different").click().run()
    assert likeness.find_dismissals(found).judged == ((("images/eye_1.png", "images/eye_2.png"),),)
    assert "No image of another group looks alike" in said(page)


def test_a_wider_limit_lists_more(open_page: OpenPage, found: str) -> None:
    page = opened(open_page, found)
    page.segmented_control[0].set_value("edited").run()
    assert "4 images in 2 sets look alike" in said(page)


def test_a_search_that_used_other_groups_is_said_to_be_old(open_page: OpenPage, found: str) -> None:
    datasets.edit_groups(found, GroupRule(pattern="eye_[0-2]?"), ())
    page = open_page("dataset", dataset=found, view="Groups")
    assert any("another way since the search" in item.value for item in page.warning)
