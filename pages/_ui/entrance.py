"""What stands between the address and the page: the sign-in page, and what each role may see."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import streamlit as st

from pages._ui import cookie, layout, messages, sign_in, state, way_back
from pages._ui.words import escaped

if TYPE_CHECKING:
    from core.domain.identity import Identity

_FOCUS = """
export default function () {
    if (document.activeElement === document.body) {
        document.querySelector('input[autocomplete="username"]')?.focus();
    }
}
"""
_focus = st.components.v2.component("counterpoise.sign_in_focus", js=_FOCUS)
_FOR_READERS: Final = ("review", "settings")
Sections = Mapping[str, Sequence["st.Page"]]


def visible(sections: Sections, person: "Identity") -> dict[str, list["st.Page"]]:
    """The pages that a person may see: readers review and have their own settings, others have all."""
    from core.domain.identity import Role

    if person.may(Role.RESEARCHER):
        return {section: list(pages) for section, pages in sections.items()}
    shown = {
        name: [page for page in pages if page.url_path in _FOR_READERS] for name, pages in sections.items()
    }
    return {name: pages for name, pages in shown.items() if pages}


def check_page(menu: Sections, page: "st.Page") -> None:
    """From a page that is not for this person, go to the first that is."""
    pages = [item for section in menu.values() for item in section]
    if page.url_path not in {item.url_path for item in pages}:
        st.switch_page(pages[0])


def find_person() -> "Identity | None":
    """The person at work; None once a page was drawn that says why nobody may be let in."""
    from core.errors import AppError

    person = None
    with messages.guarded():
        try:
            person = sign_in.find()
        except AppError as error:
            messages.refusal(error)
            _other_person()
        else:
            if person is None:
                _sign_in()
    return person


def _sign_in() -> None:
    """The sign-in page, whatever the address names; the address stays, and is followed after signing in."""
    layout.name_tab("Sign in")
    if signed_out := bool(state.find(state.SIGNED_OUT)):
        state.drop(state.SIGNED_OUT)
        cookie.forget()
    ended = bool(sign_in.token()) and not signed_out
    whole = st.empty()
    with whole.container():
        _, middle, _ = st.columns([1, 1.2, 1])
    with middle:
        st.title("Sign in", anchor=False)
        if ended:
            st.markdown("You are no longer signed in. Sign in again to go on where you were.")
        if sign_in.is_plain():
            messages.caution(
                "This connection is not encrypted: others on the network can read what you type. Ask whoever "
                "runs this server to put it behind HTTPS."
            )
        if settings := sign_in.provider_settings():
            _provider(settings)
        elif _password():
            whole.empty()  # At once: the page that follows may take a moment
            st.rerun()


def _password() -> bool:
    """Name and password; whether they have just signed somebody in."""
    from core.errors import AccessError
    from core.services import accounts

    with st.form("sign_in", border=False, enter_to_submit=True):
        name = st.text_input("Name", key="sign_in.name", autocomplete="username")
        kind = "current-password"
        password = st.text_input("Password", key="sign_in.password", type="password", autocomplete=kind)
        asked = st.form_submit_button("Sign in", key="sign_in.go", type="primary", width="stretch")
    said = st.container()
    _focus(key="sign_in.focus")
    st.caption("No account, or a forgotten password? An admin of this installation gives you one.")
    if not asked:
        return False
    try:
        with said, st.spinner("Checking"):
            found = accounts.sign_in(name, password)
    except AccessError as error:
        with said:
            messages.refusal(error)
        return False
    sign_in.begin(found.token, found.identity)
    return True


def _provider(settings: Mapping[str, object]) -> None:
    named = [
        name for name, section in settings.items() if isinstance(section, dict) and "client_id" in section
    ]
    way_back.remember()
    st.markdown("Your organisation's sign-in opens.")
    if not named and st.button("Sign in", key="sign_in.provider", type="primary"):
        st.login()
    for number, name in enumerate(named):
        kind = "secondary" if number else "primary"
        if st.button(f"Sign in with {escaped(name)}", key=f"sign_in.provider.{name}", type=kind):
            st.login(name)


def sidebar(menu: Sections, person: "Identity") -> None:
    """The menu, the open dataset, and who is signed in."""
    from core.domain.identity import Role

    layout.navigation(menu)
    if person.may(Role.RESEARCHER):
        layout.open_dataset()
    if person.verified:
        with st.container(gap="xxsmall"):
            st.caption("Signed in")
            st.markdown(f"**{escaped(person.name)}**")
            st.caption(str(person.role))
            if st.button("Sign out", key="frame.sign_out", type="tertiary", icon=":material/logout:"):
                sign_in.sign_out()
        sign_in.keep(person)


def caution(person: "Identity") -> None:
    """Say so where anybody in the network can do everything."""
    if not person.verified and sign_in.is_exposed():
        messages.caution(
            "Others can reach this server, and nobody has to sign in: whoever opens its address sees and "
            "changes everything. Make the first account on the Settings page, or listen on 127.0.0.1 only."
        )


def _other_person() -> None:
    """The way out for whom the identity provider knows and this installation does not admit."""
    if st.user.is_logged_in:
        st.button("Sign in as somebody else", key="sign_in.other", on_click=st.logout)
