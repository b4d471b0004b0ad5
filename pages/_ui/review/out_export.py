"""The form that writes reviewed masks for other programs."""

from pathlib import Path

import streamlit as st

from core.domain.identity import Identity
from core.services.reviews import exports
from core.services.reviews.opening import Review
from pages._ui.words import escaped

_TITLES = {
    "index": "Index masks (PNG)",
    "binary": "Binary masks (PNG)",
    "coco": "COCO (JSON)",
    "nifti": "NIfTI",
    "dicom_seg": "DICOM segmentation",
    "decisions": "Decisions (CSV)",
}
_HELP = {
    "index": "One number a class, with a table of the numbers. Where classes overlap the later one is kept.",
    "binary": "0 and 255, a file a class and image; empty ones too.",
    "coco": "One file, run-length encoded; an annotation is all of a class on an image.",
    "nifti": "Slices put together to volumes with the shape and affine of their source. A volume of which a "
    "slice has no mask is left out.",
    "dicom_seg": "One file a series. A class is marked automatic, or semi-automatic where a person "
    "changed it.",
    "decisions": "Every decision, replaced ones too, and what became of each case.",
}


def draw(review: Review, identity: Identity) -> None:
    """Format, classes, folder, and the button."""
    format_ = st.selectbox("Format", list(_TITLES), format_func=_TITLES.__getitem__, key="out.format")
    refusal = exports.find_refusal(review, format_)
    st.caption(_HELP[format_])
    if refusal:
        st.info(escaped(refusal), icon=":material/info:")
    classes: list[str] = []
    undecided = rejected = False
    if format_ != "decisions":
        classes = st.multiselect(
            "Classes", list(review.spec.classes), key="out.classes", placeholder="All but the background"
        )
        undecided = st.toggle(
            "Undecided cases too, with their prediction", key="out.undecided",
            help="Cases that are rejected, or that readers disagree on, stay out.",
        )  # fmt: skip
        rejected = st.toggle(
            "Cases with a rejected class too", key="out.rejected_classes",
            help="A reader rejected one class of the mask, alone. The table of cases names it.",
        )  # fmt: skip
    suggested = exports.suggest_place(review, format_)
    folder = st.text_input(
        "Folder", value=str(suggested), key=f"out.folder.{suggested.name}",
        help="On the machine that runs this program: new or empty.",
    )  # fmt: skip
    if st.button("Export", key="out.export", type="primary", disabled=bool(refusal)):
        exports.start_export(
            review.id, format_, Path(folder), identity, tuple(classes),
            settled_only=not undecided, rejected_classes=rejected,
        )  # fmt: skip
        st.rerun()
