"""Local accounts: the first admin, sign-in with a lock after failures, roles, passwords."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Literal
from uuid import uuid4

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.accounts.passwords import check_password, hash_password, is_outdated, matches
from core.accounts.tables import AccountRow
from core.domain.identity import Identity, Role, check_role
from core.errors import AccessError
from core.workspace.database import Database

FREE_FAILURES = 5
_FIRST_LOCK_SECONDS = 60.0
_LONGEST_LOCK_SECONDS = 3600.0
_NAME = re.compile(r"[^\s\W]([\w .@'-]{0,62}[\w.])?")
_REFUSAL = (
    "Name or password is wrong, or the account is locked for some minutes after repeated failures. Check "
    "both, or ask an admin to unlock it."
)

SignInMode = Literal["oidc", "accounts", "local"]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Account:
    """One local account; `locked_until` is in seconds since the epoch, UTC, and past for one that is not."""

    id: str
    name: str
    role: Role
    active: bool
    locked_until: float
    created: str


def find_mode(database: Database, oidc: bool) -> SignInMode:
    """How people sign in: at a provider, else with local accounts once there is one, else not at all."""
    if oidc:
        return "oidc"
    with database.reading() as session:
        return "accounts" if session.scalar(select(func.count()).select_from(AccountRow)) else "local"


def local_identity(user: str) -> Identity:
    """The one person of the single-user mode, by the name of the machine's user: nobody checked."""
    return Identity(id=f"local:{user}"[:255], name=user[:255] or "local", sign_in="local", role=Role.ADMIN)


def create_first_admin(database: Database, name: str, password: str) -> Account:
    """Make the first account; from then on everybody signs in.

    Raises:
        AccessError: There are accounts already, or name or password break a rule.
    """
    row = _make_row(name, password, Role.ADMIN)
    with database.writing() as session:
        _lock_accounts(session)
        if session.scalar(select(func.count()).select_from(AccountRow)):
            raise AccessError("There are accounts already; sign in as an admin to add one.")
        session.add(row)
        session.flush()
        return _to_account(row)


def create_account(database: Database, name: str, password: str, role: Role, by: Identity) -> Account:
    """Add an account.

    Raises:
        AccessError: `by` is no admin, the name is taken, or name or password break a rule.
    """
    check_role(by, Role.ADMIN, "add accounts")
    row = _make_row(name, password, role)
    with database.writing() as session:
        _lock_accounts(session)
        if session.scalar(select(AccountRow.id).where(AccountRow.key == row.key)) is not None:
            raise AccessError(f"There is an account with the name {row.name}; choose another name.")
        session.add(row)
        session.flush()
        return _to_account(row)


def sign_in(database: Database, name: str, password: str, clock: Clock | None = None) -> Identity:
    """Sign in.

    An attempt counts as failed before the password is looked at, so that many at once get no more tries than
    one after the other. After five failures in a row each further one locks the account: one minute, then
    twice as long each time, at most one hour.

    Raises:
        AccessError: Always the same sentence, and after as long, so that nobody learns which names exist.
    """
    now = clock or _seconds
    with database.writing() as session:
        row = session.scalar(select(AccountRow).where(AccountRow.key == _key(name)).with_for_update())
        may_try = row is not None and row.active and row.locked_until <= now()
        account_id, stored = (row.id, row.password_hash) if row is not None else ("", _decoy())
        if row is not None and may_try:
            row.failures += 1
            row.locked_until = now() + _lock_seconds(row.failures)
    if not matches(stored, password) or not may_try:
        raise AccessError(_REFUSAL)
    with database.writing() as session:
        row = session.get_one(AccountRow, account_id, with_for_update=True)
        if not row.active or row.password_hash != stored:
            raise AccessError(_REFUSAL)
        row.failures, row.locked_until = 0, 0.0
        if is_outdated(stored):
            row.password_hash = hash_password(password)
        return _to_identity(row)


def find_identity(database: Database, account_id: str) -> Identity | None:
    """Who an account is now; None once it is closed. Ask on every page: roles change while people work."""
    with database.reading() as session:
        row = session.get(AccountRow, account_id)
        return _to_identity(row) if row is not None and row.active else None


def list_accounts(database: Database, by: Identity) -> list[Account]:
    """All accounts by name, closed ones too. Raises `AccessError` unless `by` is an admin."""
    check_role(by, Role.ADMIN, "see the accounts")
    with database.reading() as session:
        return [_to_account(row) for row in session.scalars(select(AccountRow).order_by(AccountRow.key))]


def change_account(
    database: Database, account_id: str, by: Identity, role: Role | None = None, active: bool | None = None
) -> Account:
    """Give another role, or close or reopen an account; what is None stays. Nothing is ever removed.

    Raises:
        AccessError: `by` is no admin, there is no such account, or nobody would be left as an admin.
    """
    check_role(by, Role.ADMIN, "change accounts")
    with database.writing() as session:
        _lock_accounts(session)
        row = _find(session, account_id)
        row.role = role or row.role
        row.active = row.active if active is None else active
        session.flush()
        admins = select(func.count()).where(AccountRow.role == Role.ADMIN, AccountRow.active)
        if not session.scalar(admins):
            raise AccessError(f"{row.name} is the last admin; make somebody else an admin first.")
        return _to_account(row)


def unlock_account(database: Database, account_id: str, by: Identity) -> None:
    """Let somebody try again at once. Raises `AccessError` unless `by` is an admin."""
    check_role(by, Role.ADMIN, "unlock accounts")
    with database.writing() as session:
        row = _find(session, account_id)
        row.failures, row.locked_until = 0, 0.0


def reset_password(database: Database, account_id: str, password: str, by: Identity) -> None:
    """Give a new password to somebody who forgot theirs.

    Raises:
        AccessError: `by` is no admin, there is no such account, or the password breaks a rule.
    """
    check_role(by, Role.ADMIN, "reset passwords")
    with database.writing() as session:
        row = _find(session, account_id)
        check_password(password, row.name)
        row.password_hash, row.failures, row.locked_until = hash_password(password), 0, 0.0


def change_password(
    database: Database, identity: Identity, old: str, new: str, clock: Clock | None = None
) -> None:
    """Change one's own password; the old one is asked for, and counted, as at sign-in.

    Raises:
        AccessError: The old one is wrong, or the new one breaks a rule.
    """
    check_password(new, identity.name)
    if sign_in(database, identity.name, old, clock).id != identity.id:
        raise AccessError(_REFUSAL)
    with database.writing() as session:
        _find(session, identity.id).password_hash = hash_password(new)


def _lock_seconds(failures: int) -> float:
    if failures <= FREE_FAILURES:
        return 0.0
    return min(_FIRST_LOCK_SECONDS * 2.0 ** min(failures - FREE_FAILURES - 1, 30), _LONGEST_LOCK_SECONDS)


def _make_row(name: str, password: str, role: Role) -> AccountRow:
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise AccessError(
            "A name has 1 to 64 letters, digits, spaces and . - _ @ ', and begins with a letter or digit."
        )
    check_password(password, name)
    return AccountRow(
        id=uuid4().hex,
        name=name,
        key=_key(name),
        password_hash=hash_password(password),
        role=str(role),
        active=True,
        failures=0,
        locked_until=0.0,
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    )


def _key(name: str) -> str:
    """How names are compared: Ann, ANN and ａｎｎ are one."""
    plain = unicodedata.normalize("NFKC", name.strip()[:256]).casefold()[:64].replace("\0", "")
    return plain.encode("utf-8", "ignore").decode()  # What no database holds is in no name


def _lock_accounts(session: Session) -> None:
    """Two may not make the first account, nor two admins take each other's role: one of them is first.

    SQLite lets one write at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE"))


def _find(session: Session, account_id: str) -> AccountRow:
    row = session.get(AccountRow, account_id, with_for_update=True)
    if row is None:
        raise AccessError("There is no such account; choose one from the list.")
    return row


def _seconds() -> float:
    return datetime.now(UTC).timestamp()


@cache
def _decoy() -> str:
    """A hash that no password has, to spend the same time on a name that does not exist."""
    return hash_password(uuid4().hex)


def _to_identity(row: AccountRow) -> Identity:
    return Identity(id=row.id, name=row.name, sign_in="password", role=Role(row.role))


def _to_account(row: AccountRow) -> Account:
    return Account(row.id, row.name, Role(row.role), row.active, row.locked_until, row.created)
