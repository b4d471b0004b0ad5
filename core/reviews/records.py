"""Records of the ledger and the chain they form; pure. docs/review.md says what the chain can prove.

A record's hash is the SHA-256 of its canonical JSON in UTF-8: keys sorted, no white space, only texts, whole
numbers, true, false, null and objects of these. For such values that is the form of RFC 8785, so that any
other program can check it. Each record holds the hash of the one before; the first holds 64 zeros.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, ValidationError

from core.domain.base import FrozenModel
from core.domain.identity import Identity, Role, SignInMethod
from core.domain.review import Action, Text

NO_HASH = "0" * 64

FaultKind = Literal["missing", "changed", "misplaced", "unlinked", "cut", "replaced", "decision", "standing"]


class RecordedReader(FrozenModel):
    """Who acted, as they were known at that moment."""

    id: str
    name: str
    role: Role
    sign_in: SignInMethod
    verified: bool

    @classmethod
    def of(cls, identity: Identity) -> "RecordedReader":
        """What the ledger keeps of a person."""
        return cls(**identity.model_dump(), verified=identity.verified)


class RecordOrigin(FrozenModel):
    """Where a decision came from that was made in another installation and came back in a bundle."""

    bundle: Text = Field(description="The bundle's id")
    installation: str = Field(description="Hash of the first record of the other ledger")
    seq: int = Field(ge=1, description="The decision's record there")
    hash: str = Field(description="That record's hash there")
    time: Text = Field(description="When it was decided there, as that record says")
    app_version: Text = Field(description="That decided there")
    merged_by: RecordedReader = Field(description="Who brought it in; the reader is who the bundle names")


class LedgerEntry(FrozenModel):
    """What happened."""

    action: Action | Literal["open_review", "close_review", "assign"]
    reader: RecordedReader
    app_version: Text
    review: Text
    dataset_hash: Text
    model_hash: Text
    position: int | None = Field(default=None, description="Of the case; None: the review as a whole")
    sample: Text = ""
    class_name: Text = ""
    reason: Text = ""
    comment: Text = ""
    milliseconds: int = Field(default=0, ge=0, description="Spent on the case")
    mask_before: str | None = None
    mask_after: str | None = None
    mask_version: int | None = None
    adjudication: bool = False
    supersedes: int | None = Field(default=None, description="The record whose decision this one replaces")
    token: Text = ""
    detail: Text = Field(default="", description="Of what is no decision: the settings, the assigned reader")
    origin: RecordOrigin | None = Field(
        default=None, description="Of decisions that came back in a bundle; None: it was made here"
    )


class Record(LedgerEntry):
    """An entry in its place."""

    seq: int = Field(ge=1)
    time: str = Field(description="UTC, ISO 8601, milliseconds")
    previous: str = Field(description="Hash of the record before")


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A row of the ledger, believed in nothing yet."""

    seq: int
    body: str
    hash: str


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain: where it ends, or what was noted elsewhere of where it ended once."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong; `seq` is the record it shows at, `sentence` is fit to show."""

    seq: int
    kind: FaultKind
    sentence: str


def canonical_json(record: FrozenModel) -> str:
    """The one text that stands for a record."""
    return json.dumps(
        record.model_dump(mode="json"),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def hash_body(body: str) -> str:
    """SHA-256 of a record's text.

    >>> hash_body("{}")[:12]
    '44136fa355b3'
    """
    return hashlib.sha256(body.encode()).hexdigest()


def walk_chain(
    rows: Iterable[StoredRecord], head: Link | None, noted: Link | None = None
) -> Iterator[Record | Fault]:
    """Walk from the first record to the last; a fault ends the walk.

    Args:
        rows: All rows in the order of `seq`.
        head: Where the database says that the chain ends; None where it does not.
        noted: A link that was written down outside the database earlier.

    Yields:
        Each record that is where and what it was when it was written; then, at most once, a fault.
    """
    last = Link(0, NO_HASH)
    for row in rows:
        found = _check_row(row, last)
        if (
            isinstance(found, Record)
            and noted is not None
            and row.seq == noted.seq
            and row.hash != noted.hash
        ):
            found = Fault(
                row.seq,
                "replaced",
                f"Record {row.seq} is not the one that was noted: the ledger up to here was written anew. "
                "Restore the database from a backup of that time and compare.",
            )
        yield found
        if isinstance(found, Fault):
            return
        last = Link(row.seq, row.hash)
    fault = _check_end(last, head, noted)
    if fault is not None:
        yield fault


def _check_row(row: StoredRecord, last: Link) -> Record | Fault:
    due = last.seq + 1
    if row.seq != due:
        gone = f"Record {due} is" if row.seq == due + 1 else f"Records {due} to {row.seq - 1} are"
        return Fault(due, "missing", f"{gone} missing: removed after they were written, or renumbered.")
    if hash_body(row.body) != row.hash:
        return Fault(
            row.seq, "changed", f"Record {row.seq} was changed: its content does not have the hash beside it."
        )
    try:
        record = Record.model_validate_json(row.body)
    except ValidationError:
        return Fault(row.seq, "changed", f"Record {row.seq} is none that this program has written.")
    if record.seq != row.seq:
        return Fault(
            row.seq,
            "misplaced",
            f"Record {row.seq} was written as record {record.seq}: records were moved, inserted or removed.",
        )
    if record.previous != last.hash:
        return Fault(
            row.seq,
            "unlinked",
            f"Record {row.seq} does not follow from record {last.seq}: one of the two was replaced together "
            "with its hash, or inserted.",
        )
    return record


def _check_end(last: Link, head: Link | None, noted: Link | None) -> Fault | None:
    if head is None:
        return Fault(
            last.seq + 1, "cut", "The note of where the ledger ends is gone, so its end may be cut off."
        )
    if head != last:
        return Fault(
            last.seq + 1,
            "cut",
            f"The ledger ends with record {last.seq}, but it once ended with record {head.seq}: its end was "
            "cut off, replaced, or records were added by hand.",
        )
    if noted is not None and noted.seq > last.seq:
        return Fault(
            last.seq + 1,
            "cut",
            f"The ledger ends with record {last.seq}, but record {noted.seq} was noted: its end was cut off.",
        )
    return None
