"""Names of folders hint at what they hold."""

import pytest

from core.formats.detection.hints import (
    class_name,
    image_hint,
    is_reader,
    mask_hint,
)


@pytest.mark.parametrize(
    "name",
    [
        "masks",
        "trainannot",
        "gtFine",
        "1st_manual",
        "SegmentationClass",
        "label-chips",
        "ann_dir",
        "gts",
        "seg",
    ],
)
def test_mask_folders_are_known_by_name(name: str) -> None:
    assert mask_hint(name) == 1.0
    assert image_hint(name) == -1.0


@pytest.mark.parametrize(
    "name", ["images", "JPEGImages", "leftImg8bit", "cxr", "img_dir", "Original_Data", "image-chips"]
)
def test_image_folders_are_known_by_name(name: str) -> None:
    assert image_hint(name) == 1.0
    assert mask_hint(name) == 0.0


@pytest.mark.parametrize("name", ["rgb_masks", "SegmentationClassVisualization", "colormaps", "instanceIds"])
def test_renderings_of_masks_rank_below_masks(name: str) -> None:
    assert mask_hint(name) < mask_hint("masks")


@pytest.mark.parametrize(
    ("text", "name"),
    [("_EX", "EX"), ("left_lung", "left lung"), ("leftMask", "left"), ("1st_manual", ""), ("_gt", "")],
)  # fmt: skip
def test_only_informative_words_name_a_class(text: str, name: str) -> None:
    assert class_name(text) == name


def test_a_reader_is_no_class() -> None:
    assert is_reader("_2ndHO")
    assert is_reader("expert 1")
    assert not is_reader("left_lung")
