"""Which class a path names: by folder, and by file name."""

import pytest

from core.errors import DatasetError
from core.formats.labels.path_classes import find_folder_classes, find_folder_levels, find_name_classes


def test_a_split_above_or_below_the_class_folder_is_no_class() -> None:
    above = find_folder_classes(["train/cat/1.jpg", "train/dog/1.jpg", "val/cat/2.jpg"])
    below = find_folder_classes(["cat/train/1.jpg", "cat/test/2.jpg", "dog/train/1.jpg", "dog/test/2.jpg"])
    assert list(above.values()) == ["cat", "dog", "cat"]
    assert list(below.values()) == ["cat", "cat", "dog", "dog"]


def test_a_class_may_be_called_train() -> None:
    found = find_folder_classes(["train/train/1.jpg", "train/bus/1.jpg", "val/train/2.jpg", "val/bus/3.jpg"])
    assert list(found.values()) == ["train", "bus", "train", "bus"]


def test_a_split_with_one_class_only_still_has_it() -> None:
    found = find_folder_classes(["train/cat/1.jpg", "train/dog/1.jpg", "test/cat/2.jpg"])
    assert found["test/cat/2.jpg"] == "cat"


def test_a_folder_alone_in_another_is_no_class() -> None:
    found = find_folder_classes(["data/cat/images/1.jpg", "data/dog/images/1.jpg"])
    assert list(found.values()) == ["cat", "dog"]


def test_one_class_folder_alone_is_the_class() -> None:
    assert find_folder_classes(["cat/1.jpg", "2.jpg"]) == {"cat/1.jpg": "cat", "2.jpg": ""}


def test_the_innermost_folder_is_the_class_and_a_pattern_names_another() -> None:
    paths = ["benign/p1/1.png", "benign/p2/1.png", "malignant/p3/1.png", "malignant/p4/1.png"]
    assert list(find_folder_classes(paths).values()) == ["p1", "p2", "p3", "p4"]
    assert list(find_folder_classes(paths, "^([^/]+)").values()) == [
        "benign",
        "benign",
        "malignant",
        "malignant",
    ]
    assert find_folder_levels(paths)["benign/p1/1.png"] == ["benign/p1", "benign"]


@pytest.mark.parametrize(
    ("name", "found"),
    [("cat.0.jpg", "cat"), ("dog_12.png", "dog"), ("great_dane (3).jpg", "great_dane"), ("cat7.jpg", "cat"),
     ("0001.jpg", ""), ("cat.jpg", "")],
)  # fmt: skip
def test_a_name_says_its_class_before_the_first_number(name: str, found: str) -> None:
    assert find_name_classes([f"cat/{name}"]) == {f"cat/{name}": found}


def test_a_pattern_takes_its_group_or_the_whole_match() -> None:
    assert find_name_classes(["x_cat_1.jpg"], "_([a-z]+)_") == {"x_cat_1.jpg": "cat"}
    assert find_name_classes(["x_cat_1.jpg"], "cat|dog") == {"x_cat_1.jpg": "cat"}
    assert find_name_classes(["x_cat_1.jpg"], "(dog)|cat") == {"x_cat_1.jpg": ""}


def test_a_broken_pattern_is_a_sentence() -> None:
    with pytest.raises(DatasetError, match="no regular expression"):
        find_name_classes(["a.jpg"], "(")
