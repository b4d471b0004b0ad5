"""The cookie by which a browser is known again after a reload.

Streamlit reads cookies but sets none of its own accord, so a small script sets this one. It holds nothing but
a random token of a session that the server can end; docs/security.md weighs it.
"""

from typing import Final

import streamlit as st

NAME: Final = "counterpoise_session"
_SET = """
export default function ({ data }) {
    const secure = window.location.protocol === "https:" ? "; Secure" : "";
    const life = data.token ? "" : "; Max-Age=0";
    document.cookie = `${data.name}=${data.token}; Path=${data.path}; SameSite=Strict${secure}${life}`;
    if (!data.token) {
        window.location.replace(data.path);
    }
}
"""
_component = st.components.v2.component("counterpoise.session_cookie", js=_SET)


def read() -> str:
    """What the browser sent when this page was opened; empty: nothing."""
    return str(st.context.cookies.get(NAME) or "")


def write(token: str) -> None:
    """Have the browser keep a token until it is closed."""
    _mount(token)


def forget() -> None:
    """Have the browser forget the token and open the app anew: nothing of the old session stays in it."""
    _mount("")


def base_path() -> str:
    """Where the app lies on its server: `/`, or `/name/` behind a proxy."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/" if base else "/"


def _mount(token: str) -> None:
    _component(key="sign_in.cookie", data={"name": NAME, "token": token, "path": base_path()})
