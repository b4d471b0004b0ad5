"""Distributions: how large the images are, how large the regions of each class, how bright the pixels."""

from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.scan import ScannedDataset
from pages._ui import cache_dataset, charts, tables
from pages._ui.dataset import distribution_charts, gallery, intensity
from pages._ui.dataset.charts import share_fine
from pages._ui.words import count, counted, escaped, figure

if TYPE_CHECKING:
    import pandas as pd

_MOST_ROWS: Final = 30
_MOST_SIZES: Final = 400  # discs that a chart can show; the table has all
_COMMON: Final = 8


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """The whole tab."""
    _sizes(dataset_id, dataset)
    _regions(dataset_id, dataset)
    intensity.draw(dataset_id, dataset)


def _sizes(dataset_id: str, dataset: ScannedDataset) -> None:
    st.subheader(
        "Image size",
        anchor=False,
        help="Width and height of each usable image, in pixels as they are stored.",
    )
    table = cache_dataset.distributions(dataset_id).size_table
    if not len(table):
        st.markdown("This dataset has labels only, so the sizes of its images are not known.")
        return
    if len(table) == 1:
        line = table.iloc[0]
        st.markdown(f"All {counted(line['images'], 'image')} have {_size(line)} pixels.")
    else:
        _size_chart(dataset_id, dataset, table)
    _volumes(dataset_id)


def _size_chart(dataset_id: str, dataset: ScannedDataset, table: "pd.DataFrame") -> None:
    left, right = st.columns([2, 1], gap="large")
    with left:
        figure_ = distribution_charts.sizes(table.head(_MOST_SIZES))
        alt = (
            "Discs: width against height of the images, larger for commoner sizes. The table has the values."
        )
        charts.show(figure_, key="sizes.chart", file_name=f"{dataset_id}_sizes", alt=alt)
    with right:
        st.markdown(f"{counted(len(table), 'size')} in {counted(table['images'].sum(), 'image')}")
        common = table.head(_COMMON)
        st.dataframe(
            common.assign(size=[_size(line) for _, line in common.iterrows()], share=100 * common["share"])[
                ["size", "images", "share"]
            ],
            key="sizes.table",
            hide_index=True,
            height="content",
            column_config={
                "size": st.column_config.TextColumn("Pixels", help="Width × height."),
                "images": st.column_config.NumberColumn("Images", format="localized"),
                "share": st.column_config.NumberColumn("Share", format="%.1f %%"),
            },
        )
        extremes = cache_dataset.distributions(dataset_id).extremes
        with st.container(gap=None):
            for word, position in zip(("Smallest", "Largest"), extremes or (), strict=False):
                gallery.open_button(dataset, position, key=f"sizes.{word}", before=f"{word}: ")
        tables.save_button(lambda: table, key="sizes.csv", file_name=f"{dataset_id}_sizes.csv")


def _volumes(dataset_id: str) -> None:
    table = cache_dataset.distributions(dataset_id).volume_table
    if not len(table):
        return
    st.dataframe(
        table.assign(**{name: table[name].map(figure) for name in ("smallest", "median", "largest")}),
        key="sizes.volumes",
        hide_index=True,
        height="content",
        column_config={
            "quantity": "Of each sample",
            "smallest": "Smallest",
            "median": "Median",
            "largest": "Largest",
            "known": st.column_config.NumberColumn(
                "Samples that say it", format="localized", help="The others do not say it in their file."
            ),
        },
    )


def _regions(dataset_id: str, dataset: ScannedDataset) -> None:
    st.subheader(
        "Region size",
        anchor=False,
        help="The class's pixels in an image ÷ the image's pixels that are not void, over the images that "
        "hold the class. The bar holds the middle half of these images, the line runs from the 5th to the "
        "95th percentile, the mark is the median.",
    )
    if dataset.pixels is None:
        st.markdown("This dataset has labels only. Region sizes need masks.")
        return
    table = cache_dataset.distributions(dataset_id).region_table
    seen = table[table["images"] > 0]
    if not len(seen):
        st.markdown("No image holds a class.")
        return
    left, right = st.columns([2, 1], gap="large")
    with left:
        shown = seen.sort_values("images", ascending=False).head(_MOST_ROWS).sort_index()
        if len(seen) > len(shown):
            st.caption(f"The {count(len(shown))} commonest of {count(len(seen))} classes; the table has all.")
        alt = (
            "Bars on a logarithmic axis: share of an image that each class covers. The table has the values."
        )
        charts.show(
            distribution_charts.regions(shown),
            key="regions.chart",
            file_name=f"{dataset_id}_regions",
            alt=alt,
        )
        tables.save_button(lambda: table, key="regions.csv", file_name=f"{dataset_id}_region_sizes.csv")
    with right:
        _smallest(dataset_id, dataset)


def _smallest(dataset_id: str, dataset: ScannedDataset) -> None:
    st.markdown("Smallest regions", help="A few stray pixels of a class are often a slip of the pen.")
    for place, region in enumerate(cache_dataset.distributions(dataset_id).smallest_regions):
        name = dataset.classes[region.column].name
        size = f"{counted(region.pixels, 'pixel')}, {share_fine(region.share)}"
        with st.container(gap=None):
            st.markdown(f"**{escaped(name)}** · {size}")
            gallery.open_button(dataset, region.position, key=f"regions.open.{place}")


def _size(line: "pd.Series[int]") -> str:
    return f"{count(line['width'])} × {count(line['height'])}"
