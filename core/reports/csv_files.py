"""CSV that any program reads, and that no spreadsheet runs."""

import csv
import io
from collections.abc import Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def encode_csv(rows: Sequence[Sequence[object]]) -> bytes:
    r"""Rows as CSV in UTF-8.

    A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV injection):
    names and comments may come from anywhere.

    >>> encode_csv([("a", "=1+1"), (1.5, -2)])
    b"a,'=1+1\n1.5,-2\n"
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[_guard(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8", "surrogateescape")


def _guard(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
