"""Measurements: sizes and shapes of every region, and what is compared between organs."""

from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.identity import Identity
from core.services.reviews import measure_tables, measurements
from pages._ui import messages, tables
from pages._ui.review import measuring, organs, spacing
from pages._ui.words import count, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from core.domain.measuring import OrganChoice
    from core.services.reviews.measurements import MeasureList, Review

_FIRST: Final = (
    "area (px)", "area (mm²)", "equivalent diameter (px)", "equivalent diameter (mm)", "major axis (mm)",
    "minor axis (mm)", "perimeter (mm)", "components", "eccentricity", "solidity",
)  # fmt: skip
_VOLUME_FIRST: Final = (
    "volume", "class", "volume (voxels)", "volume (mm³)", "volume (ml)", "slices measured", "slices settled",
    "slices in all", "components", "equivalent diameter (mm)", "slice spacing from",
)  # fmt: skip
_VOLUME_HELP: Final = (
    "Slices' masks, stacked. mm³ needs the distance between slices: from the file, or given by hand where "
    "the file does not say it; n/a where slices are not evenly apart. See docs/measurement.md."
)
_WHOLE: Final = ("components", "from (px)", "to (px)", "area (px)", "voxels)")
_MOST_ROWS: Final = 2000
_NAME_WIDTH: Final = 220  # screen pixels
_HELP: Final = (
    "By scikit-image's regionprops, all parts of a class together. In mm only where the spacing is known; "
    "n/a where a figure would mean nothing. Centroids count from the middle of the first pixel. Formulas and "
    "conventions: docs/measurement.md."
)


def show(review: "Review", identity: Identity) -> None:
    """The table left, which classes are organs and the spacing right."""
    left, right = st.columns([3, 1], gap="medium")
    with right, messages.guarded():
        settled = st.toggle(
            "Settled cases only",
            key="measurements.settled",
            help="Else the model's mask stands for cases that are not settled yet.",
        )
        choice = organs.choose(review)
        spacing.draw(review, identity)
        shown = _choose_columns(review, choice)
    with left, messages.guarded():
        found = measurements.list_masks(review, identity, choice, settled)
        st.markdown(_line(found))
        if not found.masks:
            return
        measuring.ensure(review, found.missing, found.quick, "measurements")
        _volumes(measure_tables.volume_table(review, found.volumes))
        _classes(measure_tables.class_table(review, found.masks, choice), shown)
        _organs(measure_tables.organ_table(review, found.masks, choice))


def _line(found: "MeasureList") -> str:
    drawn = sum(item.drawn for item in found.masks)
    known = sum(item.spacing is not None for item in found.masks)
    parts = [f"{counted(len(found.masks), 'mask')}", f"{count(drawn)} drawn by readers"]
    if found.masks:
        some = f"spacing known of {count(known)}" if known else "spacing not known"
        parts.append("spacing known" if known == len(found.masks) else some)
    if found.without:
        parts.append(f"{counted(found.without, 'case')} without a mask to go on with")
    if found.hidden:
        parts.append(f"{counted(found.hidden, 'case')} hidden until you have read them")
    return " · ".join(parts)


def _choose_columns(review: "Review", choice: "OrganChoice") -> list[str]:
    names = measure_tables.list_measures(review, choice)
    with st.expander("Columns"):
        return st.multiselect(
            "Measures in sight",
            names,
            [name for name in _FIRST if name in names],
            key="measurements.shown",
            help="The file has all of them.",
        )


def _classes(table: "pd.DataFrame", shown: "Sequence[str]") -> None:
    if table.empty:
        return
    st.subheader("Classes", anchor=False, help=_HELP)
    known = [name for name in shown if "(mm" not in name or table[name].notna().any()]
    _show(table[["case", "class", "mask", *known]], "classes", "Measures of every class in every case")
    tables.save_button(
        lambda: table, key="measurements.csv", file_name="measurements.csv", label="All measures as CSV"
    )


def _volumes(table: "pd.DataFrame") -> None:
    if table.empty:
        return
    st.subheader("Volumes", anchor=False, help=_VOLUME_HELP)
    parts = table.loc[table["whole"] == "no", "volume"].nunique()
    if parts:
        st.caption(
            f"Slices of {count(parts)} of {counted(table['volume'].nunique(), 'volume')} have no mask here: "
            "their volume is that of a part, and shape and components are n/a."
        )
    _show(table[list(_VOLUME_FIRST)], "volumes", "Measures of every class in every volume")
    tables.save_button(lambda: table, key="measurements.volumes.csv", file_name="measurements_volumes.csv")


def _organs(table: "pd.DataFrame") -> None:
    if all(name in measure_tables.ABOUT for name in table.columns) or table.empty:
        return
    st.subheader(
        "Between organs",
        anchor=False,
        help="Ratios need no spacing. The cardiothoracic ratio is the heart's width over the widest row "
        "across both lungs, as masks give it; it does not replace one that a radiologist measures.",
    )
    _show(
        table.drop(columns=["state", *measure_tables.ABOUT[4:]]), "organs", "What is compared between organs"
    )
    tables.save_button(lambda: table, key="measurements.organs.csv", file_name="measurements_organs.csv")


def _show(table: "pd.DataFrame", key: str, alt: str) -> None:
    st.dataframe(
        table.head(_MOST_ROWS),
        hide_index=True,
        placeholder="n/a",
        key=f"measurements.{key}",
        alt=alt,
        column_config={name: _column(name) for name in table.columns},
    )
    if len(table) > _MOST_ROWS:
        st.caption(f"The first {count(_MOST_ROWS)} of {count(len(table))} lines. The file has all.")


def _column(name: str) -> object:
    config = st.column_config
    if name in measure_tables.ABOUT or name in ("volume", "slice spacing from"):
        hint = "Who drew it: a reader, or the model." if name == "mask" else None
        pinned = name in ("volume", "case", "class")
        width = _NAME_WIDTH if name in ("volume", "case") else None  # Paths would leave no room for figures
        return config.TextColumn(name.capitalize(), pinned=pinned, help=hint, width=width)
    title = name if ": " in name else name[0].upper() + name[1:]  # The name of a class comes first
    if name.startswith("slices") or name.endswith(_WHOLE):
        return config.NumberColumn(title, format="%d")
    fine = "(" not in name or name.endswith("(ml)")
    return config.NumberColumn(title, format="%.3f" if fine else "%.1f")
