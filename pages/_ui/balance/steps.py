"""From plan to folds to files: the tabs that follow one another, and the buttons that lead on."""

from typing import Final

import streamlit as st

TABS: Final = "balance.tables"
PLANS: Final = "Kept plans"
FOLDS: Final = "Folds"
SET: Final = "Balanced set"


def lead(key: str, tab: str, words: str) -> None:
    """A quiet button that names a next step and opens its tab.

    Args:
        key: `page.thing`; the tab's name is added.
        tab: One of this file's names.
        words: What is done there, as a command.
    """
    st.button(
        f"Next: {words}",
        key=f"{key}.{tab}",
        type="tertiary",
        icon=":material/arrow_forward:",
        on_click=open_tab,
        args=(tab,),
    )


def open_tab(tab: str) -> None:
    """Open a tab; only from a callback, before the tabs are drawn."""
    st.session_state[TABS] = tab
