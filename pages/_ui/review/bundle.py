"""Opening a bundle that somebody has sent: an upload, or a file on the machine that runs this program."""

from pathlib import Path

import streamlit as st

from core.domain.identity import Identity
from core.errors import ReviewError
from core.services.reviews import bundles
from pages._ui import state


def draw(identity: Identity) -> None:
    """The fields and the button; the job is then followed under `state.REVIEW_RUN`, like others."""
    st.subheader("Open a bundle", anchor=False)
    sent = st.file_uploader(
        "A bundle that somebody has sent", type="zip", key="bundle.file", max_upload_size=500,
        help="Everything in it is checked before it is opened. Nothing of it is run.",
    )  # fmt: skip
    path = st.text_input(
        "Or its path on this machine", key="bundle.path", placeholder="/data/review.zip",
        help="For files that are too large to upload: the path on the machine that runs this program.",
    )  # fmt: skip
    if st.button("Open the bundle", key="bundle.open"):
        if sent is not None:
            run = bundles.start_opening(sent, sent.name, identity)
        elif path.strip():
            run = bundles.start_opening(Path(path.strip().strip("\"'")), Path(path).name, identity)
        else:
            raise ReviewError("No file was chosen; choose one, or type its path.")
        state.put(state.REVIEW_RUN, run)
        st.rerun()
