"""The way back to the page that was asked for, as an identity provider sends everybody to the first one.

The address lies in the tab's own storage: only scripts of this origin write there, and it goes with the tab.
It is followed once, within this app only.
"""

from typing import Final

import streamlit as st

from pages._ui import cookie

_KEY: Final = "counterpoise.asked"
_REMEMBER: Final = """
export default function ({ data }) {
    sessionStorage.setItem(data.key, location.pathname + location.search);
}
"""
_FOLLOW: Final = """
export default function ({ data }) {
    const asked = sessionStorage.getItem(data.key);
    sessionStorage.removeItem(data.key);
    if (asked === null || location.pathname !== data.path) return;
    const there = new URL(asked, location.origin);
    const within = there.origin === location.origin && there.pathname.startsWith(data.path);
    if (within && there.href !== location.href) location.replace(there);
}
"""
_remember = st.components.v2.component("counterpoise.remember_address", js=_REMEMBER)
_follow = st.components.v2.component("counterpoise.follow_address", js=_FOLLOW)


def remember() -> None:
    """Have the browser keep the address that is open; before it leaves for the provider."""
    _remember(key="sign_in.remember", data={"key": _KEY})


def follow() -> None:
    """Have the browser go to the address that was kept, where it has come back to the first page."""
    _follow(key="sign_in.follow", data={"key": _KEY, "path": cookie.base_path()})
