"""Folders that appear whole or not at all."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import ReviewError, WorkspaceError
from core.reports.csv_files import encode_csv
from core.reports.folders import check_room, new_folder


def test_a_folder_appears_with_all_that_is_in_it(tmp_path: Path) -> None:
    with new_folder(tmp_path / "out") as folder:
        (folder / "a.txt").write_text("a")
        assert not (tmp_path / "out").exists()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with new_folder(tmp_path / "out") as folder:
        (folder / "a.txt").write_text("a")
    assert (tmp_path / "out/a.txt").exists()


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyError), new_folder(tmp_path / "out") as folder:
        (folder / "a.txt").write_text("a")
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_who_comes_second_does_not_overwrite_the_first(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="holds files already"), new_folder(tmp_path / "out"):
        (tmp_path / "out").mkdir()
        (tmp_path / "out/first.txt").write_text("first")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ReviewError, match="is a file"), new_folder(tmp_path / "out"):
        pass


def test_too_little_room_is_said_in_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100 << 20))
    check_room(tmp_path / "new/out", 10 << 20)
    with pytest.raises(WorkspaceError, match=r"About 2\.0 GiB are needed.*only 100 MiB"):
        check_room(tmp_path / "new/out", 2 << 30)


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-a", "@a", "\tx"])
def test_no_text_of_a_table_is_a_formula(text: str) -> None:
    assert encode_csv([(text,)]).decode().strip('"').startswith("'")


def test_numbers_of_a_table_stay_numbers() -> None:
    assert encode_csv([("a", -2, 1.5)]) == b"a,-2,1.5\n"
