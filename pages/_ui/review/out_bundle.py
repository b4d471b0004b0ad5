"""Sending a review to readers elsewhere, and taking their decisions back."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.identity import Identity
from core.services.reviews import bundles, exports
from core.services.reviews.opening import Review
from pages._ui import messages, state
from pages._ui.words import count, counted, escaped

if TYPE_CHECKING:
    from core.domain.review_export import BundleCases
    from core.services.reviews.bundles import Merged

_CASES: "Final[dict[BundleCases, str]]" = {"all": "All cases", "undecided": "Those not decided yet"}
_MOST_LISTED: Final = 20


def draw(review: Review, identity: Identity) -> None:
    """For a review of this installation sending and merging; for one that came as a bundle the way back."""
    if review.spec.source == "bundle":
        _answer(review, identity)
    else:
        merged = state.find(state.REVIEW_MERGED)
        if merged is not None and merged[0] == review.id:
            _say(merged[1])  # Above the fields: what has come of it must be in sight
        _send(review, identity)
        _merge(review, identity)


def _send(review: Review, identity: Identity) -> None:
    st.markdown("One file that another installation opens without model or GPU, decides, and sends back.")
    cases = st.selectbox("Cases", list(_CASES), format_func=_CASES.__getitem__, key="out.cases")
    references = st.toggle("With the reference masks", key="out.references")
    names = st.toggle(
        "With the names of image files", key="out.names",
        help="Names often tell who a patient is. Without them cases have numbers. Groups always become "
        "numbers; what is written inside an image goes along.",
    )  # fmt: skip
    suggested = exports.suggest_place(review, "bundle.zip")
    file = st.text_input(
        "File", value=str(suggested), key=f"out.file.{suggested.name}", help="A new file that ends in .zip."
    )
    if st.button("Write the bundle", key="out.bundle", type="primary"):
        bundles.start_bundle(review.id, Path(file), identity, cases, references, names)
        st.rerun()


def _merge(review: Review, identity: Identity) -> None:
    st.divider()
    sent = st.file_uploader(
        "Decisions that came back", type="zip", key="out.merge.file", max_upload_size=500,
        help="The file that the other installation wrote. Merging it twice does no harm.",
    )  # fmt: skip
    if sent is not None and st.button("Merge", key="out.merge"):
        with st.spinner("Checking and merging"):
            state.put(state.REVIEW_MERGED, (review.id, bundles.merge(review.id, sent, sent.name, identity)))
        st.rerun()


def _say(merged: "Merged") -> None:
    known = f", {count(merged.known)} were here already" if merged.known else ""
    st.success(f"{counted(merged.added, 'decision')} added{known}.", icon=":material/check:")
    if not merged.conflicts:
        return
    messages.caution(
        f"{counted(len(merged.conflicts), 'conflict')}; both answers are kept. Settle them under Conflicts."
    )
    listed = merged.conflicts[:_MOST_LISTED]
    st.markdown("\n".join(f"- **{escaped(item.sample)}** {escaped(item.sentence)}" for item in listed))
    if len(merged.conflicts) > _MOST_LISTED:
        st.caption(f"{count(len(merged.conflicts) - _MOST_LISTED)} more.")


def _answer(review: Review, identity: Identity) -> None:
    decided = bundles.count_answers(review.id)
    if not decided:
        st.markdown("This review came as a bundle. Once a case is decided, its sender can be answered here.")
        return
    st.markdown(
        f"This review came as a bundle. The file brings {counted(decided, 'decision')} and the corrected "
        "masks back to its sender, with their part of the ledger."
    )
    st.download_button(
        "Send decisions back",
        lambda: bundles.encode_answers(review.id, identity),
        file_name=f"answers_{review.spec.source_id[:8]}.zip",
        mime="application/zip",
        key="out.answers",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )
