"""What is balanced: images that hold a class, the pixels that it covers, or both side by side."""

from collections.abc import Callable

import streamlit as st

from core.domain.balance import Quantity
from core.services import balance
from pages._ui.balance.desk import Desk

_NAMES: dict[Quantity, str] = {"presence": "Images", "pixels": "Pixels", "both": "Both"}
_HELP = (
    "**Images**: in how many images a class is present. **Pixels**: the share of an image’s pixels that the "
    "class covers, in the mean over the images; each image counts alike, whatever its size. **Both**: two "
    "targets for each class, met side by side. Each choice keeps its own targets."
)


def draw(desk: Desk, refresh: Callable[[], None]) -> None:
    """The choice; a dataset of labels says why it has none."""
    if desk.dataset.pixels is None:
        st.caption("Balanced by images: this dataset has labels and no masks, so its pixels are unknown.")
        return

    taken = desk.taken
    key = f"balance.quantity.{taken}"

    def choose() -> None:
        if desk.is_stale(taken):
            return
        chosen = st.session_state[key]
        desk.change("quantity", lambda spec: balance.switch_quantity(desk.dataset, spec, chosen))
        refresh()

    st.segmented_control(
        "Balance by",
        list(_NAMES),
        format_func=_NAMES.__getitem__,
        default=desk.quantity,
        key=key,
        on_change=choose,
        required=True,
        help=_HELP,
    )
