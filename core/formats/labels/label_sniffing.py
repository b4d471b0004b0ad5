"""What the columns of a label table are: the id, one column a class, or one column of words."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import DatasetError
from core.formats.folders.listing import is_picture

# Presence is certain only for 1: -1 means "absent" in VOC, "uncertain" in CheXpert; neither may be counted.
FLAGS = {
    "1": True, "1.0": True, "true": True, "yes": True,
    "0": False, "0.0": False, "false": False, "no": False, "-1": False, "-1.0": False,
    "": False, "nan": False,
}  # fmt: skip
NOTHING = frozenset({"", "nan", "none", "no finding", "no findings", "[]"})
_ID = re.compile(r"image|img|file|path|name|(?<![a-z])u?id(?![a-z])|study|sample|case", re.IGNORECASE)
_WORDS = re.compile(
    r"label|finding|tag|class|categor|target|disease|diagnos|attribute|concept", re.IGNORECASE
)
_SEPARATORS = ("|", ";", ",", " ")
_ROWS = 5000  # rows that are looked at: a rare class may be blank for long
_ODD = 0.01  # share of odd cells in a column of 0 and 1
_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class TableShape:
    """How a label table is written.

    Attributes:
        delimiter: Between cells; a space stands for any run of spaces.
        header: Whether a line names the columns.
        skip: Lines before the first row: the header, and a count of rows above it.
        names: All columns; `0`, `1` … without a header.
        id_column: The one that names the image, or None: rows are numbered then.
        flags: Columns of 0 and 1, one a class; empty if `words` is given.
        words: The column that lists the classes of an image, or None.
        separator: Between the words of one cell.
    """

    delimiter: str
    header: bool
    skip: int
    names: tuple[str, ...]
    id_column: str | None
    flags: tuple[str, ...] = ()
    words: str | None = None
    separator: str = "|"


def sniff_table(path: Path, id_column: str | None = None, separator: str | None = None) -> TableShape:
    """Say how a label table is written, from its first thousands of rows.

    Args:
        path: CSV, TSV or text file.
        id_column: The column that names the image, if that is known.
        separator: Between the words of one cell, if that is known.

    Raises:
        DatasetError: The file cannot be read or is no label table.
    """
    lines = _first_lines(path)
    try:
        delimiter = _find_delimiter(lines)
        rows = _split(lines, delimiter)
    except csv.Error as error:
        raise DatasetError(f"{path} is no table of text ({error}); choose another file.") from error
    rows, skip = _drop_count(rows)
    width = len(rows[0])
    rows = [[cell.strip() for cell in row] for row in rows if len(row) == width]
    header = _has_header(rows)
    names = tuple(rows[0]) if header else tuple(map(str, range(width)))
    if len(set(names)) < width:
        twice = next(name for name in names if names.count(name) > 1)
        raise DatasetError(f"{path}: two columns are called {twice!r}; rename one of them.")
    cells = {name: [row[place] for row in rows[header:]] for place, name in enumerate(names)}
    if id_column is not None and id_column not in names:
        raise DatasetError(f"{path} has no column {id_column!r}; its columns are {', '.join(names[:12])}.")
    shape = _describe(cells, delimiter, id_column, separator, header, skip + header)
    if shape is None:
        raise DatasetError(
            f"{path} is no label table: it has neither columns of 0 and 1, nor a column of words such as "
            "'A|B' called label, finding, tag or class. Name the separator, or rename the column."
        )
    return shape


def _describe(
    cells: dict[str, list[str]],
    delimiter: str,
    id_column: str | None,
    separator: str | None,
    header: bool,
    skip: int,
) -> TableShape | None:
    names = tuple(cells)
    flags = tuple(name for name in names if name != id_column and _is_flags(cells[name]))
    others = [name for name in names if name not in flags]
    key = id_column or _find_id(cells, others)
    words = _find_words(cells, [name for name in others if name != key], header, separator)
    if words is not None and (len(flags) < 3 or separator is not None):
        mark = separator or _find_separator(cells[words])
        return TableShape(delimiter, header, skip, names, key, (), words, mark)
    return TableShape(delimiter, header, skip, names, key, flags) if flags else None


def _first_lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            text = file.read(_BYTES).decode(
                "utf-8-sig", errors="strict" if path.stat().st_size < _BYTES else "ignore"
            )
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); check its permissions.") from error
    lines = [line for line in text.splitlines() if line.strip()][: _ROWS + 1]
    if not lines or "\0" in text[:1000]:
        raise DatasetError(f"{path} holds no text rows, so it is no label table; choose another file.")
    return lines


def _split(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    if delimiter == " ":
        return [line.split() for line in lines]
    return list(csv.reader(lines, delimiter=delimiter))


def _find_delimiter(lines: Sequence[str]) -> str:
    """The sign that occurs equally often in most rows; spaces only where nothing else does."""
    for delimiter in ("\t", ",", ";"):
        counts = [len(row) for row in csv.reader(lines[:200], delimiter=delimiter)]
        if counts and counts[0] > 1 and counts.count(counts[0]) >= 0.8 * len(counts):
            return delimiter
    return " "


def _drop_count(rows: list[list[str]]) -> tuple[list[list[str]], int]:
    """Leave out a first line that only counts the rows; name the ids where the header leaves them out."""
    skip = int(len(rows) > 2 and len(rows[0]) == 1 < len(rows[1]) and rows[0][0].strip().isdigit())
    rows = rows[skip:]
    wider = sum(len(row) == len(rows[0]) + 1 for row in rows)
    if 2 * wider > len(rows) and _has_header(rows):
        rows = [["image", *rows[0]], *rows[1:]]
    return rows, skip


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is none like the others: no picture, no flag, no path above paths."""
    first, others = rows[0], rows[1:]
    if not others or any(is_picture(cell) or (cell.lower() in FLAGS and cell) for cell in first):
        return False
    paths = (place for place, cell in enumerate(first) if "/" in cell)
    return not any(all("/" in row[place] for row in others if place < len(row)) for place in paths)


def _is_flags(cells: Sequence[str]) -> bool:
    """Whether cells are 0 and 1, but for a few odd ones: their rows are at fault, not the column."""
    counts = Counter(cell.lower() for cell in cells)
    filled = counts.total() - counts[""] - counts["nan"]
    odd = sum(count for cell, count in counts.items() if cell not in FLAGS)
    return filled > 0 and odd <= _ODD * filled


def _find_id(cells: dict[str, list[str]], names: Sequence[str]) -> str | None:
    unique = [name for name in names if len(set(cells[name])) == len(cells[name])]
    for choices in ([name for name in unique if _ID.search(name)], unique, names):
        if choices:
            return choices[0]
    return None


def _find_words(
    cells: dict[str, list[str]], names: Sequence[str], header: bool, separator: str | None
) -> str | None:
    hinted = [name for name in names if _WORDS.search(name)] if header else []
    marks = (separator,) if separator else ("|", ";")
    marked = [name for name in names if any(mark in cell for mark in marks for cell in cells[name])]
    return next((name for name in [*(name for name in hinted if name in marked), *hinted, *marked]), None)


def _find_separator(cells: Sequence[str]) -> str:
    for mark in _SEPARATORS[:3]:
        if any(mark in cell for cell in cells):
            return mark
    whole = {cell for cell in cells if cell.lower() not in NOTHING}
    words = {word for cell in whole for word in cell.split()}
    return " " if words and len(words) <= len(whole) and words != whole else "|"
