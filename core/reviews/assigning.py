"""Who reads which case."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.domain.identity import Identity, Role, check_role
from core.domain.review import AssignmentKind, CaseSpec, ReviewSpec
from core.errors import ReviewError
from core.reviews.ledger import append_records, lock_ledger
from core.reviews.opening import find_cases, find_row
from core.reviews.records import LedgerEntry, RecordedReader
from core.reviews.standing import RELEASED, describe_assignment
from core.reviews.store import ReviewStore
from core.reviews.tables import AssignmentRow, DecisionRow


@dataclass(frozen=True, slots=True)
class Assignment:
    """One reader of one case."""

    position: int
    reader: str
    kind: AssignmentKind


def share_out(
    positions: Sequence[int],
    readers: Sequence[str],
    each: int,
    seed: int,
    held: Mapping[int, Collection[str]] | None = None,
) -> dict[int, list[str]]:
    """Give each case `each` readers: all read about equally many, and with all others about equally often.

    Args:
        positions: Cases, in the order in which they are shared out.
        readers: Ids, each once.
        each: Readers a case.
        seed: Decides among equally good choices.
        held: Ids of those who have cases already; they count among the `each`, and among what they read. A
            case that has enough of them is left as it is.

    Returns:
        The readers that come to each case.

    Raises:
        ReviewError: There are fewer readers than a case needs.

    >>> share_out([0, 1], ["ann", "ben"], 2, seed=0)[1]
    ['ann', 'ben']
    >>> share_out([0, 1], ["ann", "ben"], 2, seed=0, held={1: ["ben"]})[1]
    ['ann']
    """
    if len(set(readers)) < each:
        raise ReviewError(
            f"Each case is to be read by {each}, but there are {len(set(readers))} readers; choose more."
        )
    rng = np.random.default_rng(seed)
    load = np.zeros(len(readers))
    together = np.zeros((len(readers), len(readers)))
    known = {
        position: [place for place, one in enumerate(readers) if one in names]
        for position, names in (held or {}).items()
    }
    for places in known.values():
        _note(load, together, [], places)
    shared: dict[int, list[str]] = {}
    for position in positions:
        chosen = known.get(position, []).copy()
        missing = each - len((held or {}).get(position, ()))
        for _ in range(missing):
            met = together[:, chosen].sum(axis=1)
            order = np.lexsort((rng.random(len(readers)), met, load))
            found = next((int(one) for one in order if one not in chosen), None)
            if found is None:
                break
            _note(load, together, chosen, [found])
            chosen.append(found)
        came = set(chosen) - set(known.get(position, []))
        if came:
            shared[position] = [readers[one] for one in sorted(came)]
    return shared


def _note(
    load: NDArray[np.float64], together: NDArray[np.float64], chosen: Sequence[int], new: Sequence[int]
) -> None:
    """Count that `new` read a case, with one another and with those chosen before."""
    for number, one in enumerate(new):
        for other in [*chosen, *new[:number]]:
            together[one, other] += 1
            together[other, one] += 1
        load[one] += 1


def assign(
    store: ReviewStore,
    review_id: str,
    readers: Mapping[int, Sequence[str]],
    identity: Identity,
    kind: AssignmentKind = "reader",
) -> int:
    """Add readers to cases; who is assigned already stays as they are.

    Args:
        store: Where.
        review_id: The review.
        readers: Ids by the case's position.
        identity: Who assigns.
        kind: `adjudicator` settles what readers disagree on, and is never blinded.

    Returns:
        How many were added.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: The review or a case does not exist, or the review is closed.
    """
    check_role(identity, Role.RESEARCHER, "assign readers")
    with store.database.writing() as session:
        lock_ledger(session)
        spec = _find_open(session, review_id)
        known = {(item.position, item.reader) for item in find_assignments(session, review_id)}
        cases = {case.position: case for case in find_cases(session, review_id)}
        _check_positions(readers, cases)
        new = [
            (position, name)
            for position, names in readers.items()
            for name in dict.fromkeys(names)
            if (position, name) not in known
        ]
        if new:
            rows = [
                {"review": review_id, "position": position, "reader": name, "kind": kind}
                for position, name in new
            ]
            session.execute(insert(AssignmentRow), rows)
        about = _About(store.app_version, review_id, spec, identity)
        append_records(
            session,
            store,
            (about.entry(cases[position], describe_assignment(kind, name)) for position, name in new),
        )
    return len(new)


def release(
    store: ReviewStore, review_id: str, reader: str, identity: Identity, kind: AssignmentKind = "reader"
) -> int:
    """Take back from a person the cases that they have not decided anything on.

    Returns:
        How many cases were taken back.

    Raises:
        AccessError: Who takes them back is no researcher.
        ReviewError: The review does not exist, or is closed.
    """
    check_role(identity, Role.RESEARCHER, "take cases back")
    with store.database.writing() as session:
        lock_ledger(session)
        spec = _find_open(session, review_id)
        decided = select(DecisionRow.position).where(
            DecisionRow.review == review_id, DecisionRow.reader == reader
        )
        rows = session.scalars(
            select(AssignmentRow)
            .where(AssignmentRow.review == review_id, AssignmentRow.reader == reader)
            .where(AssignmentRow.kind == kind, AssignmentRow.position.not_in(decided))
            .order_by(AssignmentRow.position)
        ).all()
        cases = {case.position: case for case in find_cases(session, review_id)}
        about = _About(store.app_version, review_id, spec, identity)
        append_records(
            session,
            store,
            (about.entry(cases[row.position], RELEASED + describe_assignment(kind, reader)) for row in rows),
        )
        for row in rows:
            session.delete(row)
    return len(rows)


def read_assignments(store: ReviewStore, review_id: str) -> list[Assignment]:
    """All assignments of a review, by case."""
    with store.database.reading() as session:
        return find_assignments(session, review_id)


def find_assignments(session: Session, review_id: str, position: int | None = None) -> list[Assignment]:
    """Assignments within a transaction: of one case, or of all."""
    query = select(AssignmentRow).where(AssignmentRow.review == review_id)
    if position is not None:
        query = query.where(AssignmentRow.position == position)
    rows = session.scalars(query.order_by(AssignmentRow.position, AssignmentRow.reader))
    return [
        Assignment(row.position, row.reader, "adjudicator" if row.kind == "adjudicator" else "reader")
        for row in rows
    ]


def _find_open(session: Session, review_id: str) -> ReviewSpec:
    row = find_row(session, review_id)
    if row.closed is not None:
        raise ReviewError("This review is closed; open a new one to have more read.")
    return ReviewSpec.model_validate_json(row.spec)


def _check_positions(readers: Mapping[int, Sequence[str]], cases: Mapping[int, CaseSpec]) -> None:
    strange = next((position for position in readers if position not in cases), None)
    if strange is not None:
        raise ReviewError(f"This review has no case {strange}; choose one from its worklist.")


@dataclass(frozen=True, slots=True)
class _About:
    """What all records of one act have in common."""

    app_version: str
    review: str
    spec: ReviewSpec
    identity: Identity

    def entry(self, case: CaseSpec, detail: str) -> LedgerEntry:
        return LedgerEntry(
            action="assign",
            reader=RecordedReader.of(self.identity),
            app_version=self.app_version,
            review=self.review,
            dataset_hash=self.spec.dataset_hash,
            model_hash=self.spec.model_hash,
            position=case.position,
            sample=case.sample,
            detail=detail,
        )
