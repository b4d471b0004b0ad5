"""What has been decided, and who may see it when."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core.domain.identity import Identity
from core.domain.masks import LabelMask
from core.domain.review import Action, ReviewSettings, ReviewSpec
from core.reviews.assigning import find_assignments
from core.reviews.mask_files import read_mask
from core.reviews.opening import find_row, read_cases, read_review
from core.reviews.states import Decision, Outcome, compute_outcome
from core.reviews.store import ReviewStore
from core.reviews.tables import DecisionRow
from core.workspace.paths import check_id


def case_folder(store: ReviewStore, review_id: str, position: int) -> Path:
    """Where the corrected masks of a case lie."""
    return store.folder / check_id(review_id) / f"{position:06}"


def read_decisions(store: ReviewStore, review_id: str, position: int | None = None) -> list[Decision]:
    """All decisions in their order, superseded ones too: of one case, or of the whole review."""
    with store.database.reading() as session:
        return _find_decisions(session, review_id, position)


def read_visible(store: ReviewStore, review_id: str, position: int, identity: Identity) -> list[Decision]:
    """The decisions of a case that a reader may see now: others' only once nothing can bias their own."""
    with store.database.reading() as session:
        settings = _find_settings(session, review_id)
        decisions = _find_decisions(session, review_id, position)
        kinds = [
            item.kind for item in find_assignments(session, review_id, position) if item.reader == identity.id
        ]
    if not settings.blind_readers or "adjudicator" in kinds or has_answered(decisions, identity):
        return decisions
    return [item for item in decisions if item.reader == identity.id]


def may_see_model(store: ReviewStore, review_id: str, position: int, identity: Identity) -> bool:
    """Whether a reader may see the model's mask of a case now."""
    with store.database.reading() as session:
        if not _find_settings(session, review_id).hide_model:
            return True
        kinds = [
            item.kind for item in find_assignments(session, review_id, position) if item.reader == identity.id
        ]
        return "adjudicator" in kinds or has_answered(_find_decisions(session, review_id, position), identity)


def has_answered(decisions: Sequence[Decision], identity: Identity) -> bool:
    """Whether a reader has settled a case; a flag or a skip is no answer."""
    return any(item.reader == identity.id and item.settles for item in decisions)


def read_outcomes(store: ReviewStore, review_id: str) -> dict[int, Outcome]:
    """What each case of a review has come to, by position."""
    readers = read_review(store, review_id).spec.settings.readers_per_case
    cases = read_cases(store, review_id)
    by_case: dict[int, list[Decision]] = {case.position: [] for case in cases}
    for decision in read_decisions(store, review_id):
        by_case[decision.position].append(decision)
    return {case.position: compute_outcome(by_case[case.position], case.mask_hash, readers) for case in cases}


def read_corrected(store: ReviewStore, review_id: str, position: int, digest: str) -> LabelMask:
    """A corrected mask by its hash.

    Raises:
        ReviewError: There is none, or its file is not what was saved.
    """
    names = read_review(store, review_id).spec.classes
    return read_mask(case_folder(store, review_id, position), digest, names)


def _find_settings(session: Session, review_id: str) -> ReviewSettings:
    """The settings of a review within a transaction. Raises `ReviewError` where there is none."""
    return ReviewSpec.model_validate_json(find_row(session, review_id).spec).settings


def to_decision(row: DecisionRow, superseded: bool) -> Decision:
    """A row as the rest of the program knows it."""
    return Decision(
        seq=row.seq,
        token=row.token,
        review=row.review,
        position=row.position,
        reader=row.reader,
        reader_name=row.reader_name,
        adjudication=row.adjudication,
        class_name=row.class_name,
        action=cast(Action, row.action),
        reason=row.reason,
        comment=row.comment,
        seconds=row.milliseconds / 1000,
        mask_before=row.mask_before,
        mask_after=row.mask_after,
        mask_version=row.mask_version,
        supersedes=row.supersedes,
        superseded=superseded,
        time=row.time,
    )


def _find_decisions(session: Session, review_id: str, position: int | None = None) -> list[Decision]:
    later = aliased(DecisionRow)
    query = (
        select(DecisionRow, later.seq)
        .outerjoin(later, later.supersedes == DecisionRow.seq)
        .where(DecisionRow.review == review_id)
        .order_by(DecisionRow.seq)
    )
    if position is not None:
        query = query.where(DecisionRow.position == position)
    return [to_decision(row, successor is not None) for row, successor in session.execute(query)]
