"""The ledger in the database: append in the caller's transaction, verify from end to end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast, get_args

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.domain.review import Action
from core.errors import ReviewError
from core.reviews.records import (
    NO_HASH,
    Fault,
    LedgerEntry,
    Link,
    Record,
    StoredRecord,
    canonical_json,
    hash_body,
    walk_chain,
)
from core.reviews.standing import Standing
from core.reviews.store import ReviewStore
from core.reviews.tables import DecisionRow, LedgerHeadRow, LedgerRow
from core.workspace.database import Database

_DECISIONS = get_args(Action)
_SHARED = (
    "token", "review", "position", "class_name", "action", "reason", "comment", "milliseconds", "mask_before",
    "mask_after", "mask_version", "adjudication", "supersedes", "time",
)  # fmt: skip
_BATCH = 500
_HEAD = "ledger_head"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk along the whole chain found.

    Attributes:
        records: Records that are as they were written, from the first on.
        last: The last of them; worth noting outside the database.
        fault: The first broken record; None where the chain is whole.
    """

    records: int
    last: Link
    fault: Fault | None

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault is None


def lock_ledger(session: Session) -> LedgerHeadRow:
    """Make every other writer wait until the caller's transaction ends; where the chain ends now."""
    head = session.info.get(_HEAD)
    if head is None:
        head = session.info[_HEAD] = find_head_row(session, lock=True)  # One transaction: it locks once
    return cast(LedgerHeadRow, head)


def find_head_row(session: Session, lock: bool = False) -> LedgerHeadRow:
    """Where the chain ends, within a transaction.

    Raises:
        ReviewError: Somebody has removed it.
    """
    row = session.get(LedgerHeadRow, 1, with_for_update=lock)
    if row is None:
        raise ReviewError(
            "The database does not say any more where the ledger ends; nothing can be decided. Verify it "
            "(`counterpoise audit verify`), and restore the database from a backup."
        )
    return row


def append_record(session: Session, store: ReviewStore, entry: LedgerEntry) -> Record:
    """Add a record in the caller's transaction: it stands if, and only if, what it tells of stands.

    Args:
        session: Of `Database.writing`.
        store: Its clock gives the record's time.
        entry: What happened.
    """
    (record,) = append_records(session, store, [entry])
    return record


def append_records(session: Session, store: ReviewStore, entries: Iterable[LedgerEntry]) -> list[Record]:
    """Add records as `append_record` does, thousands at once: nobody else can write meanwhile."""
    head = lock_ledger(session)
    records, rows = [], []
    for entry in entries:
        record = Record(**entry.model_dump(), seq=head.seq + 1, time=store.now(), previous=head.hash)
        body = canonical_json(record)
        head.seq, head.hash = record.seq, hash_body(body)
        records.append(record)
        rows.append({"seq": record.seq, "body": body, "hash": head.hash})
    if rows:
        session.execute(insert(LedgerRow), rows)
    session.flush()
    return records


def read_records(session: Session) -> list[Record]:
    """All records in their order; `verify_ledger` says whether they can be believed."""
    bodies = session.scalars(select(LedgerRow.body).order_by(LedgerRow.seq))
    return [Record.model_validate_json(body) for body in bodies]


def find_head(database: Database) -> Link:
    """Where the chain ends now.

    Raises:
        WorkspaceError: The database cannot be read.
    """
    with database.reading() as session:
        head = find_head_row(session)
        return Link(head.seq, head.hash)


def verify_ledger(database: Database, noted: Link | None = None) -> Verification:
    """Walk the chain, and compare decisions, reviews, cases and assignments with their records.

    Args:
        database: The one to check; writers may go on meanwhile.
        noted: What an earlier verification gave as `last`, kept where nobody who can write to the database
            can write: only that tells a ledger that was cut, or written anew, as a whole.

    Raises:
        WorkspaceError: The database cannot be read.
    """
    with database.reading() as session:
        head = session.get(LedgerHeadRow, 1)
        rows, standing = _Rows(session), Standing()
        last, fault = Link(0, NO_HASH), None
        for found in walk_chain(rows, Link(head.seq, head.hash) if head else None, noted):
            fault = found if isinstance(found, Fault) else _compare(found, rows.decision)
            if fault is not None:
                break
            standing.take(cast(Record, found))
            last = Link(rows.row.seq, rows.row.hash)
        if fault is None:
            fault = _find_stray(session, last.seq) or standing.find_fault(session)
    return Verification(last.seq, last, fault)


class _Rows:
    """The ledger's rows in batches; `row` and `decision` are those of the latest."""

    row: StoredRecord
    decision: DecisionRow | None

    def __init__(self, session: Session) -> None:
        self._session = session

    def __iter__(self) -> Iterator[StoredRecord]:
        query = (
            select(LedgerRow.seq, LedgerRow.body, LedgerRow.hash, DecisionRow)
            .outerjoin(DecisionRow, DecisionRow.seq == LedgerRow.seq)
            .order_by(LedgerRow.seq)
            .limit(_BATCH)
        )
        batch = self._session.execute(query).all()
        while batch:
            for seq, body, digest, decision in batch:
                self.row, self.decision = StoredRecord(seq, body, digest), decision
                yield self.row
            self._session.expunge_all()  # A long ledger need not lie in memory
            batch = self._session.execute(query.where(LedgerRow.seq > self.row.seq)).all()


def _compare(record: Record, decision: DecisionRow | None) -> Fault | None:
    if (record.action in _DECISIONS) != (decision is not None):
        what = "is missing" if decision is None else "was added by hand"
        return Fault(record.seq, "decision", f"The decision that belongs to record {record.seq} {what}.")
    if decision is None:
        return None
    wrong = [name for name in _SHARED if getattr(record, name) != getattr(decision, name)]
    if (record.reader.id, record.reader.name) != (decision.reader, decision.reader_name):
        wrong.append("reader")
    if not wrong:
        return None
    return Fault(
        record.seq,
        "decision",
        f"The decision of record {record.seq} was changed: it differs from its record in {', '.join(wrong)}.",
    )


def _find_stray(session: Session, last: int) -> Fault | None:
    stray = session.scalar(select(func.min(DecisionRow.seq)).where(DecisionRow.seq > last))
    if stray is None:
        return None
    return Fault(stray, "decision", f"A decision stands under the number {stray}, which no record has.")
