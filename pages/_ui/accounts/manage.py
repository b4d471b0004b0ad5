"""Everybody's accounts, for admins."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from core.domain.identity import Identity
from core.services import accounts
from core.services.accounts import Account
from pages._ui import messages, sign_in
from pages._ui.accounts import fields
from pages._ui.words import counted, escaped, visible


def draw(person: Identity) -> None:
    """The list, and what can be done to one of them."""
    st.subheader("Accounts", anchor=False)
    known = accounts.list_accounts(person)
    if known:
        st.dataframe(
            pd.DataFrame([_row(item) for item in known]),
            hide_index=True,
            width="stretch",
            key="accounts.table",
        )
    else:
        st.markdown("Nobody has signed in yet.")
    if person.sign_in == "oidc":
        st.caption(
            "Whoever your organisation's sign-in lets through appears here after the first time. A role that "
            "comes from a group there counts before one that is given here."
        )
    elif st.button("Add an account", key="accounts.add", icon=":material/person_add:"):
        _add()
    if known:
        _change_one(person, known)


def _row(account: Account) -> dict[str, str]:
    return {
        "Name": visible(account.name),
        "Role": str(account.role),
        "State": _state(account),
        "Signs in": "at the organisation" if account.provider else "with a password",
        "Since": account.created[:10],
    }


def _state(account: Account) -> str:
    if not account.active:
        return "closed"
    left = account.locked_until - datetime.now(UTC).timestamp()
    return f"locked, {counted(max(1, round(left / 60)), 'minute')} left" if left > 0 else "open"


def _change_one(person: Identity, known: list[Account]) -> None:
    by_id = {item.id: item for item in known}
    chosen = st.selectbox(
        "Change an account",
        list(by_id),
        None,
        format_func=lambda key: _label(by_id[key], known),
        placeholder="Choose whose",
        key="accounts.chosen",
    )
    account = by_id.get(chosen or "")
    if account is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        role = fields.role(f"accounts.role.{account.id}", account.role)
        if st.button("Give this role", key="accounts.give", disabled=role is account.role):
            accounts.change(account.id, person, role=role)
            _say(f"The role of {account.name} is now {role}.")
    with st.container(horizontal=True):
        _buttons(person, account)


def _buttons(person: Identity, account: Account) -> None:
    if not account.provider and st.button("Give a new password", key="accounts.reset"):
        _reset(account)
    if _state(account).startswith("locked") and st.button("Unlock", key="accounts.unlock"):
        accounts.unlock(account.id, person)
        _say(f"{account.name} may try again.")
    if account.active:
        if st.button("Close the account", key="accounts.close"):
            _close(account)
    elif st.button("Reopen the account", key="accounts.reopen"):
        accounts.change(account.id, person, active=True)
        _say(f"{account.name} may sign in again.")


def _label(account: Account, known: list[Account]) -> str:
    """The name; with the provider's id where two have one name."""
    twice = sum(item.name == account.name for item in known) > 1
    return visible(f"{account.name} ({account.subject or 'password'})" if twice else account.name)


def _say(sentence: str) -> None:
    messages.notice(sentence)
    st.rerun()


@st.dialog("Add an account")
@messages.guarded()
def _add() -> None:
    with st.form("accounts.new", border=False):
        name = st.text_input("Name, as others see it", key="new.name", autocomplete="off")
        role = fields.role("new.role")
        typed = fields.new_password("new")
        asked = st.form_submit_button("Add it", key="new.save", type="primary")
    st.caption("Hand the password over in person; its owner can change it on this page.")
    if asked:
        made = accounts.add(name, fields.same(*typed), role, sign_in.identity())
        _say(f"{made.name} can sign in.")


@st.dialog("Give a new password")
@messages.guarded()
def _reset(account: Account) -> None:
    st.markdown(f"For **{escaped(account.name)}**, who is signed out everywhere and unlocked by it.")
    with st.form("accounts.password", border=False):
        typed = fields.new_password("reset")
        asked = st.form_submit_button("Give it", key="reset.save", type="primary")
    if asked:
        accounts.reset_password(account.id, fields.same(*typed), sign_in.identity())
        _say(f"{account.name} has a new password.")


@st.dialog("Close the account?")
@messages.guarded()
def _close(account: Account) -> None:
    st.markdown(
        f"**{escaped(account.name)}** is signed out everywhere and cannot sign in again until the account is "
        "reopened. Decisions stay, with the name."
    )
    if st.button("Close it", key="close.save", type="primary"):
        accounts.change(account.id, sign_in.identity(), active=False)
        _say(f"The account of {account.name} is closed.")
