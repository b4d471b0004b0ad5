"""Overview: presence and pixel share side by side, and which classes occur together."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.domain.scan import ScannedDataset
from pages._ui import cache, charts, tables
from pages._ui.dataset import charts as dataset_charts
from pages._ui.words import count, duration

if TYPE_CHECKING:
    import pandas as pd

_MOST_ROWS = 30
_MOST_CELLS = 80
_PAIRS_A_SECOND = 5e9  # pairs of classes in one label vector that two cores count in a second
_LONG = 2.0  # seconds; what takes longer is done when someone asks
_ORDERS = ["dataset's order", "commonest first", "rarest first"]


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """The whole tab."""
    table = cache.class_table(dataset_id)
    shown = _choose(table) if len(table) > _MOST_ROWS else table
    left, right = st.columns(2, gap="large")
    with left:
        _presence(dataset_id, shown, dataset)
    with right:
        _pixels(dataset_id, shown, dataset)
    tables.save_button(lambda: table, key="overview.csv", file_name=f"{dataset_id}_classes.csv")
    if len(dataset.balanced_columns) > 1:
        _together(dataset_id, dataset)


def _choose(table: "pd.DataFrame") -> "pd.DataFrame":
    """The classes to draw where there are too many for one chart."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Find a class", key="overview.find", live=True, width=320)
        order = st.segmented_control(
            "Order", _ORDERS, default=_ORDERS[1], required=True, key="overview.order"
        )
    found = table[table["name"].str.contains(words, case=False, regex=False)] if words else table
    if order != _ORDERS[0]:
        found = found.sort_values("presence", ascending=order == _ORDERS[2], kind="stable")
    st.caption(
        f"{count(min(len(found), _MOST_ROWS))} of {count(len(table))} classes are drawn; the table has all."
    )
    return found.head(_MOST_ROWS)


def _presence(dataset_id: str, table: "pd.DataFrame", dataset: ScannedDataset) -> None:
    st.subheader(
        "Presence",
        anchor=False,
        help="Share of images that contain the class: images with one or more of its pixels ÷ usable images.",
    )
    figure = dataset_charts.presence(table, len(dataset.samples))
    alt = "Bars: share of images that contain each class. The values are in the table."
    charts.show(figure, key="overview.presence", file_name=f"{dataset_id}_presence", alt=alt)


def _pixels(dataset_id: str, table: "pd.DataFrame", dataset: ScannedDataset) -> None:
    st.subheader(
        "Pixel share",
        anchor=False,
        help="The class's pixels ÷ all pixels of the set that are not void. Where classes overlap, the "
        "shares may add up to more than 100 %.",
    )
    if dataset.pixels is None:
        st.markdown("This dataset has labels only. Pixel shares need masks.")
        return
    figure = dataset_charts.pixel_share(table)
    alt = "Dots on a logarithmic axis: share of all pixels of each class. The values are in the table."
    charts.show(figure, key="overview.pixels", file_name=f"{dataset_id}_pixel_share", alt=alt)


def _together(dataset_id: str, dataset: ScannedDataset) -> None:
    st.subheader("Classes that occur together", anchor=False)
    vectors = cache.label_table(dataset_id).multiplicities.size
    seconds = vectors * len(dataset.balanced_columns) ** 2 / _PAIRS_A_SECOND
    if seconds > _LONG and not st.toggle(
        f"Count all pairs, which takes about {duration(seconds)}", key=f"overview.count.{dataset_id}"
    ):
        return
    names, counts, conditional = cache.cooccurrence(dataset_id)
    measures = ["images with both", "share of the row's images"]
    measure = st.segmented_control(
        "Measure",
        measures,
        default=measures[0],
        required=True,
        key="overview.measure",
        label_visibility="collapsed",
    )
    chosen = np.arange(len(names))
    if len(names) > _MOST_CELLS:
        chosen = np.sort(np.argsort(-np.diag(counts), kind="stable")[:_MOST_CELLS])
        st.caption(f"The {_MOST_CELLS} commonest of {count(len(names))} classes; the table has all.")
    cells = np.ix_(chosen, chosen)
    figure = dataset_charts.cooccurrence(
        [names[i] for i in chosen], counts[cells], conditional[cells], as_share=measure == measures[1]
    )
    alt = "Heat map: in how many images each pair of classes occurs together. The values are in the table."
    charts.show(figure, key="overview.together", file_name=f"{dataset_id}_cooccurrence", alt=alt)
    tables.save_button(
        lambda: _square(names, counts),
        key="overview.together.csv",
        file_name=f"{dataset_id}_cooccurrence.csv",
    )


def _square(names: list[str], counts: "NDArray[np.int64]") -> "pd.DataFrame":
    import pandas as pd

    frame = pd.DataFrame(counts, columns=names)
    frame.insert(0, "class", names)
    return frame
