"""Classes in a table: what each had, shall have, has now and gets in whole copies."""

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui import tables
from pages._ui.balance.columns import IMAGES_TITLE, PIXELS_TITLE
from pages._ui.balance.desk import Desk

if TYPE_CHECKING:
    import pandas as pd

_MOST_HEIGHT = 460  # pixels; more classes scroll
_ROW_HEIGHT = 35


def draw(desk: Desk) -> None:
    """One table for images, one for pixels: their shares are of different things."""
    frame = class_frame(desk)
    kinds = [(IMAGES_TITLE, False), (PIXELS_TITLE, True)]
    for title, of_pixels in kinds:
        part = frame[frame["of_pixels"] == of_pixels]
        if part.empty:
            continue
        if desk.quantity == "both":
            st.markdown(f"**{title}**")
        _table(part, title, of_pixels)
    tables.save_button(
        lambda: frame.assign(of_pixels=frame["of_pixels"].map({True: "pixels", False: "images"})).rename(
            columns={"of_pixels": "share_of"}
        ),
        key="balance.classes.csv",
        file_name=f"{desk.dataset_id}_balance_classes.csv",
    )


def class_frame(desk: Desk) -> "pd.DataFrame":
    """One line a column, shares in per cent: original, target, now, whole copies, what is missed, weight."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "class": [column.name for column in desk.columns],
            "original": 100 * desk.original,
            "target": 100 * desk.targets,
            "now": 100 * desk.live.continuous.shares,
            "whole": 100 * desk.whole.shares,
            "weight": [item.weight for item in desk.live.spec.column_targets],
            "of_pixels": [column.of_pixels for column in desk.columns],
        }
    )
    digits = frame["of_pixels"].map({True: 6, False: 2})
    for name, other in (("change", "original"), ("miss", "target")):
        off = frame["whole"] - frame[other]
        frame[name] = [round(value, digit) + 0.0 for value, digit in zip(off, digits, strict=True)]
    return frame


def _table(frame: "pd.DataFrame", title: str, of_pixels: bool) -> None:
    column = st.column_config.NumberColumn
    share, points = ("%.3g %%", "%.2g") if of_pixels else ("%.1f %%", "%.1f")
    shown = frame.drop(columns="of_pixels")
    if (shown["weight"] == 1).all():
        shown = shown.drop(columns="weight")
    of = "share of pixels, mean over the images" if of_pixels else "Λ(Ω)/|Ω|, share of the images"
    st.dataframe(
        shown,
        hide_index=True,
        key=f"balance.class_table.{'pixels' if of_pixels else 'images'}",
        height=min(_MOST_HEIGHT, _ROW_HEIGHT * (len(shown) + 1) + 3),
        alt=f"{title}: original, target, now, in whole copies",
        column_order=["class", "original", "target", "weight", "now", "whole", "change", "miss"],
        column_config={
            "class": "Class",
            "original": column("Original", help=of, format=share, width="small"),
            "target": column("Target", help="T", format=share, width="small"),
            "weight": column("Weight", help="Factor of the squared miss in L", format="%.4g", width="small"),
            "now": column("Now, continuous", help="Of the continuous weights", format=share, width="small"),
            "whole": column("Whole copies", help="Of the whole copies", format=share, width="small"),
            "change": column("Change, points", help="Whole copies − original", format=points, width="small"),
            "miss": column("Off target, points", help="Whole copies − target", format=points, width="small"),
        },
    )
