"""Compare: runs side by side."""

import streamlit as st

from pages._ui import entry


def draw() -> None:
    """The whole page."""
    st.title("Compare", anchor=False)


entry.page(draw)
