"""Whether reviews, their cases and their readers are what the ledger says; compared at each verification.

The chain alone does not hold them: who changed the settings of a review, or took a reader from a case, would
change what it comes to without touching a record.
"""

from collections import defaultdict
from collections.abc import Iterator

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.domain.review import CaseSpec
from core.reviews.records import Fault, Record
from core.reviews.tables import AssignmentRow, CaseRow, ReviewRow

_CaseKey = tuple[str, int]
RELEASED = "released "


def describe_opening(cases: int, spec: str) -> str:
    """What the record of an opened review says of it; `spec` is its JSON."""
    return f"{cases} cases; {spec}"


def describe_assignment(kind: str, reader: str) -> str:
    """What the record of an assignment says; after `RELEASED` it is taken back."""
    return f"{kind}: {reader}"


class Standing:
    """What must be found beside the ledger; made by taking its records one by one."""

    def __init__(self) -> None:
        self._opened: dict[str, Record] = {}
        self._closed: dict[str, Record] = {}
        self._assigned: dict[tuple[str, int, str], Record] = {}
        self._decided: dict[_CaseKey, Record] = {}
        self._drawn: defaultdict[_CaseKey, set[str | None]] = defaultdict(set)

    def take(self, record: Record) -> None:
        """Take in the next record."""
        if record.action == "open_review":
            self._opened[record.review] = record
        elif record.action == "close_review":
            self._closed[record.review] = record
        elif record.position is not None:
            key = record.review, record.position
            if record.action == "assign":
                self._assigned[*key, record.detail.removeprefix(RELEASED)] = record
            else:
                if record.mask_before not in self._drawn[key]:
                    self._decided.setdefault(key, record)
                self._drawn[key].add(record.mask_after)

    def find_fault(self, session: Session) -> Fault | None:
        """The first record that what stands beside the ledger contradicts; None where all fits."""
        faults = [
            *self._compare_reviews(session),
            *self._compare_assignments(session),
            *self._compare_cases(session),
        ]
        return min(faults, key=lambda fault: fault.seq, default=None)

    def _compare_reviews(self, session: Session) -> Iterator[Fault]:
        query = select(CaseRow.review, func.count().label("cases")).group_by(CaseRow.review)
        counts = {row.review: row.cases for row in session.execute(query)}
        rows = {row.id: row for row in session.scalars(select(ReviewRow))}
        for review, record in self._opened.items():
            row = rows.pop(review, None)
            if row is None:
                yield _fault(record.seq, f"The review of record {record.seq} is gone.")
                continue
            if record.detail != describe_opening(counts.get(review, 0), row.spec):
                yield _fault(record.seq, f"The review of record {record.seq} was changed after its opening.")
            if (row.closed is None) != (review not in self._closed):
                seq = self._closed.get(review, record).seq
                yield _fault(seq, f"The review of record {seq} was closed or opened again by hand.")
        if rows:
            yield _fault(1, f"The review {min(rows)} was added by hand: no record opens it.")

    def _compare_assignments(self, session: Session) -> Iterator[Fault]:
        standing = {
            (row.review, row.position, describe_assignment(row.kind, row.reader))
            for row in session.scalars(select(AssignmentRow))
        }
        for key, record in self._assigned.items():
            if (key in standing) == record.detail.startswith(RELEASED):
                yield _fault(record.seq, f"What record {record.seq} says of a reader was undone by hand.")
        if strange := standing - self._assigned.keys():
            review, position, what = min(strange)
            seq = self._opened[review].seq if review in self._opened else 1
            yield _fault(seq, f"A {what} was added to case {position} of review {review} by hand.")

    def _compare_cases(self, session: Session) -> Iterator[Fault]:
        query = select(CaseRow.review, CaseRow.position, CaseRow.spec)
        specs = {(review, position): spec for review, position, spec in session.execute(query)}
        for key, record in self._decided.items():
            if not _is_case_of(record, specs.get(key, "")):
                yield _fault(record.seq, f"The case of record {record.seq} was changed after it was decided.")


def _is_case_of(record: Record, spec: str) -> bool:
    """Whether a case, as JSON, is still the one that a decision was about."""
    try:
        case = CaseSpec.model_validate_json(spec)
    except ValidationError:
        return False
    return (record.sample, record.mask_before) == (case.sample, case.mask_hash)


def _fault(seq: int, sentence: str) -> Fault:
    return Fault(seq, "standing", sentence)
