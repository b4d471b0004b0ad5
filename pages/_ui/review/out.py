"""Send and use: reviewed masks for other programs, a dataset of their own, a bundle for other readers."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.domain.identity import Identity, Role, check_role
from core.services.reviews import exports, outputs
from core.services.reviews.opening import Review
from pages._ui import messages
from pages._ui.review import out_bundle, out_dataset, out_export, out_written
from pages._ui.words import count, counted

_PARTS: Final[dict[str, Callable[[Review, Identity], None]]] = {
    "Masks": out_export.draw,
    "Dataset": out_dataset.draw,
    "Bundle": out_bundle.draw,
}


def show(review: Review, identity: Identity) -> None:
    """What was written left, what can be written right. Raises `AccessError` for readers."""
    check_role(identity, Role.RESEARCHER, "see what was written out of a review")
    left, right = st.columns([2, 1], gap="medium")
    with left, messages.guarded():
        ready, total = exports.count_ready(review.id)
        st.markdown(f"**{count(ready)} of {counted(total, 'case')}** accepted or corrected.")
        out_written.draw(outputs.list_outputs(review.id))
    with right, messages.guarded():
        part = st.segmented_control(
            "What",
            list(_PARTS),
            default="Bundle" if review.spec.source == "bundle" else "Masks",
            required=True,
            key="out.part",
            label_visibility="collapsed",
        )
        _PARTS[part](review, identity)
