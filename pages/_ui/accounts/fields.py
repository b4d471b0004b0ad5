"""Fields that several forms of accounts share."""

import streamlit as st

from core.domain.identity import Role
from core.errors import AccessError

ROLES = {
    Role.READER: "Reader: reviews cases",
    Role.RESEARCHER: "Researcher: datasets, training and reviews",
    Role.ADMIN: "Admin: also manages accounts",
}


def password(label: str, key: str, new: bool) -> str:
    """A password; the browser's keeper is told whether to offer one or to make one."""
    kind = "new-password" if new else "current-password"
    return st.text_input(label, key=key, type="password", autocomplete=kind)


def new_password(key: str) -> tuple[str, str]:
    """A new password, twice."""
    first = password("New password, 12 characters or more", f"{key}.new", new=True)
    return first, password("The same again", f"{key}.again", new=True)


def same(first: str, again: str) -> str:
    """The password that was typed twice. Raises `AccessError` where the two differ."""
    if first != again:
        raise AccessError("The two new passwords differ; type the same one twice.")
    return first


def role(key: str, present: Role = Role.READER, label: str = "Role") -> Role:
    """What somebody may do."""
    return st.selectbox(
        label, list(ROLES), list(ROLES).index(present), format_func=ROLES.__getitem__, key=key
    )
