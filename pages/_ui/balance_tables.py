"""Below the pictures: classes, combinations and images in whole copies, and what becomes of kept plans."""

import base64
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from core.services import balance
from pages._ui import cache, messages, state, tables
from pages._ui.balance import classes, peers, steps, tradeoff
from pages._ui.balance.desk import Desk
from pages._ui.plans import balanced_set, folds, shelf
from pages._ui.words import count, counted

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_PAGE = 10
_THUMBNAIL = 160
_MOST_ROWS = 1000  # more rows than anyone reads would take seconds to send; the file has all
_ORDERS: Final[dict[str, balance.ImageOrder]] = {
    "Most copies first": "most",
    "Fewest copies first": "fewest",
    "By name": "name",
}
_WHICH: Final[dict[str, balance.Which]] = {
    "All": "all",
    "Duplicated": "duplicated",
    "Once": "once",
    "Dropped": "dropped",
}


@messages.guarded()
def draw(desk: Desk, refresh: Callable[[], None]) -> None:
    """The tabs; the tables are those of the state at which the descent last rested."""
    labels = {
        "Copies per combination": _combinations,
        "Copies per image": _images,
        "Classes": classes.draw,
        "Trade-off": partial(tradeoff.draw, refresh=refresh),
        "Peers": peers.draw,
        steps.PLANS: shelf.draw,
        steps.FOLDS: folds.draw,
        steps.SET: balanced_set.draw,
    }
    st.caption(
        f"Whole copies at step {count(desk.live.state.step)}; the tables follow when the descent rests."
    )
    state.follow_view(steps.TABS, labels)
    tabs = st.tabs(list(labels), key=steps.TABS, on_change="rerun")
    for tab, (name, part) in zip(tabs, labels.items(), strict=True):
        if tab.open:
            state.set_view(name)
            with tab, messages.guarded():
                part(desk)


def _combinations(desk: Desk) -> None:
    words = st.text_input(
        "Find a combination", key="balance.find_combination", placeholder="part of a class name"
    )
    shown = balance.group_table(desk.labels, desk.whole, words or "", _MOST_ROWS)
    column = st.column_config.NumberColumn
    st.dataframe(
        shown,
        hide_index=True,
        key="balance.group_table",
        alt="Copies per combination of classes",
        column_config={
            "combination": st.column_config.TextColumn("Combination", width="large"),
            "images": column("Images", format="localized"),
            "copies": column("Copies", format="localized"),
            "copies_per_image": column(
                "Copies per image", format="%.2f", help="Copies ÷ images of the combination"
            ),
            "change": column("Change", format="localized", help="Copies − images"),
        },
    )
    if len(shown) == _MOST_ROWS:
        st.caption(f"Shown: the {count(_MOST_ROWS)} with the most copies. The file has all.")
    tables.save_button(
        lambda: balance.group_table(desk.labels, desk.whole),
        key="balance.groups.csv",
        file_name=f"{desk.dataset_id}_copies_combinations.csv",
    )


def _images(desk: Desk) -> None:
    found = _find_images(desk)
    if not found.size:
        st.markdown("No image fits. Type less, or choose all copies.")
        return
    page = _turn_pages(len(found))
    places = found[page * _PAGE : (page + 1) * _PAGE]
    visible = balance.image_table(desk.dataset, desk.labels, desk.whole, places)
    st.dataframe(
        _with_pictures(desk, visible),
        hide_index=True,
        key="balance.image_table",
        row_height=64,
        alt="Copies per image",
        column_config={
            "picture": st.column_config.ImageColumn("", width="small"),
            "image": "Image",
            "copies": st.column_config.NumberColumn("Copies", width="small"),
            "combination": st.column_config.TextColumn("Combination", width="large"),
            "group": "Group",
        },
    )
    tables.save_button(
        lambda: balance.image_table(desk.dataset, desk.labels, desk.whole),
        key="balance.images.csv",
        file_name=f"{desk.dataset_id}_copies_images.csv",
    )


def _find_images(desk: Desk) -> "NDArray[np.intp]":
    """Positions of the images that the filter leaves, in the chosen order."""
    left, middle, right = st.columns([2, 1, 1])
    words = left.text_input(
        "Find", key="balance.find_image", placeholder="part of an image's or a class's name"
    )
    which = middle.selectbox("Which", list(_WHICH), key="balance.which")
    order = right.selectbox("Order", list(_ORDERS), key="balance.order")
    return balance.find_images(desk.labels, desk.whole, words or "", _WHICH[which], _ORDERS[order])


def _turn_pages(found: int) -> int:
    pages = -(-found // _PAGE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page = st.number_input("Page", 1, pages, 1, key="balance.page", width=140) if pages > 1 else 1
        first = (page - 1) * _PAGE + 1
        st.caption(f"{count(first)} to {count(min(first + _PAGE - 1, found))} of {counted(found, 'image')}")
    return int(page) - 1


def _with_pictures(desk: Desk, visible: "pd.DataFrame") -> "pd.DataFrame":
    """The visible lines with their overlays; without images there is no such column."""
    if not any(desk.dataset.samples[position].image for position in visible.index):
        return visible
    drawn: list[Any] = cache.overlays(desk.dataset_id, tuple(int(i) for i in visible.index), _THUMBNAIL)
    pictures = [
        f"data:image/png;base64,{base64.b64encode(item).decode()}" if isinstance(item, bytes) else None
        for item in drawn
    ]
    return visible.assign(picture=pictures)[["picture", *visible.columns]]
