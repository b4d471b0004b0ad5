"""The table of local accounts; the migrations beside `core.workspace.database` create it."""

from sqlalchemy import Float, String
from sqlalchemy.orm import Mapped, mapped_column

from core.workspace.database import Base


class AccountRow(Base):
    """One local account.

    `key` is the name as it is compared; `failures` counts attempts to sign in since the last that succeeded;
    `locked_until` is in seconds since the epoch, UTC.
    """

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(16))
    active: Mapped[bool]
    failures: Mapped[int]
    locked_until: Mapped[float] = mapped_column(Float(53))
    created: Mapped[str] = mapped_column(String(32))
