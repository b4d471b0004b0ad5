"""The demo, one click away from every page."""

import streamlit as st

from pages._ui import state


def open_button(key: str) -> None:
    """The button that makes the demo and leads to it."""
    if not st.button("Open the demo", key=key, type="primary"):
        return
    from core.services import datasets

    state.drop(state.DRAFT)
    state.set_run(datasets.start_demo())
    st.switch_page("pages/dataset.py")
