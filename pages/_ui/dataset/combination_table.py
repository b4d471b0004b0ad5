"""Combinations: the K distinct label vectors, and how often each occurs."""

import streamlit as st

from core.domain.scan import ScannedDataset
from pages._ui import cache, tables
from pages._ui.dataset.combinations import most_common
from pages._ui.words import count, counted

_MOST_ROWS = 2000  # more rows than anyone reads cost seconds to send; the file has all
_IN_SIGHT = 18


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """The whole tab."""
    table = cache.label_table(dataset_id)
    once = int((table.multiplicities == 1).sum())
    st.markdown(
        f"{counted(len(table.multiplicities), 'combination')} of classes in "
        f"{counted(len(dataset.samples), 'image')}; {count(once)} of them occur only once. "
        "Images with the same combination are alike to the balancer."
    )
    word = st.text_input("Combinations with a class named", key="combinations.find", live=True, width=420)
    lines, found = most_common(table, _MOST_ROWS, word or "")
    largest = 100 * float(lines["share"].max()) if len(lines) else 100.0
    st.dataframe(
        lines.assign(share=100 * lines["share"]),
        key="combinations.table",
        hide_index=True,
        height="content" if len(lines) <= _IN_SIGHT else 35 * _IN_SIGHT,
        column_config={
            "combination": st.column_config.TextColumn("Combination", width=600),
            "images": st.column_config.NumberColumn("Images", format="localized", width=80),
            "share": st.column_config.ProgressColumn(
                "Share of images",
                width=180,
                format="%.1f %%" if largest >= 1 else "%.3f %%",
                min_value=0,
                max_value=largest,
            ),
        },
    )
    if found > len(lines):
        st.caption(f"The commonest {count(len(lines))} of {count(found)} combinations. The file has all.")
    tables.save_button(
        lambda: cache.combination_table(dataset_id),
        key="combinations.csv",
        file_name=f"{dataset_id}_combinations.csv",
    )
