"""Home: what the program is, the demo, a folder of one's own, and what was open before.

This is the first page of a fresh server: what needs NumPy or pydantic is imported after the page stands.
"""

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui import demo, entry, messages, state
from pages._ui.words import escaped

if TYPE_CHECKING:
    from core.services.datasets import DatasetEntry

_MOST_RECENT = 8


def draw() -> None:
    """The whole page."""
    st.title("Give rare classes their weight", anchor=False)
    st.markdown(
        "Open a segmentation dataset, see which classes are rare, set the share of images each "
        "should have, and take away how often to use every image."
    )
    look, own = st.columns(2, gap="medium")
    with look.container(border=True, height="stretch"), messages.guarded():
        _demo()
    with own.container(border=True, height="stretch"), messages.guarded():
        _own()
    with messages.guarded():
        _recent()


def _demo() -> None:
    st.subheader("Look around first", anchor=False)
    st.markdown(
        "115 synthetic fundus photographs with eight classes. Made here in seconds, nothing is downloaded."
    )
    demo.open_button("home.demo")


def _own() -> None:
    st.subheader("Open your own", anchor=False)
    with st.form("home.open", border=False):
        path = st.text_input(
            "Folder of images and masks, or a label table",
            placeholder="/data/my-dataset",
            help="The path on the machine that runs Counterpoise. Your files are only read, never changed.",
        )
        if st.form_submit_button("Open folder"):
            from pages._ui.dataset import opening

            opening.start(path)
            st.switch_page("pages/dataset.py")


def _recent() -> None:
    from core.services import datasets

    known = datasets.list_datasets()
    if not known:
        return
    st.subheader("Recent", anchor=False)
    with st.container(gap="xxsmall"):
        for item in known[:_MOST_RECENT]:
            _recent_line(item)


def _recent_line(item: "DatasetEntry") -> None:
    name, place = st.columns([1, 2], vertical_alignment="center", gap="small")
    if name.button(
        escaped(item.name), key=f"home.recent.{item.id}", type="tertiary", icon=":material/folder:"
    ):
        state.set_run(None)
        state.drop(state.DRAFT)
        state.set_dataset(item.id)
        st.switch_page("pages/dataset.py")
    place.caption(escaped(str(item.root)) + ("" if item.scanned else " · not scanned yet"))


entry.page(draw)
