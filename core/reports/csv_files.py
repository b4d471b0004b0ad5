"""CSV that any program reads, and that no spreadsheet runs."""

import csv
import io
from collections.abc import Sequence

from core.domain.spreadsheet import guard_formula


def encode_csv(rows: Sequence[Sequence[object]]) -> bytes:
    r"""Rows as CSV in UTF-8.

    A text that a spreadsheet would run as a formula is kept from that, see `guard_formula`.

    >>> encode_csv([("a", "=1+1"), (1.5, -2)])
    b"a,'=1+1\n1.5,-2\n"
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[guard_formula(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8", "surrogateescape")
