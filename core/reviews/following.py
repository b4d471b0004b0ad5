"""What has happened in a review since one last looked: its whole history need not be read for every key."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.reviews.assigning import Assignment, find_assignments
from core.reviews.ledger import find_head_row
from core.reviews.opening import Review, find_row, to_review
from core.reviews.reading import find_decisions, to_decision
from core.reviews.states import Decision
from core.reviews.store import ReviewStore
from core.reviews.tables import DecisionRow, LedgerRow


@dataclass(frozen=True, slots=True)
class News:
    """What is new.

    Attributes:
        head: Where the ledger ends now; to be given as `after` next time.
        review: As it is now.
        decisions: Those stored since; one of them may supersede an earlier one.
        assignments: All of the review where any has changed since; else None.
    """

    head: int
    review: Review
    decisions: Sequence[Decision]
    assignments: Sequence[Assignment] | None


def read_news(store: ReviewStore, review_id: str, after: int = 0) -> News:
    """What has happened since the ledger ended with the record `after`; 0 for everything.

    Raises:
        ReviewError: There is no such review.
        WorkspaceError: The database cannot be read.
    """
    with store.database.reading() as session:
        review = to_review(find_row(session, review_id))
        head = find_head_row(session).seq
        if head == after:
            return News(head, review, (), None)
        changed = after == 0 or _find_assigning(session, after)
        assignments = find_assignments(session, review_id) if changed else None
        return News(head, review, find_decisions(session, review_id, after=after), assignments)


def find_by_token(store: ReviewStore, token: str) -> Decision | None:
    """The decision that was stored under a token, by whomever."""
    with store.database.reading() as session:
        row = session.scalar(select(DecisionRow).where(DecisionRow.token == token))
        if row is None:
            return None
        later = session.scalar(select(DecisionRow.seq).where(DecisionRow.supersedes == row.seq))
        return to_decision(row, superseded=later is not None)


def _find_assigning(session: Session, after: int) -> bool:
    """Whether anybody was assigned or released, in whichever review: at worst one reading too much."""
    query = select(LedgerRow.seq).where(LedgerRow.seq > after)
    return session.scalar(query.where(LedgerRow.body.contains('"action":"assign"')).limit(1)) is not None
