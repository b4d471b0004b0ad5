"""The spacing of pixels and slices where files do not say any: given by a person, and said to be."""

from typing import TYPE_CHECKING

import streamlit as st

from core.domain.identity import Identity, Role
from core.services.reviews import measurements, spacing
from pages._ui.words import escaped, figure

if TYPE_CHECKING:
    from core.services.reviews.measurements import Review
    from core.services.reviews.spacing import GivenSpacing


def draw(review: "Review", identity: Identity) -> None:
    """What was given, and for researchers the fields to give it."""
    given = spacing.find_given(review)
    if given is not None:
        st.caption(
            f"Where files do not say it: {_say(given)}, given by {escaped(given.by)} on {given.time[:10]}."
        )
    if not identity.may(Role.RESEARCHER):
        return
    cut = measurements.cuts_volumes(review)
    with st.expander("Spacing of pixels and slices" if cut else "Spacing of pixels"):
        st.caption(
            "Between the middles of two, in mm. It is used only where the image file says none, and every "
            "line of the table says so."
        )
        pixels = (given.spacing if given else None) or (0.0, 0.0)
        rows = _ask("Between rows, mm", pixels[0], "rows")
        columns = _ask("Between columns, mm", pixels[1], "columns")
        slices = (
            _ask("Between slices, mm", (given.slices if given else None) or 0.0, "slices") if cut else 0.0
        )
        whole = (rows > 0) == (columns > 0) and (rows > 0 or slices > 0)
        with st.container(horizontal=True):
            if st.button("Use this spacing", key="spacing.give", disabled=not whole):
                spacing.give_spacing(review, (rows, columns) if rows > 0 else None, identity, slices or None)
                st.rerun()
            if given is not None and st.button("Take it back", key="spacing.drop"):
                spacing.give_spacing(review, None, identity)
                st.rerun()


def _say(given: "GivenSpacing") -> str:
    parts = []
    if given.spacing is not None:
        rows, columns = given.spacing
        parts.append(f"{figure(rows)} × {figure(columns)} mm (rows × columns)")
    if given.slices is not None:
        parts.append(f"{figure(given.slices)} mm between slices")
    return ", ".join(parts)


def _ask(label: str, value: float, key: str) -> float:
    return st.number_input(label, 0.0, 999.0, value, 0.01, "%.4f", key=f"spacing.{key}")
