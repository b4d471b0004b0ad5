"""Failures to sign in, counted by name: whoever guesses is slowed down, and learns no name by it."""

import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from core.accounts.tables import AttemptRow
from core.errors import AccessError

FREE_FAILURES = 5
_FIRST_LOCK_SECONDS = 60.0
_LONGEST_LOCK_SECONDS = 3600.0
_REMEMBERED_SECONDS = 86_400.0

Clock = Callable[[], float]


def now_seconds() -> float:
    """This moment in seconds since the epoch, UTC."""
    return datetime.now(UTC).timestamp()


def name_key(name: str) -> str:
    """How names are compared: Ann, ANN and ａｎｎ are one.

    >>> name_key(" Änne  Meier ") == name_key("äNNE Meier")
    True
    """
    plain = " ".join(unicodedata.normalize("NFKC", name[:256]).replace("\0", "").split())
    folded = unicodedata.normalize("NFKC", plain.casefold())[:64]
    return folded.encode("utf-8", "ignore").decode()  # What no database holds is in no name


def count_attempt(session: Session, key: str, clock: Clock) -> None:
    """Count an attempt as failed before the password is looked at: many at once get no more tries.

    After five failures in a row each further one locks the name: one minute, then twice as long each time, at
    most one hour. What is a day old is forgotten.

    Raises:
        AccessError: The name is locked; the sentence is the same whether or not there is such an account.
    """
    lock_table(session, AttemptRow.__tablename__)
    now = clock()
    session.execute(delete(AttemptRow).where(AttemptRow.latest < now - _REMEMBERED_SECONDS))
    row = _find(session, key)
    if row.locked_until > now:
        raise AccessError(_locked_sentence(row.locked_until, now))
    row.failures += 1
    row.latest = now
    row.locked_until = now + lock_seconds(row.failures)


def lock_table(session: Session, table: str) -> None:
    """One after the other: two may not make the same row, nor two admins take each other's role.

    SQLite lets one write at a time anyway.

    Args:
        session: Of `Database.writing`.
        table: A name that this program gives.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))


def clear_attempts(session: Session, key: str) -> None:
    """Forget the failures under a name."""
    session.execute(delete(AttemptRow).where(AttemptRow.key == _digest(key)))


def find_locks(session: Session, keys: Sequence[str]) -> dict[str, float]:
    """Until when names are locked, in seconds since the epoch; those that never failed are left out."""
    digests = {_digest(key): key for key in keys}
    rows = session.scalars(select(AttemptRow).where(AttemptRow.key.in_(digests)))
    return {digests[row.key]: row.locked_until for row in rows}


def lock_seconds(failures: int) -> float:
    """How long the latest of so many failures in a row locks a name.

    >>> [lock_seconds(number) for number in (5, 6, 7, 50)]
    [0.0, 60.0, 120.0, 3600.0]
    """
    if failures <= FREE_FAILURES:
        return 0.0
    return min(_FIRST_LOCK_SECONDS * 2.0 ** min(failures - FREE_FAILURES - 1, 30), _LONGEST_LOCK_SECONDS)


def _find(session: Session, key: str) -> AttemptRow:
    row = session.get(AttemptRow, _digest(key))
    if row is None:
        row = AttemptRow(key=_digest(key), failures=0, locked_until=0.0, latest=0.0)
        session.add(row)
    return row


def _locked_sentence(until: float, now: float) -> str:
    minutes = max(1, round((until - now) / 60 + 0.49))
    at = datetime.fromtimestamp(until, UTC).strftime("%H:%M:%S")
    return (
        f"Sign-in under this name is locked after repeated failures. Try again in {minutes} "
        f"{'minute' if minutes == 1 else 'minutes'} (at {at} UTC), or ask an admin to unlock it."
    )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
