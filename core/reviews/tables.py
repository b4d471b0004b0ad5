"""The tables of reviews and of the ledger; the migrations beside `core.workspace.database` create them."""

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from core.workspace.database import Base


class ReviewRow(Base):
    """One review; `spec` is a `ReviewSpec` as JSON, times are UTC in ISO 8601."""

    __tablename__ = "reviews"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    spec: Mapped[str] = mapped_column(Text)
    created: Mapped[str] = mapped_column(String(32))
    created_by: Mapped[str] = mapped_column(String(255))
    closed: Mapped[str | None] = mapped_column(String(32))


class CaseRow(Base):
    """One case of a review; `spec` is a `CaseSpec` as JSON."""

    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("review", "sample"),)

    review: Mapped[str] = mapped_column(String(32), ForeignKey("reviews.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sample: Mapped[str] = mapped_column(Text)
    spec: Mapped[str] = mapped_column(Text)


class AssignmentRow(Base):
    """Who reads a case; `kind` is an `AssignmentKind`."""

    __tablename__ = "assignments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["review", "position"], ["cases.review", "cases.position"], name="fk_assignments_review_position"
        ),
    )

    review: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    reader: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))


class LedgerRow(Base):
    """One record of the chain: exactly the text that was hashed, and its hash."""

    __tablename__ = "ledger"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))


class LedgerHeadRow(Base):
    """The one row that says where the chain ends; locking it makes writers take turns."""

    __tablename__ = "ledger_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class DecisionRow(Base):
    """One decision, as its record of the ledger with the same `seq` tells it."""

    __tablename__ = "decisions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["review", "position"], ["cases.review", "cases.position"], name="fk_decisions_review_position"
        ),
        Index("ix_decisions_review_position", "review", "position"),
    )

    seq: Mapped[int] = mapped_column(ForeignKey("ledger.seq"), primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    review: Mapped[str] = mapped_column(String(32))
    position: Mapped[int]
    reader: Mapped[str] = mapped_column(String(255))
    reader_name: Mapped[str] = mapped_column(String(255))
    adjudication: Mapped[bool]
    class_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text)
    milliseconds: Mapped[int] = mapped_column(BigInteger)
    mask_before: Mapped[str] = mapped_column(String(64))
    mask_after: Mapped[str | None] = mapped_column(String(64))
    mask_version: Mapped[int | None]
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("decisions.seq"), unique=True)
    time: Mapped[str] = mapped_column(String(32))
