"""Signing in with name and password."""

from dataclasses import dataclass

from sqlalchemy import select

from core.accounts.attempts import Clock, clear_attempts, count_attempt, name_key, now_seconds
from core.accounts.passwords import check_password, decoy, hash_password, is_outdated, matches
from core.accounts.sessions import begin_session, end_sessions
from core.accounts.tables import AccountRow
from core.domain.identity import Identity
from core.errors import AccessError
from core.workspace.database import Database

_REFUSAL = "Name or password is wrong. Check both; a few failures in a row lock the name for some time."
_WRONG_PRESENT = "The present password is wrong. A few failures in a row lock your name for some time."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who proved to be who they are; `token` is for their browser and nobody else."""

    identity: Identity
    token: str


def sign_in(database: Database, name: str, password: str, clock: Clock = now_seconds) -> SignedIn:
    """Sign in, and begin a session.

    Raises:
        AccessError: Name or password is wrong, the account is closed, or the name is locked. Neither the
            sentence nor the time it takes tells which names exist: for each a failure is stored and a hash
            is computed.
    """
    identity = _check(database, name, password, clock)
    return SignedIn(identity, begin_session(database, identity.id, clock))


def change_password(
    database: Database, identity: Identity, old: str, new: str, token: str, clock: Clock = now_seconds
) -> None:
    """Change one's own password; other browsers in which the person is signed in no longer are.

    Args:
        database: Where accounts are kept.
        identity: Who, signed in with a password.
        old: Asked for, and counted, as at sign-in: nobody changes it who merely finds a browser open.
        new: What it becomes.
        token: Of the session that goes on.
        clock: In seconds since the epoch.

    Raises:
        AccessError: The old one is wrong, or the new one breaks a rule.
    """
    if identity.sign_in != "password":
        raise AccessError("There is no password here to change; it is changed where you sign in.")
    check_password(new, identity.name)
    if _check(database, identity.name, old, clock, _WRONG_PRESENT).id != identity.id:
        raise AccessError(_WRONG_PRESENT)
    hashed = hash_password(new)
    with database.writing() as session:
        session.get_one(AccountRow, identity.id).password_hash = hashed
        end_sessions(session, identity.id, but=token)


def _check(database: Database, name: str, password: str, clock: Clock, refusal: str = _REFUSAL) -> Identity:
    """Whose name and password these are. Raises `AccessError` with `refusal` where they are nobody's."""
    key, account_id, stored = name_key(name), "", decoy()
    with database.writing() as session:
        count_attempt(session, key, clock)
        row = session.scalar(select(AccountRow).where(AccountRow.key == key, AccountRow.subject.is_(None)))
        if row is not None:
            account_id, stored = row.id, row.password_hash
    if not matches(stored, password) or not account_id:
        raise AccessError(refusal)
    renewed = hash_password(password) if is_outdated(stored) else stored
    with database.writing() as session:
        row = session.get_one(AccountRow, account_id, with_for_update=True)
        if not row.active or row.password_hash != stored:
            raise AccessError(refusal)
        row.password_hash = renewed
        clear_attempts(session, key)
        return row.to_identity()
