"""The table in which classes are edited, and what became of them."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.classes import ClassRole, ClassSpec, class_colours
from core.errors import DatasetError
from core.services import datasets
from pages._ui import theme

if TYPE_CHECKING:
    import pandas as pd

_COLOUR = r"^#[0-9A-Fa-f]{6}$"


def edit(classes: Sequence[ClassSpec], *, key: str, columns: Sequence[str], rows: int) -> "pd.DataFrame":
    """Draw the table; returns its rows as they stand, for `read_rows`.

    Args:
        classes: One row each, in this order.
        key: Must change whenever `classes` do, or the table would go on from old edits.
        columns: Of swatch, name, colour, role, index, key: those to show, in this order.
        rows: At most so many are in sight; longer tables scroll.
    """
    import pandas as pd

    colours = class_colours(classes)
    table = pd.DataFrame(
        {
            "swatch": [theme.swatch(colour) for colour in colours],
            "name": [item.name for item in classes],
            "colour": colours,
            "role": [item.role.value for item in classes],
            "index": pd.array([item.index for item in classes], dtype="Int64"),
            "key": [item.key for item in classes],
        }
    )
    column = st.column_config
    edited: pd.DataFrame = st.data_editor(
        table,
        key=key,
        hide_index=True,
        height="content" if len(table) <= rows else 35 * rows,
        column_order=list(columns),
        disabled=["swatch", "key"],
        column_config={
            "swatch": column.ImageColumn("", width=40),
            "name": column.TextColumn("Name", required=True, max_chars=120, width="medium"),
            "colour": column.TextColumn("Colour", required=True, validate=_COLOUR, help="As #RRGGBB."),
            "role": column.SelectboxColumn("Role", required=True, options=[role.value for role in ClassRole]),
            "index": column.NumberColumn(
                "Index",
                min_value=0,
                max_value=65535,
                step=1,
                help="The class's value in masks written from here.",
            ),
            "key": column.TextColumn("In the files", help="How the class occurs in the mask files."),
        },
    )
    return edited


def read_rows(before: Sequence[ClassSpec], rows: "pd.DataFrame") -> list[ClassSpec]:
    """The classes that an edited table describes; a colour stays unset where it is still the series' own.

    Raises:
        DatasetError: a name is empty, or a colour is none.
    """
    after = []
    for item, own, row in zip(before, class_colours(before), rows.to_dict("records"), strict=True):
        name, colour = str(row["name"] or "").strip(), str(row["colour"] or "").strip()
        if not name:
            raise DatasetError(f"The class {item.key} has no name; type one.")
        if not re.fullmatch(_COLOUR, colour):
            raise DatasetError(
                f"{name}: {colour!r} is not a colour; write it as #RRGGBB, for instance #0072B2."
            )
        changes = {
            "name": name,
            "role": ClassRole(row["role"]),
            "index": _whole(row["index"]),
            "colour": item.colour if colour.lower() == own.lower() else colour,
        }
        after.append(item.model_copy(update=changes))
    datasets.check_classes(after)
    return after


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and value == value else None  # NaN is not itself


def describe_changes(before: Sequence[ClassSpec], after: Sequence[ClassSpec]) -> list[str]:
    """One phrase for each change, fit for a sentence."""
    phrases = []
    for old, new in zip(before, after, strict=True):
        if new.name != old.name:
            phrases.append(f"{old.name} is called {new.name}")
        if new.role is not old.role:
            phrases.append(f"{new.name} becomes {new.role.value}")
        if new.index != old.index:
            phrases.append(f"{new.name} is written as {'nothing' if new.index is None else new.index}")
        if new.colour != old.colour:
            phrases.append(f"{new.name} is drawn in {new.colour}")
    return phrases
