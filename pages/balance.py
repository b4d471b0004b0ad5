"""Balance: drag the target vector, watch the descent, take away a plan."""

import streamlit as st

from core.errors import AppError
from pages._ui import balance_tables, entry, messages, sign_in, state
from pages._ui.balance import form, live
from pages._ui.balance.desk import Desk, open_desk

_PARTS = {"live": "balance.part.live", "form": "balance.part.form", "tables": "balance.part.tables"}


def draw() -> None:
    """Pictures left, controls right, tables below; or the sentence that says why not."""
    dataset_id = state.dataset_id()
    if dataset_id is None:
        messages.empty_page(
            "Balance",
            "No dataset is open. Here you say in how many images each class should occur, and watch how "
            "copies of images bring it about.",
        )
        return
    st.title("Balance", anchor=False)
    try:
        desk = open_desk(dataset_id)
    except AppError as error:
        messages.refusal(error)
        st.page_link("pages/dataset.py", label="Look at the dataset", icon=":material/photo_library:")
        return
    st.html(entry.ROOT / "assets" / "balance" / "page.css")
    left, right = st.columns([2, 1], gap="medium")
    with left.container(key="balance-live"):
        _live(desk)
    with right.container(key="balance-form"):
        _form(desk)
    _tables(desk)


def _refresh(desk: Desk, touched: str = "") -> None:
    """Draw anew what a callback has made old, and never the whole page.

    What a hand did in the tables is drawn there in any case; the other parts follow at once, as it is rare.

    While the browser asks for states this does nothing: the fragment that was touched is drawn in any case,
    and the pictures follow with the next states. Naming fragments then would rerun the page whenever two
    requests fall together: Streamlit reruns all if one callback names fragments and the other does not.
    """
    if touched or not desk.asked_for:
        parts = {*desk.stale_parts(), *([touched] if touched else [])}
        st.rerun([_PARTS[part] for part in _PARTS if part in parts])


def _clear_old(desk: Desk) -> None:
    """Draw the whole page anew where the dataset was edited or scanned in another window meanwhile."""
    if desk.is_old:
        messages.notice("The dataset has changed in another window. This page now shows it as it is.")
        st.rerun()


@st.fragment(key=_PARTS["live"])
def _live(desk: Desk) -> None:
    _clear_old(desk)
    live.draw(desk, lambda: _refresh(desk))


@st.fragment(key=_PARTS["form"])
def _form(desk: Desk) -> None:
    with messages.guarded():
        sign_in.identity()  # Hours may pass without the whole page being drawn
        _clear_old(desk)
        form.draw(desk, lambda: _refresh(desk))


@st.fragment(key=_PARTS["tables"])
def _tables(desk: Desk) -> None:
    with messages.guarded():
        sign_in.identity()
        _clear_old(desk)
        balance_tables.draw(desk, lambda: _refresh(desk, "tables"))


entry.page(draw)
