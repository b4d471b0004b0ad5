"""The part of a ledger that travels: written here for others, or read from what others sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from sqlalchemy import select

from core.domain.masks import LabelMask
from core.domain.review import Action
from core.errors import ReviewError
from core.reviews.opening import find_row
from core.reviews.records import Record, hash_body
from core.reviews.store import ReviewStore
from core.reviews.tables import LedgerRow

MaskKey = tuple[int, str]
"""Position of a case and hash of a mask."""


@dataclass(frozen=True, slots=True)
class LedgerPart:
    """The records of one review as they stand in a ledger.

    Attributes:
        installation: Hash of the ledger's first record, which no other ledger has.
        records: Body and hash of each, in their order.
    """

    installation: str
    records: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """A decision's record of another ledger, and its hash there."""

    record: Record
    hash: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back.

    Attributes:
        bundle: The bundle's id.
        installation: Of the other ledger.
        decisions: In the order in which they were made.
        masks: Every corrected mask that they speak of.
    """

    bundle: str
    installation: str
    decisions: tuple[ForeignRecord, ...]
    masks: Mapping[MaskKey, LabelMask]


def read_part(store: ReviewStore, review_id: str) -> LedgerPart:
    """The part of the ledger that speaks of one review.

    Raises:
        ReviewError: There is no such review.
    """
    with store.database.reading() as session:
        find_row(session, review_id)
        first = session.scalars(select(LedgerRow.hash).order_by(LedgerRow.seq).limit(1)).one()
        rows = session.execute(
            select(LedgerRow.body, LedgerRow.hash)
            # Canonical JSON has no white space, and quotation marks inside of texts are escaped
            .where(LedgerRow.body.contains(f'"review":"{review_id}"', autoescape=True))
            .order_by(LedgerRow.seq)
        )
        return LedgerPart(first, tuple((body, digest) for body, digest in rows))


def find_decisions(part: Sequence[ForeignRecord]) -> list[ForeignRecord]:
    """The decisions among some records, in their order."""
    return sorted(
        (item for item in part if item.record.action in get_args(Action)), key=lambda item: item.record.seq
    )


def read_foreign(records: Sequence[tuple[str, str]], review_id: str) -> list[ForeignRecord]:
    """Records of another ledger, each checked against its hash.

    Args:
        records: Body and hash of each.
        review_id: The review there that all must speak of.

    Raises:
        ReviewError: One was changed, or speaks of another review.
    """
    found = []
    for number, (body, digest) in enumerate(records, start=1):
        if hash_body(body) != digest:
            raise ReviewError(
                f"Record {number} of the bundle was changed after it was written: its content does not have "
                "the hash beside it. Ask the sender for the file as it was written."
            )
        try:
            record = Record.model_validate_json(body)
        except ValueError as error:
            raise ReviewError(
                f"Record {number} of the bundle is none that this program writes; a newer version may have."
            ) from error
        if record.review != review_id:
            raise ReviewError(f"Record {number} of the bundle is about another review; the file was changed.")
        found.append(ForeignRecord(record, digest))
    return found
