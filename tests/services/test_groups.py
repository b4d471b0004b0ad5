"""Groups as the dataset page shows and changes them."""

from pathlib import Path

import pytest

from core.domain.groups import GroupRule
from core.errors import DatasetError, SplitError
from core.jobs.scan import run_scan
from core.services import datasets, groups, splits


@pytest.fixture
def scanned(dataset_id: str) -> str:
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    return dataset_id


def test_a_rule_is_kept_without_a_scan_and_names_every_sample(scanned: str) -> None:
    groups.change_rule(scanned, GroupRule(pattern="^(.)"))
    dataset = datasets.open_dataset(scanned)
    found = splits.find_groups(dataset)
    assert found.count == 4
    assert groups.rule_of(dataset) == GroupRule(pattern="^(.)")
    assert [sample.group for sample in dataset.samples] == [str(i // 10) for i in range(40)]
    assert found.names == tuple(sample.group for sample in dataset.samples)


def test_the_rule_can_be_taken_back(scanned: str) -> None:
    groups.change_rule(scanned, GroupRule(pattern="^(.)"))
    groups.change_rule(scanned, GroupRule())
    assert splits.find_groups(datasets.open_dataset(scanned)).count == 40


def test_a_rule_that_cannot_be_used_leaves_everything_as_it_was(scanned: str) -> None:
    groups.change_rule(scanned, GroupRule(pattern="^(.)"))
    for rule, error in (
        (GroupRule(pattern="("), DatasetError),
        (GroupRule(pattern="flight"), SplitError),
        (GroupRule(file="gone.csv", column="x"), DatasetError),
    ):
        with pytest.raises(error):
            groups.change_rule(scanned, rule)
    assert groups.rule_of(datasets.open_dataset(scanned)).pattern == "^(.)"


def test_a_group_file_that_is_gone_later_leaves_the_groups_of_the_last_scan(
    scanned: str, folder: Path
) -> None:
    file = folder / "who.csv"
    file.write_text("image,who\n" + "".join(f"{i:02}.png,p{i // 10}\n" for i in range(40)))
    groups.change_rule(scanned, GroupRule(file="who.csv", column="who"))
    file.unlink()
    dataset = datasets.open_dataset(scanned)
    assert {sample.group for sample in dataset.samples} == {"p0", "p1", "p2", "p3"}
    assert splits.find_groups(dataset).count == 4
    with pytest.raises(DatasetError, match="who.csv is not there"):
        groups.try_rule(dataset, groups.rule_of(dataset))


def test_the_table_has_a_line_a_group_with_the_share_of_each_class(scanned: str) -> None:
    dataset = datasets.open_dataset(scanned)
    found = groups.try_rule(dataset, GroupRule(pattern="^(0|1)"))
    table = groups.group_table(dataset, found)
    assert table["group"].tolist() == ["0", "1"]  # images alone in their group are left out
    assert table["images"].tolist() == [10, 10]
    assert table["share"].tolist()[0] == 0.25
    assert table["spot"].tolist()[:2] == [0.3, 0.2]  # every fourth image: 0, 4, 8 and 12, 16
    assert table["disc"].eq(1).all()


def test_one_group_with_most_images_and_lonely_classes_are_said(scanned: str) -> None:
    dataset = datasets.open_dataset(scanned)
    found = groups.try_rule(dataset, GroupRule(pattern="^(0|1|2)"))
    assert groups.caution_groups(dataset, found) == [
        "Only one group holds scar (in 0): a split by group leaves the class out of training, or out of the "
        "test."
    ]
    one = groups.try_rule(dataset, GroupRule(pattern="png"))
    assert "All images are one group" in groups.caution_groups(dataset, one)[0]


def test_a_group_with_more_than_half_of_the_images_is_said(scanned: str, folder: Path) -> None:
    text = "image,who\n" + "".join(f"{i:02},{'big' if i < 25 else 'small'}\n" for i in range(40))
    (folder / "who.csv").write_text(text)
    dataset = datasets.open_dataset(scanned)
    found = groups.try_rule(dataset, GroupRule(file="who.csv", column="who"))
    assert "The group big holds 62.5 % of the images" in groups.caution_groups(dataset, found)[0]


def test_equal_files_join_groups_under_both_names(scanned: str, folder: Path) -> None:
    (folder / "images/30.png").write_bytes((folder / "images/00.png").read_bytes())
    dataset = datasets.open_dataset(scanned)
    found = groups.try_rule(dataset, GroupRule(pattern="^(.)"), splits.hash_images(dataset))
    assert groups.name_each(dataset, found) == ["0 + 3", "1", "2"]
    images = groups.image_groups(dataset, found)
    assert images["group"].tolist()[30] == "0 + 3"
    assert set(images["how"]) == {"by the pattern"}


def test_what_is_suggested_is_nothing_for_names_that_are_numbers(scanned: str, folder: Path) -> None:
    (folder / "meta.csv").write_text("file,patient\n" + "".join(f"{i:02},p{i // 2}\n" for i in range(40)))
    found = groups.suggest(datasets.open_dataset(scanned))
    assert found.patterns == ()
    assert [(item.file, item.column, item.groups) for item in found.tables] == [("meta.csv", "patient", 20)]
    assert found.files == ("meta.csv",)
    named = splits.find_groups(datasets.open_dataset(scanned))
    assert (
        "--group-file meta.csv --group-column patient"
        in groups.note_tables(datasets.open_dataset(scanned), named)[0]
    )


def test_columns_of_a_group_file_are_listed(scanned: str, folder: Path) -> None:
    (folder / "meta.csv").write_text("file,patient\n00,p0\n")
    spec = datasets.find_spec(scanned)
    assert groups.list_columns(spec, "meta.csv") == ("file", "patient")
