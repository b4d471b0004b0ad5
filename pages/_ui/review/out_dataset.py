"""The form that makes a dataset of a reviewed set."""

from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.identity import Identity
from core.services import datasets
from core.services.reviews import exports, new_version
from core.services.reviews.opening import Review

if TYPE_CHECKING:
    from core.domain.review_export import Unreviewed

_LONGEST_NAME: Final = 120  # characters
_CHOICES: "Final[dict[Unreviewed, str]]" = {
    "leave_out": "Leave them out",
    "keep_reference": "Keep their old reference",
}


def draw(review: Review, identity: Identity) -> None:
    """Name, what becomes of the other samples, folder, and the button."""
    if review.spec.source == "bundle":
        st.markdown(
            "This review came as a bundle, without the original images. Send the decisions back; the dataset "
            "is made where the bundle was made."
        )
        return
    st.markdown(
        "Accepted and corrected masks become the reference of a new dataset, ready to balance and train."
    )
    suggested_name = _suggest_name(review)
    name = st.text_input(
        "Name", value=suggested_name, max_chars=_LONGEST_NAME, key=f"out.name.{suggested_name}"
    )
    unreviewed = st.selectbox(
        "Samples that nobody has settled", list(_CHOICES), format_func=_CHOICES.__getitem__,
        key="out.unreviewed",
        help="Also those outside of this review: the images that its model was trained on, for example.",
    )  # fmt: skip
    rejected = st.selectbox(
        "Samples whose prediction was rejected", list(_CHOICES), format_func=_CHOICES.__getitem__,
        key="out.rejected",
        help="Also those of which a reader rejected a class alone.",
    )  # fmt: skip
    suggested = exports.suggest_place(review, "dataset")
    folder = st.text_input(
        "Folder", value=str(suggested), key=f"out.folder.{suggested.name}",
        help="New or empty. Images are linked where the disk can, else copied.",
    )  # fmt: skip
    if st.button("Use the reviewed set", key="out.dataset", type="primary"):
        new_version.start_new_dataset(review.id, Path(folder), name, identity, unreviewed, rejected)
        st.rerun()


def _suggest_name(review: Review) -> str:
    """A name that no dataset has yet, so that two reviewed sets are told apart."""
    first = f"{review.spec.dataset or review.spec.title}, reviewed"[: _LONGEST_NAME - 8]
    taken = {entry.name for entry in datasets.list_datasets()}
    names = chain([first], (f"{first} {number}" for number in count(2)))
    return next(name for name in names if name not in taken)
