"""The accounts of an installation: who they are, what they may do, and how they are managed."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.accounts.attempts import clear_attempts, find_locks, lock_table, name_key
from core.accounts.claims import ProviderPerson
from core.accounts.passwords import check_password, hash_password
from core.accounts.sessions import end_sessions
from core.accounts.tables import AccountRow
from core.domain.identity import Identity, Role, check_role
from core.errors import AccessError
from core.workspace.database import Database

_NAME = re.compile(r"[^\s\W]([\w .@'-]{0,62}[\w.])?")

SignInMode = Literal["oidc", "accounts", "local"]


@dataclass(frozen=True, slots=True)
class Account:
    """One account, as it is managed.

    Attributes:
        id: Of the account; it need not be the person's id in the ledger.
        name: Shown to people.
        role: What they may do.
        active: Whether they may sign in.
        provider: Whether an identity provider signs them in; they have no password here.
        subject: The provider's issuer and subject; empty for others.
        locked_until: In seconds since the epoch, UTC; past, or 0, for one that is not locked.
        created: UTC, ISO 8601.
    """

    id: str
    name: str
    role: Role
    active: bool
    provider: bool
    subject: str
    locked_until: float
    created: str


def find_mode(database: Database, oidc: bool) -> SignInMode:
    """How people sign in: at a provider, else with a password once there is any account, else not at all.

    Accounts of a provider count too: where its settings are lost, nobody must become the single user by it.
    """
    if oidc:
        return "oidc"
    with database.reading() as session:
        return "local" if session.scalar(select(AccountRow.id).limit(1)) is None else "accounts"


def create_first_admin(database: Database, name: str, password: str) -> Account:
    """Make the first account with a password; from then on everybody signs in.

    Raises:
        AccessError: There are accounts already, or name or password break a rule.
    """
    row = _make_row(name, password, Role.ADMIN)
    with database.writing() as session:
        lock_table(session, AccountRow.__tablename__)
        if _has_local(session):
            raise AccessError("There are accounts already; sign in as an admin to add one.")
        session.add(row)
        session.flush()
        return _to_account(row)


def create_account(database: Database, name: str, password: str, role: Role, by: Identity) -> Account:
    """Add an account.

    Raises:
        AccessError: `by` is no admin, the name is taken, the first account would be no admin's, or name or
            password break a rule.
    """
    check_role(by, Role.ADMIN, "add accounts")
    row = _make_row(name, password, role)
    with database.writing() as session:
        lock_table(session, AccountRow.__tablename__)
        if role is not Role.ADMIN and not _has_local(session):
            raise AccessError("The first account must be an admin's; nobody could add others without one.")
        if session.scalar(select(AccountRow.id).where(AccountRow.key == row.key)) is not None:
            raise AccessError(f"There is an account with the name {row.name}; choose another name.")
        session.add(row)
        session.flush()
        return _to_account(row)


def admit(database: Database, person: ProviderPerson, role_at_first: Role | None) -> Identity:
    """Who somebody that a provider has signed in is here; the first time makes their account.

    Args:
        database: Where accounts are kept.
        person: From the provider's claims. A role that their groups give counts; else the one that an admin
            gave here.
        role_at_first: Of whoever has no such group and was never here; None lets nobody in without one.

    Raises:
        AccessError: The account is closed, or there is no role for the person.
    """
    with database.reading() as session:
        row = _find_admitted(session, person)
        if row is not None and row.name == person.name and person.role in (None, Role(row.role)):
            return _to_active(row)
    role = person.role or role_at_first
    with database.writing() as session:
        lock_table(session, AccountRow.__tablename__)
        row = _find_admitted(session, person)
        if row is None:
            if role is None:
                raise AccessError(
                    f"{person.name} is signed in, but has no role here; ask an admin to add one of your "
                    "groups to the roles."
                )
            row = _make_provider_row(person, role)
            session.add(row)
        row.name, row.role = person.name, str(person.role or row.role)
        return _to_active(row)


def list_accounts(database: Database, by: Identity) -> list[Account]:
    """All accounts by name, closed ones too. Raises `AccessError` unless `by` is an admin."""
    check_role(by, Role.ADMIN, "see the accounts")
    with database.reading() as session:
        rows = session.scalars(select(AccountRow).order_by(func.lower(AccountRow.name), AccountRow.id)).all()
        locks = find_locks(session, [row.key for row in rows])
        return [_to_account(row, locks.get(row.key, 0.0)) for row in rows]


def list_people(database: Database, by: Identity) -> list[Identity]:
    """Everybody who signs in as `by` does, by name, for instance to assign cases to.

    Raises:
        AccessError: `by` is no researcher.
    """
    check_role(by, Role.RESEARCHER, "see who has an account")
    with database.reading() as session:
        query = (
            select(AccountRow).where(AccountRow.active).order_by(func.lower(AccountRow.name), AccountRow.id)
        )
        people = [row.to_identity() for row in session.scalars(query)]
    return [person for person in people if by.sign_in in (person.sign_in, "local")]


def change_account(
    database: Database, account_id: str, by: Identity, role: Role | None = None, active: bool | None = None
) -> Account:
    """Give another role, or close or reopen an account; what is None stays. Nothing is ever removed.

    Raises:
        AccessError: `by` is no admin, there is no such account, or nobody would be left as an admin.
    """
    check_role(by, Role.ADMIN, "change accounts")
    with database.writing() as session:
        lock_table(session, AccountRow.__tablename__)
        row = find_row(session, account_id)
        row.role = str(role or row.role)
        row.active = row.active if active is None else active
        session.flush()
        if not session.scalar(select(func.count()).where(_admins_like(row))):
            raise AccessError(f"{row.name} is the last admin; make somebody else an admin first.")
        if not row.active:
            end_sessions(session, row.id)
        return _to_account(row)


def unlock_account(database: Database, account_id: str, by: Identity) -> None:
    """Let somebody try again at once. Raises `AccessError` unless `by` is an admin."""
    check_role(by, Role.ADMIN, "unlock accounts")
    with database.writing() as session:
        clear_attempts(session, find_row(session, account_id).key)


def reset_password(database: Database, account_id: str, password: str, by: Identity) -> None:
    """Give a new password to somebody who forgot theirs; wherever they are signed in, they no longer are.

    Raises:
        AccessError: `by` is no admin, there is no such account, it has no password here, or the new one
            breaks a rule.
    """
    check_role(by, Role.ADMIN, "reset passwords")
    hashed = hash_password(password)  # Takes long: not while others wait to write
    with database.writing() as session:
        row = find_row(session, account_id)
        if row.subject is not None:
            raise AccessError(f"{row.name} signs in at the identity provider; the password is changed there.")
        check_password(password, row.name)
        row.password_hash = hashed
        clear_attempts(session, row.key)
        end_sessions(session, row.id)


def find_row(session: Session, account_id: str) -> AccountRow:
    """The row of an account. Raises `AccessError` where there is none."""
    row = session.get(AccountRow, account_id, with_for_update=True)
    if row is None:
        raise AccessError("There is no such account; choose one from the list.")
    return row


def _to_active(row: AccountRow) -> Identity:
    if not row.active:
        raise AccessError(f"The account of {row.name} is closed; ask an admin to reopen it.")
    return row.to_identity()


def _make_row(name: str, password: str, role: Role) -> AccountRow:
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not _NAME.fullmatch(name):
        raise AccessError(
            "A name has 1 to 64 letters, digits, spaces and . - _ @ ', and begins with a letter or digit."
        )
    check_password(password, name)
    return AccountRow(
        id=uuid4().hex,
        name=name,
        key=name_key(name),
        subject=None,
        password_hash=hash_password(password),
        role=str(role),
        active=True,
        created=_now(),
    )


def _make_provider_row(person: ProviderPerson, role: Role) -> AccountRow:
    return AccountRow(
        id=uuid4().hex,
        name=person.name,
        key="|" + hashlib.sha256(person.subject.encode()).hexdigest()[:63],  # No name has a |
        subject=person.subject,
        password_hash="",
        role=str(role),
        active=True,
        created=_now(),
    )


def _find_admitted(session: Session, person: ProviderPerson) -> AccountRow | None:
    return session.scalar(select(AccountRow).where(AccountRow.subject == person.subject))


def _has_local(session: Session) -> bool:
    return bool(session.scalar(select(func.count()).where(AccountRow.subject.is_(None))))


def _admins_like(row: AccountRow) -> ColumnElement[bool]:
    """Admins who sign in the same way: one at a provider is no help where there is none."""
    same = AccountRow.subject.is_(None) if row.subject is None else AccountRow.subject.is_not(None)
    return (AccountRow.role == Role.ADMIN) & AccountRow.active & same


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _to_account(row: AccountRow, locked_until: float = 0.0) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        active=row.active,
        provider=row.subject is not None,
        subject=row.subject or "",
        locked_until=locked_until,
        created=row.created,
    )
