"""Sessions: the browsers in which people with a password are signed in."""

import hashlib
import secrets

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from core.accounts.attempts import Clock, now_seconds
from core.accounts.tables import AccountRow, SessionRow
from core.domain.identity import Identity
from core.workspace.database import Database

LONGEST_SECONDS = 12 * 3600.0  # A working day
IDLE_SECONDS = 3600.0
_TOUCH_SECONDS = 60.0  # Uses are written down no more often than this


def begin_session(database: Database, account_id: str, clock: Clock = now_seconds) -> str:
    """Begin a session; the token returned is the only copy: 256 random bits, whose hash is stored."""
    token, now = secrets.token_urlsafe(32), clock()
    with database.writing() as session:
        session.execute(
            delete(SessionRow).where(
                or_(SessionRow.began <= now - LONGEST_SECONDS, SessionRow.used <= now - IDLE_SECONDS)
            )
        )
        session.add(SessionRow(token_hash=_digest(token), account=account_id, began=now, used=now))
    return token


def find_person(
    database: Database, token: str, used: bool = True, clock: Clock = now_seconds
) -> Identity | None:
    """Whose session a token is of; None once it is over, or the account closed.

    Ask on every page and before every deed: roles change and accounts close while people work.

    Args:
        database: Where sessions are kept.
        token: What the browser sent.
        used: Whether somebody is at work; a mere look whether the session still stands keeps it no longer.
        clock: In seconds since the epoch.
    """
    now = clock()
    with database.reading() as session:
        row = session.get(SessionRow, _digest(token))
        if row is None or row.began <= now - LONGEST_SECONDS or row.used <= now - IDLE_SECONDS:
            return None
        account = session.get(AccountRow, row.account)
        if account is None or not account.active:
            return None
        person = account.to_identity()
        late = used and row.used <= now - _TOUCH_SECONDS
    if late:
        with database.writing() as session:
            kept = session.get(SessionRow, _digest(token))
            if kept is not None:  # It may have ended meanwhile
                kept.used = now
    return person


def end_session(database: Database, token: str) -> None:
    """Sign out; a token that is of no session changes nothing."""
    with database.writing() as session:
        session.execute(delete(SessionRow).where(SessionRow.token_hash == _digest(token)))


def end_sessions(session: Session, account_id: str, but: str = "") -> None:
    """End all sessions of an account, in the caller's transaction.

    Args:
        session: Of `Database.writing`.
        account_id: Whose.
        but: The token of one that goes on; empty: none does.
    """
    ended = select(SessionRow.token_hash).where(SessionRow.account == account_id)
    session.execute(
        delete(SessionRow).where(SessionRow.token_hash.in_(ended), SessionRow.token_hash != _digest(but))
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
