"""Fields of the opening form.

The key of each widget holds the value it was drawn with: once an answer is taken, the widget is a new one
that shows it. Until then it keeps what the person typed, also where that could not be used.
"""

from typing import Any

import streamlit as st


def text(
    label: str,
    now: str,
    field: str,
    changed: dict[str, Any],
    *,
    empty: str | None = None,
    placeholder: str = "",
    help_text: str | None = None,
) -> None:
    """A line of text; what a person changed goes into `changed`, or `empty` where nothing is left."""
    key = f"open.{field}.{now}"
    typed = (st.text_input(label, now, key=key, placeholder=placeholder, help=help_text) or "").strip()
    if typed != now:
        changed[field] = typed or empty


def number(label: str, now: float | None, field: str, changed: dict[str, Any]) -> None:
    """A number from 0 on, which may be left to the scan."""
    key = f"open.{field}.{now}"
    st.session_state.setdefault(key, now)  # a field with a value of its own could not be cleared
    typed = st.number_input(label, min_value=0.0, value=None, key=key, placeholder="Chosen by the scan")
    if typed != now:
        changed[field] = typed
