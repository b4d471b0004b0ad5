"""Review: what a model has drawn, looked at case by case, and every decision kept."""

import html

import streamlit as st

from core.domain.identity import Identity
from core.errors import AppError
from core.services.reviews import opening
from core.services.reviews.opening import Review
from pages._ui import entry, messages, sign_in, state
from pages._ui.review import desk, shelf
from pages._ui.words import visible

_VIEW = "review.view"
_PARTS = {"Desk": lambda review, identity: desk.draw(review.id)}


def draw() -> None:
    """The open review; else all reviews, and the way to open one."""
    identity = sign_in.identity()
    state.follow_review()
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
    st.html(entry.ROOT / "assets" / "review.css")
    row = st.container(horizontal=True, vertical_alignment="center", key="review-heading")
    with row:
        name = html.escape(visible(review.spec.title))
        st.html(f'<h1 class="cp-review-title" title="{name}">{name}</h1>', width="stretch")
        state.follow_view(_VIEW, _PARTS)
        view = st.segmented_control("Part", list(_PARTS), key=_VIEW, label_visibility="collapsed") or "Desk"
        st.button(
            "All reviews",
            key="review.all",
            icon=":material/arrow_back:",
            on_click=state.set_review,
            args=("",),
        )
    state.set_view(view)
    with messages.guarded():
        _PARTS[view](review, identity)


entry.page(draw)
