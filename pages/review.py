"""Review: what a model has drawn, looked at case by case, and every decision kept."""

import html
from collections.abc import Callable
from typing import Final

import streamlit as st

from core.domain.identity import Identity, Role
from core.errors import AppError
from core.services.reviews import opening
from core.services.reviews.opening import Review
from pages._ui import entry, messages, sign_in, state
from pages._ui.review import agreement, conflicts, desk, measurements, out, readers, shelf
from pages._ui.words import visible

_VIEW: Final = "review.view"
_PARTS: Final[dict[str, Callable[[Review, Identity], None]]] = {
    "Desk": lambda review, _: desk.draw(review.id),
    "Readers": readers.show,
    "Conflicts": conflicts.show,
    "Agreement": agreement.show,
    "Measurements": measurements.show,
    "Export": out.show,
}
_FOR_RESEARCHERS: Final = ("Export",)


def draw() -> None:
    """The open review; else all reviews, and the way to open one."""
    identity = sign_in.identity()
    st.html(entry.ROOT / "assets" / "review.css")
    state.follow_review()
    _show(identity)
    state.show_review()


def _show(identity: Identity) -> None:
    review_id = state.review_part("review")
    if not review_id:
        shelf.draw(identity)
        return
    try:
        review = opening.read_review(review_id)
    except AppError as error:
        state.set_review("")
        messages.refusal(error)
        shelf.draw(identity)
        return
    _open(review, identity)


def _open(review: Review, identity: Identity) -> None:
    """One line above everything: the images below need the height."""
    parts = [name for name in _PARTS if name not in _FOR_RESEARCHERS or identity.may(Role.RESEARCHER)]
    row = st.container(horizontal=True, vertical_alignment="center", key="review-heading")
    with row:
        name = html.escape(visible(review.spec.title))
        st.html(f'<h1 class="cp-review-title" title="{name}">{name}</h1>', width="stretch")
        asked = state.review_part("view")
        state.put(_VIEW, asked if asked in parts else parts[0])
        view = st.segmented_control(
            "Part", parts, required=True, key=_VIEW, label_visibility="collapsed", on_change=_turn
        )
        st.button(
            "All reviews",
            key="review.all",
            icon=":material/arrow_back:",
            on_click=state.set_review,
            args=("",),
        )
    state.set_review_part("view", view)
    with messages.guarded():
        _PARTS[view](review, identity)


def _turn() -> None:
    """Turn to the part that was chosen."""
    state.set_review_part("view", str(state.find(_VIEW)))


entry.page(draw)
