"""The frame around every page: page config, logo, style, and the open dataset in the sidebar."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.errors import AppError
from pages._ui import state
from pages._ui.entry import ROOT
from pages._ui.words import counted, escaped

_ASSETS = ROOT / "assets"
_WIDTH = 240  # pixels of the sidebar: the work needs the rest at 1280


def set_up() -> None:
    """Page config, logo and style sheet."""
    st.set_page_config(
        page_title="Counterpoise",
        page_icon=str(_ASSETS / "mark.png"),
        layout="wide",
        initial_sidebar_state=_WIDTH,
    )
    st.logo(str(_ASSETS / "logo.svg"), size="large", icon_image=str(_ASSETS / "mark.svg"))
    st.html(_ASSETS / "style.css")


def name_tab(title: str) -> None:
    """The browser tab says which page it is."""
    st.set_page_config(page_title=f"{title} · Counterpoise")


def navigation(sections: "Mapping[str, Sequence[st.Page]]") -> None:
    """The menu; unlike Streamlit's own, its links carry the open dataset, also into a new tab."""
    dataset_id = state.dataset_id()
    address = {"dataset": dataset_id} if dataset_id else None
    for section, pages in sections.items():
        with st.container(gap="xxsmall"):
            if section:
                st.caption(section)
            for page in pages:
                st.page_link(page, query_params=address, width="stretch")


def open_dataset() -> None:
    """The open dataset: its name, its size, and the way to another."""
    dataset_id = state.dataset_id()
    if dataset_id is None:
        return
    with st.container(gap="xxsmall"):
        st.caption("Open dataset")
        name, line = _describe(dataset_id)
        st.markdown(f"**{escaped(name)}**")
        st.caption(line)
        if st.button("Open another", key="frame.another", type="tertiary", icon=":material/folder_open:"):
            st.switch_page("pages/home.py")


def _describe(dataset_id: str) -> tuple[str, str]:
    """Name and one line of a dataset that may not have been scanned, or may be gone."""
    from core.services import datasets
    from pages._ui import cache

    try:
        dataset = cache.dataset(dataset_id)
    except AppError:
        known = next((item for item in datasets.list_datasets() if item.id == dataset_id), None)
        return (known.name, "must be scanned") if known else (dataset_id, "not in this workspace")
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
