"""Who is at work, what they may do, and the accounts of this installation.

Every sign-in, refusal and change of an account is a line of the log `counterpoise.accounts`.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import ValidationError

from core.accounts import accounts, sessions, signing_in
from core.accounts.accounts import Account, SignInMode
from core.accounts.attempts import now_seconds
from core.accounts.claims import RoleRules, is_over, read_claims
from core.accounts.signing_in import SignedIn
from core.domain.identity import Identity, Role
from core.errors import AccessError
from core.services.single_user import is_certain
from core.workspace.database import workspace_database

_log = logging.getLogger("counterpoise.accounts")


def find_mode(oidc: bool) -> SignInMode:
    """How people sign in here.

    Args:
        oidc: Whether an identity provider is configured, which comes first.

    Raises:
        WorkspaceError: The database cannot be opened.
    """
    if oidc:
        return "oidc"
    return "local" if is_certain() else accounts.find_mode(workspace_database(), oidc)


def find_person(token: str, used: bool = True) -> Identity | None:
    """Whose session a browser's token is of, or None; see `core.accounts.sessions`."""
    return sessions.find_person(workspace_database(), token, used) if token else None


def admit(claims: Mapping[str, object], roles: Mapping[str, object]) -> Identity | None:
    """Who somebody that the identity provider has signed in is here; None once that is too long ago.

    Args:
        claims: Of the ID token.
        roles: The section `[roles]` of the configuration; see `core.accounts.claims.RoleRules`.

    Raises:
        AccessError: The person may not enter, or the configuration breaks a rule.
    """
    if is_over(claims, now_seconds()):
        return None
    try:
        rules = RoleRules.model_validate(roles)
    except ValidationError as error:
        wrong = error.errors()[0]
        where = ".".join(map(str, wrong["loc"]))
        raise AccessError(
            f"The section [roles] of .streamlit/secrets.toml cannot be used: {where}: {wrong['msg']}. "
            "docs/security.md says what it holds."
        ) from error
    role_at_first = None if rules.first == "nobody" else rules.first
    return accounts.admit(workspace_database(), read_claims(claims, rules), role_at_first)


def sign_in(name: str, password: str) -> SignedIn:
    """Sign in with name and password. Raises `AccessError` as `core.accounts.signing_in.sign_in`."""
    try:
        found = signing_in.sign_in(workspace_database(), name, password)
    except AccessError:
        _log.warning("sign-in refused")  # Without the name: people type passwords there
        raise
    _log.info("%s signed in", found.identity.id)
    return found


def sign_out(token: str) -> None:
    """End the session of a token."""
    sessions.end_session(workspace_database(), token)


def change_password(identity: Identity, old: str, new: str, token: str) -> None:
    """Change one's own password; other sessions of the person end. Raises `AccessError`."""
    signing_in.change_password(workspace_database(), identity, old, new, token)
    _log.info("%s changed the own password", identity.id)


def turn_on(name: str, password: str) -> SignedIn:
    """Make the first account, an admin's; from then on everybody signs in.

    Raises:
        AccessError: There are accounts already, or name or password break a rule.
    """
    made = accounts.create_first_admin(workspace_database(), name, password)
    _log.info("accounts are on; %s is the first admin", made.id)
    return sign_in(name, password)


def list_accounts(by: Identity) -> list[Account]:
    """All accounts, closed ones too. Raises `AccessError` unless `by` is an admin."""
    return accounts.list_accounts(workspace_database(), by)


def find_account(named: str, by: Identity) -> Account:
    """The account that a name or an id means.

    Raises:
        AccessError: There is none, or several persons of an identity provider have the name.
    """
    found = [item for item in list_accounts(by) if named in (item.id, item.subject, item.name)]
    if len(found) != 1:
        how = "There is no account" if not found else f"{len(found)} accounts have the name"
        raise AccessError(
            f"{how} {named!r}; give the name or the id that `counterpoise accounts list` shows."
        )
    return found[0]


def report(account: Account) -> dict[str, Any]:
    """An account for other programs; no secret is in it."""
    return asdict(account)


def add(name: str, password: str, role: Role, by: Identity) -> Account:
    """Add an account. Raises `AccessError` as `core.accounts.accounts.create_account`."""
    made = accounts.create_account(workspace_database(), name, password, role, by)
    _log.info("%s added %s as %s", by.id, made.id, made.role)
    return made


def change(account_id: str, by: Identity, role: Role | None = None, active: bool | None = None) -> Account:
    """Give another role, close or reopen. Raises `AccessError`; the last admin stays one."""
    changed = accounts.change_account(workspace_database(), account_id, by, role, active)
    _log.info("%s made %s %s, active: %s", by.id, changed.id, changed.role, changed.active)
    return changed


def unlock(account_id: str, by: Identity) -> None:
    """Let somebody try again at once. Raises `AccessError` unless `by` is an admin."""
    accounts.unlock_account(workspace_database(), account_id, by)
    _log.info("%s unlocked %s", by.id, account_id)


def reset_password(account_id: str, password: str, by: Identity) -> None:
    """Give a new password. Raises `AccessError` unless `by` is an admin and the password is good."""
    accounts.reset_password(workspace_database(), account_id, password, by)
    _log.info("%s gave %s a new password", by.id, account_id)
