"""The tables of accounts; the migrations beside `core.workspace.database` create them."""

from sqlalchemy import Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.domain.identity import Identity, Role
from core.workspace.database import Base


class AccountRow(Base):
    """One account.

    `key` is the name as it is compared; of an account at an identity provider it is made of `subject`, which
    is the provider's issuer and subject, and None for one with a password here.
    """

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    subject: Mapped[str | None] = mapped_column(String(255), index=True, unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(16))
    active: Mapped[bool]
    created: Mapped[str] = mapped_column(String(32))

    def to_identity(self) -> Identity:
        """Who the person is; at a provider, the ledger knows them by what the provider calls them."""
        if self.subject is not None:
            return Identity(id=self.subject, name=self.name, sign_in="oidc", role=Role(self.role))
        return Identity(id=self.id, name=self.name, sign_in="password", role=Role(self.role))


class AttemptRow(Base):
    """Failures to sign in under one name, whether or not there is such an account.

    `key` is a hash: people type passwords into the field for names. Times are in seconds since
    the epoch, UTC.
    """

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    locked_until: Mapped[float] = mapped_column(Float(53))
    latest: Mapped[float] = mapped_column(Float(53))


class SessionRow(Base):
    """One browser in which somebody is signed in; only the token's hash is kept.

    Times are in seconds since the epoch, UTC.
    """

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(String(32), ForeignKey("accounts.id"), index=True)
    began: Mapped[float] = mapped_column(Float(53))
    used: Mapped[float] = mapped_column(Float(53))
