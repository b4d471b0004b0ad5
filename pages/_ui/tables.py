"""What tables share: the button that saves them, and sizes in words."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.spreadsheet import guard_formula

if TYPE_CHECKING:
    import pandas as pd


def save_button(
    make: "Callable[[], pd.DataFrame]", *, key: str, file_name: str, label: str = "Save as CSV"
) -> None:
    """A quiet button that saves a table as CSV, in full; the table is written only when someone asks.

    Args:
        make: Returns the whole table, also where the page shows a part of it.
        key: `page.thing`.
        file_name: With its extension.
        label: What the button says.
    """
    st.download_button(
        label,
        # with a BOM, or Excel breaks names in UTF-8
        lambda: make().map(guard_formula).to_csv(index=False).encode("utf-8-sig"),
        file_name=file_name,
        mime="text/csv",
        key=key,
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def file_size(size: int) -> str:
    """Bytes as people say them.

    >>> file_size(512), file_size(3_400_000), file_size(150_000_000_000)
    ('0.512 KB', '3.4 MB', '150 GB')
    """
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size / 1e3:.3g} KB"
