"""Whole copies: how many images, how often one at most, and whether each must stay."""

from collections.abc import Callable

import streamlit as st

from core.domain.balance import Bounds
from core.services import balance
from pages._ui.balance import targets, words
from pages._ui.balance.desk import Desk
from pages._ui.words import count, figure


def draw(desk: Desk, refresh: Callable[[], None]) -> None:
    """B, M and the originals, with the whole result beside the continuous one."""
    bounds, images = desk.live.spec.bounds, len(desk.table.sample_ids)

    def change() -> None:
        values = st.session_state
        asked = {
            "total": values["balance.total"],
            "max_copies": values["balance.most"],
            "keep_originals": values["balance.keep_originals"],
        }
        desk.change("bounds", lambda spec: spec.model_copy(update={"bounds": balance.read_bounds(asked)}))
        refresh()

    # Without limits of their own, so that what breaks a rule is refused in a sentence and not in silence.
    # A number field with a value of its own falls back to it when cleared; without one a limit can be lifted.
    for key, value in {"balance.total": bounds.total, "balance.most": bounds.max_copies}.items():
        st.session_state.setdefault(key, value)
    with st.expander(f"Whole copies · {_bounds_words(bounds, images)}", key="balance.bounds"):
        st.number_input(
            "B, images in the balanced set",
            step=1,
            value=None,
            placeholder=f"{count(images)}, as many as now",
            key="balance.total",
            on_change=change,
            help="Copies are whole and add up to B exactly.",
        )
        st.number_input(
            "M, most copies of one image",
            step=1,
            value=None,
            placeholder="no limit",
            key="balance.most",
            on_change=change,
        )
        label, key = "Keep every original at least once", "balance.keep_originals"
        st.checkbox(label, value=bounds.keep_originals, key=key, on_change=change)
        targets.say_fault(desk, "bounds")
        st.caption(_whole_words(desk))


def show(bounds: Bounds) -> None:
    """Let the fields show bounds that were set elsewhere; only from a callback."""
    st.session_state["balance.total"] = bounds.total
    st.session_state["balance.most"] = bounds.max_copies
    st.session_state["balance.keep_originals"] = bounds.keep_originals


def _bounds_words(bounds: Bounds, images: int) -> str:
    parts = [count(bounds.total or images)]
    parts += [f"at most {count(bounds.max_copies)} each"] if bounds.max_copies else []
    parts += ["originals kept"] if bounds.keep_originals else []
    return ", ".join(parts)


def _whole_words(desk: Desk) -> str:
    whole, now = desk.whole, desk.live.continuous
    worth = "" if desk.quantity == "presence" else "the worth of "
    return (
        f"Continuous: {words.miss(now.shares, desk.live.spec)}. In whole copies: "
        f"{words.miss(whole.shares, desk.live.spec)}; rounding moves no class by more than {worth}"
        f"{figure(whole.worst_error_images)} images."
    )
