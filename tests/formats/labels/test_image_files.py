"""The pictures that labels speak of."""

from pathlib import Path

import pytest

from core.formats.labels.image_files import find_image_files


def touch(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"")


@pytest.mark.parametrize(
    "name", ["scans/a.png", "./scans/a.png", "scans\\a.png", "a.png", "a", "old/disk/a.png"]
)
def test_a_picture_is_found_by_path_name_or_stem(tmp_path: Path, name: str) -> None:
    touch(tmp_path, "scans/a.png", "scans/b.png")
    assert find_image_files(tmp_path, [name]) == {name: "scans/a.png"}


def test_the_path_decides_before_the_name(tmp_path: Path) -> None:
    touch(tmp_path, "left/1.png", "right/1.png")
    assert find_image_files(tmp_path, ["right/1.png"]) == {"right/1.png": "right/1.png"}


def test_of_equal_names_the_folder_with_most_of_them_counts(tmp_path: Path) -> None:
    touch(tmp_path, "JPEGImages/1.jpg", "JPEGImages/2.jpg", "SegmentationClass/1.png")
    assert find_image_files(tmp_path, ["1", "2"]) == {"1": "JPEGImages/1.jpg", "2": "JPEGImages/2.jpg"}


def test_a_balanced_set_deeper_down_does_not_hide_the_images(tmp_path: Path) -> None:
    touch(tmp_path, "images/1.png", "balanced/plan/images/1.png")
    assert find_image_files(tmp_path, ["1.png"]) == {"1.png": "images/1.png"}


def test_what_is_not_clear_is_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "left/1.png", "right/1.png")
    assert find_image_files(tmp_path, ["1.png"]) == {}
