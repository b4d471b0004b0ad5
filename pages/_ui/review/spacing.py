"""The spacing of pixels where files do not say any: given by a person, and said to be."""

from typing import TYPE_CHECKING

import streamlit as st

from core.domain.identity import Identity, Role
from core.services.reviews import measurements
from pages._ui.words import escaped, figure

if TYPE_CHECKING:
    from core.services.reviews.measurements import Review


def draw(review: "Review", identity: Identity) -> None:
    """What was given, and for researchers the fields to give it."""
    given = measurements.find_given(review)
    if given is not None:
        rows, columns = given.spacing
        st.caption(
            f"Where files do not say it: {figure(rows)} × {figure(columns)} mm (rows × columns), given by "
            f"{escaped(given.by)} on {given.time[:10]}."
        )
    if not identity.may(Role.RESEARCHER):
        return
    with st.expander("Spacing of pixels"):
        st.caption(
            "Between the middles of two pixels, in mm. It is used only where the image file says none, and "
            "every line of the table says so."
        )
        rows = st.number_input(
            "Between rows, mm",
            0.0,
            999.0,
            given.spacing[0] if given else 0.0,
            0.01,
            "%.4f",
            key="spacing.rows",
        )
        columns = st.number_input(
            "Between columns, mm",
            0.0,
            999.0,
            given.spacing[1] if given else 0.0,
            0.01,
            "%.4f",
            key="spacing.columns",
        )
        with st.container(horizontal=True):
            if st.button("Use this spacing", key="spacing.give", disabled=not (rows > 0 and columns > 0)):
                measurements.give_spacing(review, (rows, columns), identity)
                st.rerun()
            if given is not None and st.button("Take it back", key="spacing.drop"):
                measurements.give_spacing(review, None, identity)
                st.rerun()
