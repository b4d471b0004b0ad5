"""Reading the rows of a large text table in pieces, with line numbers; broken rows are set aside."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from core.domain.scan import Problem
from core.errors import DatasetError

_BLOCK = 8_000_000  # bytes of a piece: with a hundred columns of 0 and 1 some 40,000 rows
_MAX_LINE = 1_000_000  # bytes; a longer line is no row of a label table


@dataclass(frozen=True, slots=True)
class Rows:
    """A piece of a table.

    Attributes:
        table: Its rows, all columns as the parser found them.
        lines: Line number of each row, from 1.
        read: Share of the file that is read with it, in [0, 1].
    """

    table: pd.DataFrame
    lines: Sequence[int]
    read: float


def read_rows(
    path: Path,
    names: Sequence[str],
    delimiter: str,
    columns: Sequence[str],
    text: Sequence[str],
    skip: int,
    problems: list[Problem],
) -> Iterator[Rows]:
    """Read a table piece by piece.

    Args:
        path: The file.
        names: All columns, in order.
        delimiter: Between cells; a space stands for any run of spaces.
        columns: Those to keep.
        text: Those of them that are text even where they look like numbers: ids keep their zeros.
        skip: Lines before the first row: 1 for a header.
        problems: Rows with too few or too many cells are added here.

    Raises:
        DatasetError: The file cannot be read.
    """
    size, read = _measure(path), 0
    for first, rows in _read_blocks(path, skip):
        read += len(rows)
        kept: bytes
        lines: Sequence[int]
        if count := _count_regular_rows(rows, delimiter, len(names)):
            kept, lines = rows, range(first, first + count)
        else:
            kept, lines = _keep_whole_rows(path, rows, first, delimiter, len(names), problems)
        if lines:
            share = min(read / max(size, 1), 1.0)
            yield Rows(_parse(kept, names, delimiter, columns, text), lines, share)


def name_rows(rows: Rows, id_column: str | None, skip: int) -> list[str]:
    """What each row is called: its cell of the id column, or its number where there is none."""
    if id_column is None:
        return [f"row {line - skip}" for line in rows.lines]
    names = rows.table[id_column]
    return [
        f"row {line - skip}" if missing else name.strip()
        for name, line, missing in zip(names, rows.lines, names.isna(), strict=True)
    ]


def _measure(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); check its permissions.") from error


def _read_blocks(path: Path, skip: int) -> Iterator[tuple[int, bytes]]:
    """Pieces of a file that end where a row ends, each with the number of its first line."""
    try:
        with path.open("rb") as file:
            first = 1
            while start := file.read(_BLOCK):
                block = _complete(file, start)
                yield (first, block) if first > 1 else _skip_lines(block.removeprefix(b"\xef\xbb\xbf"), skip)
                first += block.count(b"\n")
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); check its permissions.") from error


def _skip_lines(block: bytes, skip: int) -> tuple[int, bytes]:
    """The number of the first line after those that are skipped, and what follows from there."""
    dropped = 0
    for line, record in _records(block, 1):
        if line > skip:
            return line, block[dropped:]
        dropped += len(record)
    return skip + 1, b""


def _complete(file: IO[bytes], block: bytes) -> bytes:
    """A piece to the end of its last row; a quoted cell may hold line breaks, so quotes must match."""
    block += file.readline()
    added = len(block)
    while block.count(b'"') % 2 and len(block) - added < _MAX_LINE and (line := file.readline()):
        block += line
    return block


def _count_regular_rows(block: bytes, delimiter: str, cells: int) -> int:
    """How many rows a piece has if every line is a row of so many unquoted cells; else 0."""
    if cells < 2 or delimiter == " " or b'"' in block:
        return 0
    signs = np.frombuffer(block if block.endswith(b"\n") else block + b"\n", dtype=np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    marks = np.flatnonzero(signs == ord(delimiter))
    if marks.size != ends.size * (cells - 1):
        return 0
    of_line = marks.reshape(ends.size, cells - 1)
    inside = (of_line[:, -1] < ends).all() and (of_line[1:, 0] > ends[:-1]).all()
    return int(ends.size) if inside else 0


def _keep_whole_rows(
    path: Path, block: bytes, first: int, delimiter: str, cells: int, problems: list[Problem]
) -> tuple[bytes, list[int]]:
    """The rows of a piece that have all cells, with their line numbers; the others become problems."""
    kept: list[bytes] = []
    lines: list[int] = []
    for line, record in _records(block, first):
        if not record.strip():
            continue
        found = _count_cells(record, delimiter)
        if found == cells:
            kept.append(record)
            lines.append(line)
        else:
            what = f"line {line} has {found} cells, the header {cells}"
            problems.append(Problem(path.name, what, "Correct the line; it is left out until then."))
    return b"".join(kept), lines


def _records(block: bytes, first: int) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; a quoted cell may hold line breaks: lines are joined until quotes match."""
    pending, start = b"", 0
    for number, line in enumerate(io.BytesIO(block), first):
        record = pending + line
        if record.count(b'"') % 2 and len(record) < _MAX_LINE:
            pending, start = record, start or number
            continue
        yield start or number, record
        pending, start = b"", 0
    if pending:
        yield start, pending


def _count_cells(record: bytes, delimiter: str) -> int:
    if delimiter == " ":
        return len(record.split())
    if b'"' in record:
        text = record.decode("utf-8", errors="replace")
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))
    return record.count(delimiter.encode()) + 1


def _parse(
    rows: bytes, names: Sequence[str], delimiter: str, columns: Sequence[str], text: Sequence[str]
) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(rows),
        sep=r"\s+" if delimiter == " " else delimiter,
        names=list(names),
        header=None,
        usecols=list(columns),
        dtype=dict.fromkeys(text, "str"),
        keep_default_na=False,
        na_values=[""],
        encoding="utf-8",
        encoding_errors="replace",
        low_memory=False,
        skip_blank_lines=False,
    )[list(columns)]
