"""Reading the rows of a large text table in pieces, with line numbers; broken rows are set aside."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.domain.scan import Problem
from core.errors import DatasetError

_ROWS = 50_000  # rows of a piece: with a hundred columns about 40 MB
_MAX_LINE = 1_000_000  # bytes; a longer line is no row of a label table


@dataclass(frozen=True, slots=True)
class Rows:
    """A piece of a table.

    Attributes:
        table: Its rows, all columns as the parser found them.
        lines: Line number of each row, from 1.
    """

    table: pd.DataFrame
    lines: list[int]


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
    batch: list[bytes] = []
    lines: list[int] = []
    for line, record in _records(path):
        if line <= skip or not record.strip():
            continue
        cells = _count_cells(record, delimiter)
        if cells != len(names):
            what = f"line {line} has {cells} cells, the header {len(names)}"
            problems.append(Problem(path.name, what, "Correct the line; it is left out until then."))
            continue
        batch.append(record)
        lines.append(line)
        if len(batch) == _ROWS:
            yield Rows(_parse(batch, names, delimiter, columns, text), lines)
            batch, lines = [], []
    if batch:
        yield Rows(_parse(batch, names, delimiter, columns, text), lines)


def name_rows(rows: Rows, id_column: str | None, skip: int) -> list[str]:
    """What each row is called: its cell of the id column, or its number where there is none."""
    if id_column is None:
        return [f"row {line - skip}" for line in rows.lines]
    names = rows.table[id_column]
    return [
        f"row {line - skip}" if missing else name.strip()
        for name, line, missing in zip(names, rows.lines, names.isna(), strict=True)
    ]


def _records(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; a quoted cell may hold line breaks: lines are joined until quotes match."""
    try:
        with path.open("rb") as file:
            pending, first = b"", 0
            for number, line in enumerate(file, 1):
                if number == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")
                record = pending + line
                if record.count(b'"') % 2 and len(record) < _MAX_LINE:
                    pending, first = record, first or number
                    continue
                yield first or number, record
                pending, first = b"", 0
            if pending:
                yield first, pending
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); check its permissions.") from error


def _count_cells(record: bytes, delimiter: str) -> int:
    if delimiter == " ":
        return len(record.split())
    if b'"' in record:
        text = record.decode("utf-8", errors="replace")
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))
    return record.count(delimiter.encode()) + 1


def _parse(
    batch: list[bytes], names: Sequence[str], delimiter: str, columns: Sequence[str], text: Sequence[str]
) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(b"".join(batch)),
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
