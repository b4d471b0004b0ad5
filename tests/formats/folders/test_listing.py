"""A folder tree is walked once, hidden files and links that leave it left out."""

import os
from pathlib import Path

import pytest

from core.errors import DatasetError
from core.formats.folders import listing
from core.formats.folders.listing import is_picture, list_tree


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_files_are_listed_by_folder_in_order(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", "masks/c.png", "masks/deep/d.txt"):
        _touch(tmp_path / name)
    tree = list_tree(tmp_path)
    assert tree.files == {".": ("a.png", "b.png"), "masks": ("c.png",), "masks/deep": ("d.txt",)}
    assert tree.folders["."] == ("masks",)
    assert tree.pictures("masks/deep") == []


def test_one_folder_is_listed_with_paths_from_the_root(tmp_path: Path) -> None:
    _touch(tmp_path / "masks" / "deep" / "d.png")
    assert list_tree(tmp_path, "masks").files == {"masks": (), "masks/deep": ("d.png",)}


def test_hidden_and_system_files_are_left_out(tmp_path: Path) -> None:
    for name in (".DS_Store", "._a.png", "Thumbs.db", "__MACOSX/a.png", ".git/a.png", "a.png"):
        _touch(tmp_path / name)
    assert list_tree(tmp_path).files == {".": ("a.png",)}


def test_a_link_that_leaves_the_root_is_a_problem(tmp_path: Path) -> None:
    _touch(tmp_path / "outside" / "a.png")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "data" / "b.png").symlink_to(tmp_path / "outside" / "a.png")
    tree = list_tree(tmp_path / "data")
    assert tree.files == {".": ()}
    assert {problem.file for problem in tree.problems} == {"link", "b.png"}


def test_a_link_inside_the_root_is_followed_but_never_in_circles(tmp_path: Path) -> None:
    _touch(tmp_path / "real" / "a.png")
    (tmp_path / "again").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "up").symlink_to(tmp_path)
    tree = list_tree(tmp_path)
    assert tree.files["again"] == ("a.png",)
    assert any("read already" in problem.problem for problem in tree.problems)


def test_too_many_files_are_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_FILES", 2)
    for name in ("a", "b", "c"):
        _touch(tmp_path / name)
    with pytest.raises(DatasetError, match="open the folder of one dataset"):
        list_tree(tmp_path)


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not a folder"):
        list_tree(tmp_path, "masks")


def test_suffixes_count_in_any_case() -> None:
    assert is_picture("A.TIF")
    assert not is_picture("png")


def test_pictures_that_are_no_files_are_problems(tmp_path: Path) -> None:
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(tmp_path / "pipe.png")
    listing = list_tree(tmp_path)
    assert listing.pictures(".") == []
    assert {(item.file, item.problem) for item in listing.problems} == {
        ("gone.png", "the link leads nowhere"),
        ("pipe.png", "this is no ordinary file"),
    }
