"""The frame around every page: page config, logo, style, and the open dataset in the sidebar."""

import streamlit as st

from core.errors import AppError
from core.services import datasets
from pages._ui import cache, state
from pages._ui.entry import ROOT
from pages._ui.words import counted, escaped

_ASSETS = ROOT / "assets"


def set_up() -> None:
    """Page config, logo and style sheet."""
    st.set_page_config(page_title="Counterpoise", page_icon=str(_ASSETS / "mark.png"), layout="wide")
    st.logo(str(_ASSETS / "logo.svg"), size="large", icon_image=str(_ASSETS / "mark.svg"))
    st.html(_ASSETS / "style.css")


def open_dataset() -> None:
    """The open dataset: its name, its size, and the way to another."""
    dataset_id = state.dataset_id()
    st.caption("Open dataset")
    if dataset_id is None:
        st.markdown("None yet")
        st.page_link("pages/home.py", label="Open one", icon=":material/folder_open:")
        return
    name, line = _describe(dataset_id)
    st.markdown(f"**{escaped(name)}**")
    st.caption(line)
    st.page_link("pages/home.py", label="Open another", icon=":material/folder_open:")


def _describe(dataset_id: str) -> tuple[str, str]:
    """Name and one line of a dataset that may not have been scanned, or may be gone."""
    try:
        dataset = cache.dataset(dataset_id)
    except AppError:
        return datasets.find_spec(dataset_id).name, "not scanned yet"
    classes = len(dataset.balanced_columns)
    return dataset.spec.name, f"{counted(dataset.images, 'image')} · {counted(classes, 'class', 'classes')}"


def heading(title: str, line: str = "") -> "st.delta_generator.DeltaGenerator":
    """A page's title with one line of state under it, and a place for its primary button at the right."""
    row = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    with row.container(width="stretch", gap=None):
        st.title(escaped(title), anchor=False)
        if line:
            st.markdown(line)
    return row.container(width="content")
