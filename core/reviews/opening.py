"""Reviews and their cases: open, list, read, close."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.identity import Identity, Role, check_role
from core.domain.review import CaseSpec, ReviewSpec
from core.errors import ReviewError
from core.reviews.ledger import append_record, lock_ledger
from core.reviews.records import LedgerEntry, RecordedReader
from core.reviews.standing import describe_opening
from core.reviews.store import ReviewStore
from core.reviews.tables import CaseRow, ReviewRow


@dataclass(frozen=True, slots=True)
class Review:
    """One review; times are UTC in ISO 8601, `closed` is None while decisions are taken."""

    id: str
    spec: ReviewSpec
    created: str
    created_by: str
    closed: str | None


def open_review(
    store: ReviewStore, spec: ReviewSpec, cases: Sequence[CaseSpec], identity: Identity
) -> Review:
    """Begin a review.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: There is no case, or two cases have one position or name.
    """
    check_role(identity, Role.RESEARCHER, "open a review")
    _check_cases(cases)
    with store.database.writing() as session:
        lock_ledger(session)
        row = ReviewRow(
            id=uuid4().hex,
            spec=spec.model_dump_json(),
            created=store.now(),
            created_by=identity.id,
            closed=None,
        )
        session.add(row)
        session.flush()
        session.add_all(
            CaseRow(review=row.id, position=case.position, sample=case.sample, spec=case.model_dump_json())
            for case in cases
        )
        detail = describe_opening(len(cases), row.spec)
        _record(session, store, to_review(row), identity, "open_review", detail)
        return to_review(row)


def close_review(store: ReviewStore, review_id: str, identity: Identity) -> Review:
    """Take no more decisions. What is closed stays closed; a second call changes nothing.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: There is no such review.
    """
    check_role(identity, Role.RESEARCHER, "close a review")
    with store.database.writing() as session:
        lock_ledger(session)
        row = find_row(session, review_id)
        if row.closed is None:
            row.closed = store.now()
            _record(session, store, to_review(row), identity, "close_review", "")
        return to_review(row)


def list_reviews(store: ReviewStore) -> list[Review]:
    """All reviews, the latest first."""
    with store.database.reading() as session:
        rows = session.scalars(select(ReviewRow).order_by(ReviewRow.created.desc(), ReviewRow.id))
        return [to_review(row) for row in rows]


def read_review(store: ReviewStore, review_id: str) -> Review:
    """One review.

    Raises:
        ReviewError: There is none with this id.
    """
    with store.database.reading() as session:
        return to_review(find_row(session, review_id))


def read_cases(store: ReviewStore, review_id: str) -> list[CaseSpec]:
    """The cases of a review by position; empty where there is no such review."""
    with store.database.reading() as session:
        return find_cases(session, review_id)


def read_case(store: ReviewStore, review_id: str, position: int) -> CaseSpec:
    """One case. Raises `ReviewError` where there is none."""
    with store.database.reading() as session:
        return find_case(session, review_id, position)


def find_row(session: Session, review_id: str) -> ReviewRow:
    """The row of a review. Raises `ReviewError` where there is none."""
    row = session.get(ReviewRow, review_id)
    if row is None:
        raise ReviewError("There is no such review; choose one from the list.")
    return row


def find_cases(session: Session, review_id: str) -> list[CaseSpec]:
    """All cases of a review within a transaction, by position."""
    bodies = session.scalars(
        select(CaseRow.spec).where(CaseRow.review == review_id).order_by(CaseRow.position)
    )
    return [CaseSpec.model_validate_json(body) for body in bodies]


def find_case(session: Session, review_id: str, position: int) -> CaseSpec:
    """One case within a transaction. Raises `ReviewError` where there is none."""
    row = session.get(CaseRow, (review_id, position))
    if row is None:
        raise ReviewError(f"This review has no case {position}; choose one from its worklist.")
    return CaseSpec.model_validate_json(row.spec)


def _check_cases(cases: Sequence[CaseSpec]) -> None:
    if not cases:
        raise ReviewError("There is nothing to review: the predictions hold no sample. Predict first.")
    for values, what in (
        ([case.position for case in cases], "position"),
        ([case.sample for case in cases], "name"),
    ):
        if len(set(values)) != len(values):
            raise ReviewError(f"Two cases of the review have one {what}; predict again.")


def _record(
    session: Session,
    store: ReviewStore,
    review: Review,
    identity: Identity,
    action: Literal["open_review", "close_review"],
    detail: str,
) -> None:
    entry = LedgerEntry(
        action=action,
        reader=RecordedReader.of(identity),
        app_version=store.app_version,
        review=review.id,
        dataset_hash=review.spec.dataset_hash,
        model_hash=review.spec.model_hash,
        detail=detail,
    )
    append_record(session, store, entry)


def to_review(row: ReviewRow) -> Review:
    """A row as the rest of the program knows it."""
    return Review(row.id, ReviewSpec.model_validate_json(row.spec), row.created, row.created_by, row.closed)
