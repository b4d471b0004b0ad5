"""The way from the single-user mode to accounts."""

import streamlit as st

from core.services import accounts
from pages._ui import messages, sign_in
from pages._ui.accounts import fields


def draw() -> None:
    """What the single-user mode means, and the way out of it."""
    st.subheader("Accounts", anchor=False)
    st.markdown(
        "Nobody signs in here: whoever reaches this address can do everything, and decisions are recorded as "
        "those of an unverified person. Turn sign-in on before others review, or before the server listens "
        "to a network."
    )
    if st.button("Turn sign-in on", key="first.open", icon=":material/lock:"):
        _turn_on()


@st.dialog("Turn sign-in on")
@messages.guarded()
def _turn_on() -> None:
    messages.caution(
        "From then on everybody signs in, in this browser too, and that cannot be turned off here. Keep the "
        "password: if it is lost, only the command line on this server gives a new one."
    )
    with st.form("first.form", border=False):
        name = st.text_input("Name of the first admin", key="first.name", autocomplete="username")
        typed = fields.new_password("first")
        asked = st.form_submit_button("Make the account and sign in", key="first.save", type="primary")
    if asked:
        found = accounts.turn_on(name, fields.same(*typed))
        sign_in.begin(found.token, found.identity)
        messages.notice("Sign-in is on. Add accounts for the others here.")
        st.rerun()
