"""Who sits there: asked before a page is drawn, and again before anything is done."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import streamlit as st

from pages._ui import cookie, state, way_back

if TYPE_CHECKING:
    from core.domain.identity import Identity

_LOOK_SECONDS = 60.0
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def identity() -> "Identity":
    """The person at work. Ask anew in each fragment and before each deed: sessions end, roles change.

    Raises:
        AccessError: Nobody is signed in, or no longer.
    """
    from core.errors import AccessError

    if (person := find()) is None:
        raise AccessError("You are no longer signed in. Reload the page, sign in, and do it again.")
    return person


def find(used: bool = True) -> "Identity | None":
    """The person at work, or None where somebody first has to sign in.

    Args:
        used: Whether somebody is at work; a mere look does not keep a session open.

    Raises:
        AccessError: The identity provider knows the person, but they may not enter here.
        WorkspaceError: The database cannot be reached.
    """
    from core.services import single_user

    oidc = bool(provider_settings())
    if not oidc and single_user.is_certain():
        return single_user.local_person()
    from core.services import accounts

    mode = accounts.find_mode(oidc)
    if mode == "local":
        return single_user.local_person()
    if mode == "accounts":
        return accounts.find_person(token(), used)
    if not st.user.is_logged_in:
        return None
    return accounts.admit(st.user.to_dict(), _section("roles"))


def token() -> str:
    """The token of this browser's session; empty: none."""
    return state.find(state.SESSION) or cookie.read()


def begin(session_token: str, person: "Identity") -> None:
    """Go on as somebody who has just signed in; what another person left in this tab is dropped."""
    if state.find(state.LAST_PERSON) not in (None, person.id):
        for name in list(st.session_state):
            del st.session_state[name]
    state.put(state.SESSION, session_token)
    state.put(state.LAST_PERSON, person.id)


def sign_out() -> None:
    """End the session here and now, and have the browser start anew."""
    from core.services import accounts

    if provider_settings():
        st.logout()
        st.stop()  # A rerun now would swallow the way to the address that takes the provider's cookie away
    accounts.sign_out(token())
    state.drop(state.SESSION)
    state.put(state.SIGNED_OUT, True)
    st.rerun()


def keep(person: "Identity") -> None:
    """Let the session outlive a reload of the browser, and look now and then whether it still stands."""
    if not person.verified:
        return
    state.put(state.LAST_PERSON, person.id)
    if person.sign_in == "oidc":
        way_back.follow()
    kept = state.find(state.SESSION)
    if kept and cookie.read() != kept:
        cookie.write(kept)
    _look(person)


@st.fragment(run_every=_LOOK_SECONDS)
def _look(person: "Identity") -> None:
    if find(used=False) != person:
        st.rerun()  # The sign-in page, or what the new role may see


def provider_settings() -> Mapping[str, object]:
    """The section `[auth]` of the configuration; empty where no identity provider signs people in."""
    return _section("auth")


def _section(name: str) -> Mapping[str, object]:
    """A section of `.streamlit/secrets.toml`; empty where there is none.

    Raises:
        AccessError: The file is there but cannot be read: nobody must get in because of a typing error.
    """
    try:
        found = st.secrets[name].to_dict() if name in st.secrets else {}
    except FileNotFoundError as error:
        broken = [path for path in st.get_option("secrets.files") if Path(path).exists()]
        if not broken:
            return {}
        from core.errors import AccessError

        raise AccessError(
            f"{broken[0]} cannot be read, and it says who may enter: nobody can until it is mended. Whoever "
            "runs this server finds the line in its log."
        ) from error
    return found


def is_exposed() -> bool:
    """Whether others than this machine can reach the server, as far as it knows."""
    bound = str(st.get_option("server.address") or "")
    host = urlsplit(st.context.url or "http://localhost").hostname
    return bound not in _LOOPBACK or host not in _LOOPBACK


def is_plain() -> bool:
    """Whether what is typed travels unencrypted through a network."""
    address = urlsplit(st.context.url or "")
    return address.scheme == "http" and address.hostname not in _LOOPBACK
