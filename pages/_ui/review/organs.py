"""Which classes are which organs: proposed by their names, chosen by a person."""

from typing import TYPE_CHECKING

import streamlit as st
from pydantic import ValidationError

from core.domain.measuring import OrganChoice
from core.services.reviews import measurements
from pages._ui import messages
from pages._ui.words import escaped

if TYPE_CHECKING:
    from core.services.reviews.measurements import Review


def choose(review: "Review") -> OrganChoice:
    """The choice in a drawer that is closed at first; what clashes is refused, and the proposal taken."""
    names = measurements.measured_classes(review)
    proposed = measurements.propose_organs(review)
    with st.expander(f"Organs · {escaped(_describe(proposed))}"):
        lungs = st.multiselect(
            "Both lungs",
            names,
            list(proposed.lungs),
            max_selections=2,
            key="organs.lungs",
            help="One class that holds both, or the left and the right one.",
        )
        heart = st.selectbox(
            "Heart",
            ["", *names],
            _place(["", *names], proposed.heart),
            format_func=_named,
            key="organs.heart",
        )
        pair = next(iter(proposed.pairs), ("", ""))
        left = st.selectbox(
            "Left organ", ["", *names], _place(["", *names], pair[0]), format_func=_named, key="organs.left"
        )
        right = st.selectbox(
            "Right organ", ["", *names], _place(["", *names], pair[1]), format_func=_named, key="organs.right"
        )
        doubles = st.multiselect(
            "Both sides in one class", names, list(proposed.doubles), key="organs.doubles"
        )
        try:
            # Pairs beyond the first are those that names tell: they are rare, and need no widgets
            pairs = tuple(item for item in [(left, right), *proposed.pairs[1:]] if all(item))
            return OrganChoice(pairs=pairs, doubles=tuple(doubles), lungs=tuple(lungs), heart=heart)
        except ValidationError as error:
            messages.caution(str(error.errors()[0]["msg"]).removeprefix("Value error, ").capitalize() + ".")
            return proposed


def _describe(proposed: OrganChoice) -> str:
    parts = [" and ".join(pair) for pair in proposed.pairs]
    parts += [f"{name}, both sides" for name in proposed.doubles]
    parts += [proposed.heart] if proposed.heart else []
    return ", ".join(parts) or "none by name"


def _place(names: list[str], name: str) -> int:
    return names.index(name) if name in names else 0


def _named(name: str) -> str:
    return name or "none"
