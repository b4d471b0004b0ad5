"""Which column of a class table holds the name, the value, the colour, the role."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import DatasetError

_NAME = (
    "name",
    "class_name",
    "classname",
    "class",
    "label",
    "category",
    "title",
    "classes",
    "labels",
    "supercategory",
)
_VALUE = (
    "value",
    "pixel_value",
    "pixel",
    "id",
    "class_id",
    "classid",
    "label_id",
    "index",
    "number",
    "code",
    "key",
    "train_id",
    "trainid",
)
_COLOUR = ("colour", "color", "rgb", "hex", "palette")
_CHANNELS = (("r", "g", "b"), ("red", "green", "blue"))


@dataclass(frozen=True, slots=True)
class ClassColumns:
    """Places of the columns; None where there is none."""

    name: int | None = None
    value: int | None = None
    colour: int | None = None
    channels: tuple[int, ...] = ()
    role: int | None = None


def find_columns(header: Sequence[str]) -> ClassColumns:
    """The columns that a header names.

    >>> find_columns(["class", "r", "g", "b"]).channels
    (1, 2, 3)
    """
    names = [name.strip().lower().replace(" ", "_") for name in header]
    channels = next((trio for trio in _CHANNELS if all(name in names for name in trio)), ())
    return ClassColumns(
        name=_first(names, _NAME),
        value=_first(names, _VALUE),
        colour=_first(names, _COLOUR),
        channels=tuple(names.index(name) for name in channels),
        role=_first(names, ("role",)),
    )


def split_rows(
    lines: Sequence[tuple[int, str]], where: str
) -> tuple[ClassColumns, list[tuple[int, list[str]]]]:
    """Columns and cells of a table, with or without a header.

    Args:
        lines: Number and text of each line that is not empty.
        where: The file's name, for messages.

    Raises:
        DatasetError: A row has another number of cells than the first, or no column holds names.
    """
    if not lines:
        return ClassColumns(), []
    texts = [text for _, text in lines]
    delimiter = max("\t;,", key=texts[0].count)
    rows = [
        (number, [cell.strip() for cell in cells])
        for (number, _), cells in zip(lines, csv.reader(texts, delimiter=delimiter), strict=False)
    ]
    width = len(rows[0][1])
    odd = next(((number, cells) for number, cells in rows if len(cells) != width), None)
    if odd:
        raise DatasetError(
            f"{where}, line {odd[0]}: {len(odd[1])} cells, but the first line has {width}; correct it."
        )
    header = find_columns(rows[0][1])
    if header.name is not None and (header != ClassColumns(name=header.name) or len(rows) == 1 or width == 1):
        return header, rows[1:]
    columns = _guess_columns([cells for _, cells in rows])
    if columns.name is None:
        raise DatasetError(
            f"{where}: no column holds names; write a header such as name,value or name,r,g,b."
        )
    return columns, rows


def _guess_columns(rows: Sequence[Sequence[str]]) -> ClassColumns:
    columns = list(zip(*rows, strict=True))
    numeric = [place for place, cells in enumerate(columns) if all(_is_number(cell) for cell in cells)]
    colour = next(
        (place for place, cells in enumerate(columns) if all(cell.startswith("#") for cell in cells)), None
    )
    name = next((place for place in range(len(columns)) if place not in numeric and place != colour), None)
    if len(numeric) == 3:
        return ClassColumns(name=name, channels=tuple(numeric))
    if len(numeric) >= 4:
        return ClassColumns(name=name, value=numeric[0], channels=tuple(numeric[1:4]))
    return ClassColumns(name=name, value=numeric[0] if numeric else None, colour=colour)


def _is_number(cell: str) -> bool:
    return cell.removeprefix("-").isdigit()


def _first(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)
