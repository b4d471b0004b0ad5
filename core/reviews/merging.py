"""Decisions that come back from another installation: added once, never over another one.

A reader of the other installation is a reader of their own here (`INSTALLATION:ID`), whom nobody here has
verified. What they decided counts as a reader's word, whatever they were there: who adjudicates is decided
here. The other ledger's record is named by its hash, so that one record is taken once however often it comes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.domain.identity import Identity, Role, check_role
from core.domain.masks import LabelMask
from core.domain.review import CaseSpec, DecisionRequest, ReviewSpec
from core.errors import ReviewError
from core.reviews.deciding import check_request
from core.reviews.foreign import Answers, ForeignRecord
from core.reviews.ledger import append_record, lock_ledger
from core.reviews.mask_files import write_mask
from core.reviews.opening import find_row
from core.reviews.reading import case_folder, read_outcomes
from core.reviews.records import LedgerEntry, Record, RecordedReader, RecordOrigin
from core.reviews.store import ReviewStore
from core.reviews.tables import CaseRow, DecisionRow, LedgerRow

_LONGEST_ID = 255
_SHOWN_DIGITS = 6


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """What a person has to look at; nothing was lost."""

    position: int
    sample: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: decisions added, those that were here already, and what does not agree."""

    added: int
    known: int
    conflicts: tuple[MergeConflict, ...]


def merge_answers(store: ReviewStore, review_id: str, answers: Answers, identity: Identity) -> Merged:
    """Add the decisions of another installation; all of them or, where one does not fit, none.

    Args:
        store: Where.
        review_id: The review that the bundle was made from.
        answers: What came back.
        identity: Who brings them in.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: The review is closed, or a decision does not fit its case.
    """
    check_role(identity, Role.RESEARCHER, "merge a bundle")
    with store.database.reading() as session:
        found = _Review.read(session, review_id)
    incoming = [_prepare(found, answers, item) for item in answers.decisions]
    for item in incoming:
        if item.mask is not None:
            write_mask(case_folder(store, review_id, item.case.position), item.mask, found.spec.classes)
    with store.database.writing() as session:
        lock_ledger(session)
        merge = _Merge(session, store, _Review.read(session, review_id), answers, identity)
        for item in incoming:
            merge.add(item)
    return merge.finish()


@dataclass(frozen=True, slots=True)
class _Review:
    id: str
    spec: ReviewSpec
    cases: Mapping[int, CaseSpec]

    @classmethod
    def read(cls, session: Session, review_id: str) -> "_Review":
        row = find_row(session, review_id)
        if row.closed is not None:
            raise ReviewError("This review is closed; it takes no more decisions, from a bundle neither.")
        bodies = session.scalars(select(CaseRow.spec).where(CaseRow.review == review_id))
        cases = (CaseSpec.model_validate_json(body) for body in bodies)
        return cls(
            review_id,
            ReviewSpec.model_validate_json(row.spec),
            {case.position: case for case in cases},
        )


@dataclass(frozen=True, slots=True)
class _Incoming:
    """One decision that fits its case."""

    foreign: ForeignRecord
    case: CaseSpec
    request: DecisionRequest
    reader: RecordedReader
    mask: LabelMask | None


def _prepare(review: _Review, answers: Answers, foreign: ForeignRecord) -> _Incoming:
    record = foreign.record
    case = review.cases.get(-1 if record.position is None else record.position)
    if case is None:
        raise ReviewError(
            f"Record {record.seq} of the bundle is about a case that this review does not have; merge it "
            "into the review that the bundle was made from."
        )
    if (record.dataset_hash, record.model_hash) != (review.spec.dataset_hash, review.spec.model_hash):
        raise ReviewError(
            f"Record {record.seq} of the bundle is about another dataset or another model; merge it into the "
            "review that the bundle was made from."
        )
    try:
        request = DecisionRequest(
            token=_find_token(answers.installation, foreign.hash),
            action=record.action,
            class_name=record.class_name,
            reason=record.reason,
            comment=record.comment,
            seconds=record.milliseconds / 1000,
            mask_seen=record.mask_before,
        )
    except ValueError as error:
        raise ReviewError(f"Record {record.seq} of the bundle is no decision that can be made.") from error
    mask = None
    if record.mask_after is not None:
        mask = answers.masks.get((case.position, record.mask_after))
    check_request(request, mask, review.spec, case)
    return _Incoming(foreign, case, request, _name_reader(answers.installation, record.reader), mask)


def _find_token(installation: str, digest: str) -> str:
    """One token for one record of one ledger."""
    return hashlib.sha256(f"{installation} {digest}".encode()).hexdigest()


def _name_reader(installation: str, reader: RecordedReader) -> RecordedReader:
    own = f"{installation[:12]}:{reader.id}"
    if len(own) > _LONGEST_ID:
        own = f"{installation[:12]}:{hashlib.sha256(reader.id.encode()).hexdigest()}"
    name = f"{reader.name} ({installation[:_SHOWN_DIGITS]})"  # Many installations have a "user"
    if "\0" in own or "\0" in name or len(name) > _LONGEST_ID:
        raise ReviewError("The bundle names a reader that nobody can be called; it was changed.")
    return reader.model_copy(update={"id": own, "name": name, "verified": False})


@dataclass
class _Merge:
    """One merge within its transaction."""

    session: Session
    store: ReviewStore
    review: _Review
    answers: Answers
    identity: Identity
    added: int = 0
    known: int = 0
    touched: set[int] = field(default_factory=set)
    conflicts: list[MergeConflict] = field(default_factory=list)

    def __post_init__(self) -> None:
        bodies = self.session.scalars(
            select(LedgerRow.body)
            .join(DecisionRow, DecisionRow.seq == LedgerRow.seq)
            .where(DecisionRow.review == self.review.id)
            .order_by(LedgerRow.seq)
        )
        records = [Record.model_validate_json(body) for body in bodies]
        self._tokens = {record.token for record in records}
        self._superseded = {record.supersedes for record in records}
        self._masks = {
            (record.position, record.mask_after) for record in records if record.mask_after is not None
        }
        self._here = {
            record.origin.seq: record.seq
            for record in records
            if record.origin is not None and record.origin.installation == self.answers.installation
        }

    def add(self, item: _Incoming) -> None:
        """Store one decision, unless it is here already."""
        self.touched.add(item.case.position)
        if item.request.token in self._tokens:
            self.known += 1
            return
        foreign = item.foreign.record
        if foreign.seq in self._here:
            self._report(
                item,
                f"record {foreign.seq} of that ledger came earlier with another content; both are kept",
            )
        record = append_record(self.session, self.store, self._build(item))
        self._keep(item, record)

    def finish(self) -> Merged:
        """What has come of it; after the transaction."""
        outcomes = read_outcomes(self.store, self.review.id)
        differing = [
            MergeConflict(place, self.review.cases[place].sample, "The readers of this case do not agree.")
            for place in sorted(self.touched)
            if outcomes[place].state == "conflict"
        ]
        return Merged(self.added, self.known, (*self.conflicts, *differing))

    def _build(self, item: _Incoming) -> LedgerEntry:
        foreign, request = item.foreign.record, item.request
        return LedgerEntry(
            action=request.action,
            reader=item.reader,
            app_version=self.store.app_version,
            review=self.review.id,
            dataset_hash=self.review.spec.dataset_hash,
            model_hash=self.review.spec.model_hash,
            position=item.case.position,
            sample=item.case.sample,
            class_name=request.class_name,
            reason=request.reason.strip(),
            comment=request.comment.strip(),
            milliseconds=foreign.milliseconds,
            mask_before=self._find_seen(item),
            mask_after=foreign.mask_after,
            mask_version=None if foreign.mask_after is None else self._find_version(item.case.position),
            supersedes=self._find_superseded(item),
            token=request.token,
            origin=RecordOrigin(
                bundle=self.answers.bundle,
                installation=self.answers.installation,
                seq=foreign.seq,
                hash=item.foreign.hash,
                time=foreign.time,
                app_version=foreign.app_version,
                merged_by=RecordedReader.of(self.identity),
            ),
        )

    def _keep(self, item: _Incoming, record: Record) -> None:
        shared = set(DecisionRow.__table__.columns.keys()) - {"reader", "reader_name"}
        self.session.add(
            DecisionRow(
                **record.model_dump(include=shared), reader=record.reader.id, reader_name=record.reader.name
            )
        )
        self.session.flush()
        self._tokens.add(record.token)
        self._superseded.add(record.supersedes)
        self._here[item.foreign.record.seq] = record.seq
        if record.mask_after is not None:
            self._masks.add((item.case.position, record.mask_after))
        self.added += 1

    def _find_seen(self, item: _Incoming) -> str:
        seen = item.request.mask_seen or item.case.mask_hash
        if seen != item.case.mask_hash and (item.case.position, seen) not in self._masks:
            raise ReviewError(
                f"{item.case.sample}: the bundle's record {item.foreign.record.seq} is about a mask that "
                "this case never had; the file was changed, or is not about this review."
            )
        return seen

    def _find_version(self, position: int) -> int:
        latest = self.session.scalar(
            select(func.max(DecisionRow.mask_version)).where(
                DecisionRow.review == self.review.id, DecisionRow.position == position
            )
        )
        return (latest or 0) + 1

    def _find_superseded(self, item: _Incoming) -> int | None:
        """The decision of the same reader that this one replaces, where it came along and still stands."""
        asked = item.foreign.record.supersedes
        earlier = None if asked is None else self._here.get(asked)
        if earlier is None:
            return None
        row = self.session.get_one(DecisionRow, earlier)
        same = (item.reader.id, item.case.position, item.request.class_name)
        if (row.reader, row.position, row.class_name) != same:
            raise ReviewError(
                f"{item.case.sample}: the bundle's record {item.foreign.record.seq} replaces a decision that "
                "is not its reader's own; the file was changed."
            )
        if earlier in self._superseded:
            self._report(item, "two later decisions replace the same one; both are kept")
            return None
        return earlier

    def _report(self, item: _Incoming, what: str) -> None:
        self.conflicts.append(
            MergeConflict(item.case.position, item.case.sample, f"{item.reader.name}: {what}.")
        )
