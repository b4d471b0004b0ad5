"""Groups from a column of a label table."""

from pathlib import Path

import pytest

from core.domain.dataset import DatasetSpec
from core.errors import DatasetError
from core.formats.labels.label_groups import group_columns
from core.formats.whole import scan_dataset

TABLE = "image,patient,site,cat,dog\na.png,p1,1,1,0\nb.png,p1,0,0,1\nc.png,,1,1,1\n"


@pytest.fixture
def spec(tmp_path: Path) -> DatasetSpec:
    path = tmp_path / "labels.csv"
    path.write_text(TABLE)
    return DatasetSpec(name="t", root=path, format="label_table")


def test_a_column_names_the_groups(spec: DatasetSpec) -> None:
    dataset = scan_dataset(spec.model_copy(update={"group_column": "patient"}), None)
    assert [sample.group for sample in dataset.samples] == ["p1", "p1", ""]
    assert [item.name for item in dataset.classes] == ["site", "cat", "dog"]


def test_a_group_column_of_0_and_1_is_no_class(spec: DatasetSpec) -> None:
    dataset = scan_dataset(spec.model_copy(update={"group_column": "site"}), None)
    assert [sample.group for sample in dataset.samples] == ["1", "0", "1"]
    assert [item.name for item in dataset.classes] == ["cat", "dog"]


def test_rows_without_a_name_have_their_group_too(tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("cat,dog,owner\n1,0,o1\n1,1,o1\n")
    spec = DatasetSpec(name="t", root=path, format="label_table", id_column=None, group_column="owner")
    assert [sample.group for sample in scan_dataset(spec, None).samples] == ["o1"]


def test_only_columns_that_are_neither_labels_nor_names_are_offered(spec: DatasetSpec) -> None:
    assert group_columns(spec) == ("patient",)


def test_a_column_that_is_not_there_or_holds_the_labels_is_refused(tmp_path: Path, spec: DatasetSpec) -> None:
    with pytest.raises(DatasetError, match="has no column 'flight' to group by; its columns are image, "):
        scan_dataset(spec.model_copy(update={"group_column": "flight"}), None)
    words = tmp_path / "words.csv"
    words.write_text("image,labels\na,x|y\nb,y|z\n")
    spec = DatasetSpec(name="t", root=words, format="label_table", group_column="labels")
    with pytest.raises(DatasetError, match="'labels' holds the labels"):
        scan_dataset(spec, None)


def test_a_group_file_beside_a_label_table_wins_over_nothing(tmp_path: Path, spec: DatasetSpec) -> None:
    (tmp_path / "sites.csv").write_text("file,where\na,north\nb,south\nc,north\n")
    rule = {"group_file": "sites.csv", "group_column": "where"}
    dataset = scan_dataset(spec.model_copy(update=rule), None)
    assert [sample.group for sample in dataset.samples] == ["north", "south", "north"]
