from pathlib import Path

import pytest

from core.errors import WorkspaceError
from core.workspace.files import replacing, write_atomic


def test_text_is_written_as_utf8(tmp_path: Path) -> None:
    write_atomic(tmp_path / "new" / "a.txt", "γ")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "γ".encode()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.txt", "old")
    with pytest.raises(RuntimeError), replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("half of the n")
        raise RuntimeError
    assert (tmp_path / "a.txt").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_can_not_be_made_gives_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="Cannot write .* COUNTERPOISE_HOME"):
        write_atomic(tmp_path / "file" / "a.txt", "x")
