"""Files: what could not be read and what to do about it, and how the dataset is read."""

import streamlit as st

from core.domain.dataset import DatasetSpec
from core.domain.scan import ScannedDataset
from core.services import datasets
from pages._ui import messages, state
from pages._ui.dataset import opening, problems
from pages._ui.dataset.format_words import FORMATS, PAIRINGS, SELF_PAIRED, UNITS, VOLUMES, masks_word
from pages._ui.words import escaped


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """The whole tab."""
    problems.draw(dataset_id, dataset)
    _reading(dataset.spec)
    with st.container(horizontal=True):
        if st.button("Scan again", key="files.scan", help="Reads only the files that changed."):
            state.set_run(datasets.start_scan(dataset_id))
            st.rerun()
        if st.button("Change how it is read", key="files.change"):
            opening.change(datasets.find_spec(dataset_id))
            st.rerun()
        if st.button("Forget this dataset", key="files.forget", type="tertiary"):
            _forget(dataset_id, dataset.spec.name)


@st.dialog("Forget this dataset?")
@messages.guarded()
def _forget(dataset_id: str, name: str) -> None:
    st.markdown(
        f"The answers, the scan, the unsaved targets and all plans of **{escaped(name)}** are deleted from "
        "the workspace. Its own images and masks stay untouched."
    )
    with st.container(horizontal=True):
        if st.button("Forget it", key="files.forget.yes", type="primary"):
            datasets.forget(dataset_id)
            state.set_dataset(None)
            messages.notice(f"{name} is forgotten.")
            st.rerun()
        if st.button("Keep it", key="files.forget.no"):
            st.rerun()


def _reading(spec: DatasetSpec) -> None:
    st.subheader("How it is read", anchor=False)
    said = [FORMATS[spec.format]]
    if spec.format in VOLUMES:
        said.append(f"{UNITS[spec.unit]} is a sample")
    if spec.has_masks and spec.format not in SELF_PAIRED:
        said.append(PAIRINGS[spec.pairing.rule])
    st.markdown(f"{'. '.join(said)}.")
    st.code(str(spec.root), language=None, wrap_lines=True)
    for pair in spec.folders:
        masks = f"{masks_word(spec.format)} in {_place(pair.masks)}"
        said_of = [f"images in {_place(pair.images)}", masks] if pair.images is not None else [masks]
        if pair.images == pair.masks:
            said_of = [f"images and {masks}"]
        text = ", ".join(said_of)
        st.markdown(f"{escaped(pair.name)}: {text}" if pair.name else f"{text[:1].upper()}{text[1:]}")


def _place(folder: str) -> str:
    return "the folder itself" if folder == "." else f"**{escaped(folder)}**"
