"""What was read last."""

import os
from pathlib import Path

from core.formats.sources.recent import RecentReads


def test_a_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("1")
    reads: RecentReads[str] = RecentReads(100, len)
    calls = []
    for _ in range(2):
        reads.get(path, lambda: calls.append(1) or path.read_text())
    assert len(calls) == 1


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("1")
    reads: RecentReads[str] = RecentReads(100, len)
    reads.get(path, path.read_text)
    path.write_text("2")
    os.utime(path, ns=(1, 1))
    assert reads.get(path, path.read_text) == "2"


def test_settings_keep_values_apart(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("1")
    reads: RecentReads[str] = RecentReads(100, len)
    assert [reads.get(path, lambda text=text: text, text) for text in ("x", "y", "x")] == ["x", "y", "x"]


def test_the_oldest_value_is_let_go_beyond_the_limit(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_text("12345")
    reads: RecentReads[str] = RecentReads(10, len)
    read = []
    for path in (*paths, paths[2], paths[0]):
        reads.get(path, lambda path=path: read.append(path.name) or path.read_text())
    assert read == ["a", "b", "c", "a"]
