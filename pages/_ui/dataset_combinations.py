"""Combinations: the K distinct label vectors, and how often each occurs."""

import streamlit as st

from core.domain.scan import ScannedDataset
from pages._ui import cache, tables
from pages._ui.words import count, counted

_MOST_ROWS = 2000  # more rows than anyone reads cost seconds to send; the file has all
_MOST_LETTERS = 400
_IN_SIGHT = 18


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """The whole tab."""
    table = cache.combination_table(dataset_id)
    once = int((table["images"] == 1).sum())
    st.markdown(
        f"{counted(len(table), 'combination')} of classes in {counted(len(dataset.samples), 'image')}; "
        f"{count(once)} of them occur only once. Images with the same combination are alike to the balancer."
    )
    words = st.text_input("Find a class or combination", key="combinations.find", live=True, width=420)
    found = table[table["combination"].str.contains(words, case=False, regex=False)] if words else table
    shown = found[["combination", "images", "share"]].head(_MOST_ROWS)
    st.dataframe(
        shown.assign(
            share=100 * shown["share"], combination=shown["combination"].str.slice(0, _MOST_LETTERS)
        ),
        key="combinations.table",
        hide_index=True,
        height="content" if len(shown) <= _IN_SIGHT else 35 * _IN_SIGHT,
        column_config={
            "combination": st.column_config.TextColumn("Combination", width=600),
            "images": st.column_config.NumberColumn("Images", format="localized", width=80),
            "share": st.column_config.ProgressColumn(
                "Share of images",
                width=180,
                format="%.1f %%",
                min_value=0,
                max_value=float(100 * table["share"].max()) if len(table) else 100.0,
            ),
        },
    )
    if len(found) > _MOST_ROWS:
        st.caption(f"The first {count(_MOST_ROWS)} of {count(len(found))} lines. The file has all.")
    tables.save_button(lambda: table, key="combinations.csv", file_name=f"{dataset_id}_combinations.csv")
