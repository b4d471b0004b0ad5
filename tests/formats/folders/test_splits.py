"""Names of folders that say train, validation or test."""

import pytest

from core.formats.folders.splits import find_split, without_split


@pytest.mark.parametrize(
    ("name", "split"),
    [("trainannot", "train"), ("val_images", "val"), ("ISIC-2017_Validation_Data", "val"),
     ("fold 2", "fold 2"), ("testing", "test"), ("strain", ""), ("latest", ""), ("trained_on", "")],
)  # fmt: skip
def test_splits_are_found_as_words(name: str, split: str) -> None:
    assert find_split(name) == split


def test_folders_of_all_splits_look_alike_without_it() -> None:
    assert without_split("train/images") == without_split("test/images")
    assert without_split("a. Training Set") == without_split("b. Testing Set")
    assert without_split("images") != without_split("masks")
