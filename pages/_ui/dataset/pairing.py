"""Pairing by hand: an image and a mask without a partner, seen over each other before they are joined."""

from pathlib import PurePosixPath
from typing import Final

import streamlit as st

from core.domain.scan import ScannedDataset
from core.errors import AppError
from core.services import corrections, datasets
from pages._ui import messages, state
from pages._ui.words import counted, escaped, visible

_LONGEST: Final = 900  # pixels of the picture
_FORMATS: Final = frozenset({"index", "colour", "binary", "binary_per_class", "nifti"})


def is_possible(dataset: ScannedDataset) -> bool:
    """Whether the dataset has image files beside mask files, so that two of them can be paired."""
    return dataset.spec.format in _FORMATS and dataset.spec.pairing.rule != "none"


@st.dialog("Pair an image with its mask", width="large")
@messages.guarded()
def open_dialog(dataset_id: str, dataset: ScannedDataset) -> None:
    """Choose the two, look at them, put them together."""
    version = datasets.version(dataset_id)
    with st.spinner("Looking for files without a partner"):
        images, masks = state.kept(
            state.UNPAIRED, (dataset_id, version), lambda: corrections.unpaired(dataset.spec)
        )
    if not images or not masks:
        side, other = ("image", "mask") if not images else ("mask", "image")
        found = counted(len(masks or images), other)
        st.markdown(f"No {side} is without a partner, so there is nothing for the {found} to be paired with.")
        return
    left, right = st.columns(2)
    image = left.selectbox(
        f"Image, one of {len(images)} without a mask", images, format_func=_name, key=f"pair.image.{version}"
    )
    mask = right.selectbox(
        f"Mask, one of {len(masks)} without an image",
        corrections.order_by_likeness(image, masks),
        format_func=_name,
        key=f"pair.mask.{version}.{image}",
        help="The likeliest by its name comes first.",
    )
    _judge(dataset_id, dataset, image, mask)


def _judge(dataset_id: str, dataset: ScannedDataset, image: str, mask: str) -> None:
    """The two over each other, or why they are no pair."""
    try:
        with st.spinner("Drawing"):
            picture = corrections.pair_preview(dataset, image, mask, _LONGEST)
    except AppError as error:
        messages.refusal(error)
        return
    with st.columns([1, 2, 1])[1]:
        st.image(picture, width="stretch", alt=visible(f"{image} with the classes of {mask} laid over it"))
    st.caption(f"{escaped(image)} with {escaped(mask)}")
    if st.button("Pair these two", key="pair.accept", type="primary"):
        spec = corrections.pair(datasets.find_spec(dataset_id), image, mask)
        state.set_run(corrections.apply(dataset_id, spec))
        messages.notice(f"{_name(image)} and {_name(mask)} are paired.")
        st.rerun()


def _name(path: str) -> str:
    return PurePosixPath(path).name
