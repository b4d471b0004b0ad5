"""The legend of pictures: names with their colours, because a colour alone never says which class it is."""

import html
from collections.abc import Sequence

import streamlit as st

from pages._ui.words import visible

_MOST_KEYS = 20


def draw(classes: Sequence[tuple[str, str]]) -> None:
    """Draw the first names, and count the others.

    Args:
        classes: Name and colour, `#rrggbb`, of each.
    """
    keys = "".join(
        f'<span><i style="background:{colour}"></i>{html.escape(visible(name))}</span>'
        for name, colour in classes[:_MOST_KEYS]
    )
    if len(classes) > _MOST_KEYS:
        keys += f"<span>and {len(classes) - _MOST_KEYS} more</span>"
    if keys:
        st.html(f'<div class="cp-legend">{keys}</div>')
