"""Accounts that the tests share."""

from core.accounts.accounts import Account, create_account, create_first_admin
from core.accounts.signing_in import sign_in
from core.domain.identity import Identity, Role
from core.workspace.database import Database

PASSWORD = "four plain unrelated words"  # noqa: S105  # of accounts that live as long as a test
OTHER_PASSWORD = "some quite different words"  # noqa: S105  # of accounts that live as long as a test


class Clock:
    """A clock that stands until somebody moves it, in seconds."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def begin(database: Database) -> Identity:
    """The first admin, signed in."""
    create_first_admin(database, "Root", PASSWORD)
    return sign_in(database, "Root", PASSWORD).identity


def add(database: Database, by: Identity, name: str, role: Role = Role.READER) -> Account:
    return create_account(database, name, PASSWORD, role, by)
