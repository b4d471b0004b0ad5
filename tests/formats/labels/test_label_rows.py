"""Reading a table in pieces finds the same rows wherever the pieces are cut."""

from pathlib import Path

import pytest

from core.domain.scan import Problem
from core.formats.labels import label_rows
from core.formats.labels.label_rows import read_rows

NAMES = ("id", "cat", "dog")
MESSY = (
    b"\xef\xbb\xbfid,cat,dog\r\n"
    b'1,1,0\r\n"2, quoted",0,1\r\n\r\nshort,1\r\n'
    b'"3 on\ntwo lines",1,1\n'
    b"4,0,0\nlong,1,0,1\n5,,1\n"
    b"6,1,1"
)
PLAIN = b"id,cat,dog\n" + b"".join(b"%d,%d,0\n" % (row, row % 2) for row in range(50))


def _read(path: Path) -> tuple[list[tuple[int, list[object]]], list[str]]:
    problems: list[Problem] = []
    pieces = read_rows(path, NAMES, ",", NAMES, ["id"], 1, problems)
    rows = [
        (line, ["" if cell != cell else cell for cell in row])
        for piece in pieces
        for line, row in zip(piece.lines, piece.table.to_numpy(dtype=object).tolist(), strict=True)
    ]
    return rows, [problem.problem for problem in problems]


@pytest.mark.parametrize("block", [1, 7, 20, 33, 64, 8_000_000])
@pytest.mark.parametrize("content", [MESSY, PLAIN], ids=["messy", "plain"])
def test_rows_lines_and_problems_do_not_depend_on_the_size_of_a_piece(
    content: bytes, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    whole = _read(path)
    monkeypatch.setattr(label_rows, "_BLOCK", block)
    assert _read(path) == whole


def test_a_messy_table_keeps_its_whole_rows_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(MESSY)
    rows, problems = _read(path)
    assert [(line, row[0]) for line, row in rows] == [
        (2, "1"), (3, "2, quoted"), (6, "3 on\ntwo lines"), (8, "4"), (10, "5"), (11, "6"),
    ]  # fmt: skip
    assert problems == ["line 5 has 2 cells, the header 3", "line 9 has 4 cells, the header 3"]


def test_two_faults_that_cancel_out_are_both_found(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"id,cat,dog\n1,1\n2,1,0,1\n3,1,1\n")
    rows, problems = _read(path)
    assert [row[0] for _, row in rows] == ["3"]
    assert problems == ["line 2 has 2 cells, the header 3", "line 3 has 4 cells, the header 3"]
