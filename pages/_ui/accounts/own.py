"""One's own account: who one is here, and the own password."""

import streamlit as st

from core.domain.identity import Identity
from core.services import accounts
from pages._ui import messages, sign_in
from pages._ui.accounts import fields
from pages._ui.words import escaped

_HOW = {
    "password": "You stay signed in until you close the browser, for an hour without use, and for twelve "
    "hours at most.",
    "oidc": "Your organisation signed you in, for twelve hours; your password is changed there.",
}


def draw(person: Identity) -> None:
    """Nothing in the single-user mode."""
    if not person.verified:
        return
    st.subheader("Your account", anchor=False)
    st.markdown(f"{escaped(person.name)}, {person.role}. {_HOW[person.sign_in]}")
    if person.sign_in == "password" and st.button("Change your password", key="own.change"):
        _change()


@st.dialog("Change your password")
@messages.guarded()
def _change() -> None:
    with st.form("own.form", border=False):
        old = fields.password("Present password", "own.old", new=False)
        new = fields.new_password("own")
        asked = st.form_submit_button("Change it", key="own.save", type="primary")
    st.caption("Wherever else you are signed in, you will have to sign in again.")
    if asked:
        accounts.change_password(sign_in.identity(), old, fields.same(*new), sign_in.token())
        messages.notice("Your password is changed.")
        st.rerun()
