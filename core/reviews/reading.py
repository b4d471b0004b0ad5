"""What has been decided, and who may see it when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core.domain.identity import Identity, Role
from core.domain.masks import LabelMask
from core.domain.review import Action, CaseSpec, ReviewSettings, ReviewSpec
from core.reviews.assigning import Assignment, find_assignments
from core.reviews.mask_files import read_mask
from core.reviews.opening import find_case, find_cases, find_row, read_review
from core.reviews.states import Decision, Outcome, compute_outcome
from core.reviews.store import ReviewStore
from core.reviews.tables import DecisionRow
from core.workspace.paths import check_id

_OfCase = TypeVar("_OfCase", Decision, Assignment)


def case_folder(store: ReviewStore, review_id: str, position: int) -> Path:
    """Where the corrected masks of a case lie."""
    return store.folder / check_id(review_id) / f"{position:06}"


def read_decisions(store: ReviewStore, review_id: str, position: int | None = None) -> list[Decision]:
    """All decisions in their order, superseded ones too: of one case, or of the whole review."""
    with store.database.reading() as session:
        return find_decisions(session, review_id, position)


@dataclass(frozen=True, slots=True)
class SeenCase:
    """One case as one person may see it now.

    Attributes:
        case: The case.
        assigned: Its readers and adjudicators.
        decisions: Those that the person may see, superseded ones too.
        outcome: What it has come to; None while others' answers are hidden from the person.
        model: Whether the model's mask may be seen.
    """

    case: CaseSpec
    assigned: tuple[Assignment, ...]
    decisions: tuple[Decision, ...]
    outcome: Outcome | None
    model: bool


def read_seen_case(store: ReviewStore, review_id: str, position: int, identity: Identity) -> SeenCase:
    """One case as one person may see it now. Raises `ReviewError` where there is none."""
    with store.database.reading() as session:
        return see_case(
            find_case(session, review_id, position),
            _find_settings(session, review_id),
            find_assignments(session, review_id, position),
            find_decisions(session, review_id, position),
            identity,
        )


def may_see_answers(
    settings: ReviewSettings,
    assigned: Sequence[Assignment],
    decisions: Sequence[Decision],
    identity: Identity,
) -> bool:
    """Whether a person may see what others answered on a case: when it can bias no answer of their own.

    That is so where the review hides no answers, once they have answered, for its adjudicator, and for a
    researcher of whom nothing is asked: others are to read it, or as many as are needed have, among them
    readers of another installation whom nobody here could ask.

    Args:
        settings: Of the review.
        assigned: Of the case.
        decisions: All of the case.
        identity: The person.
    """
    if not settings.hides_answers or has_answered(decisions, identity):
        return True
    own = [item.kind for item in assigned if item.reader == identity.id]
    if own or not identity.may(Role.RESEARCHER):
        return "adjudicator" in own
    asked = any(item.kind == "reader" for item in assigned)
    return asked or _count_verdicts(decisions) >= settings.readers_per_case


def may_see_model(
    settings: ReviewSettings,
    assigned: Sequence[Assignment],
    decisions: Sequence[Decision],
    identity: Identity,
) -> bool:
    """Whether a person may see the model's mask of a case; arguments as for `may_see_answers`."""
    return not settings.hide_model or may_see_answers(settings, assigned, decisions, identity)


def _count_verdicts(decisions: Sequence[Decision]) -> int:
    return sum(item.settles and not item.adjudication and not item.superseded for item in decisions)


def has_answered(decisions: Sequence[Decision], identity: Identity) -> bool:
    """Whether a reader has settled a case; a flag or a skip is no answer."""
    return any(item.reader == identity.id and item.settles for item in decisions)


def count_needed(settings: ReviewSettings, assigned: Sequence[Assignment]) -> int:
    """How many readers must settle a case: as many as the review asks for, or as are assigned, if more."""
    return max(settings.readers_per_case, sum(item.kind == "reader" for item in assigned))


def read_outcomes(store: ReviewStore, review_id: str) -> dict[int, Outcome]:
    """What each case of a review has come to, by position."""
    with store.database.reading() as session:
        settings = _find_settings(session, review_id)
        cases = find_cases(session, review_id)
        decisions = _group(find_decisions(session, review_id))
        assigned = _group(find_assignments(session, review_id))
    return {
        case.position: compute_outcome(
            decisions.get(case.position, []),
            case.mask_hash,
            count_needed(settings, assigned.get(case.position, [])),
        )
        for case in cases
    }


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


def find_decisions(
    session: Session, review_id: str, position: int | None = None, after: int = 0
) -> list[Decision]:
    """Decisions within a transaction, in order: of one case or of all, those `after` a record."""
    later = aliased(DecisionRow)
    query = (
        select(DecisionRow, later.seq)
        .outerjoin(later, later.supersedes == DecisionRow.seq)
        .where(DecisionRow.review == review_id, DecisionRow.seq > after)
        .order_by(DecisionRow.seq)
    )
    if position is not None:
        query = query.where(DecisionRow.position == position)
    return [to_decision(row, successor is not None) for row, successor in session.execute(query)]


def see_case(
    case: CaseSpec,
    settings: ReviewSettings,
    assigned: Sequence[Assignment],
    decisions: Sequence[Decision],
    identity: Identity,
) -> SeenCase:
    """One case as a person may see it now.

    A flag asks for a second reader, who must find it: where one reader a case is enough and the model is not
    hidden it is shown to all, as it is no answer.

    Args:
        case: The case.
        settings: Of the review.
        assigned: Of the case.
        decisions: All of the case, superseded ones too.
        identity: The person.
    """
    foreign = any(item.reader != identity.id for item in decisions)
    visible = not foreign or may_see_answers(settings, assigned, decisions, identity)
    needed = count_needed(settings, assigned)
    outcome = compute_outcome(decisions, case.mask_hash, needed)
    flags = needed == 1 and not settings.hide_model

    def may_see(item: Decision) -> bool:
        flagged = flags and item.action == "flag" and not item.superseded
        return visible or flagged or item.reader == identity.id

    shown = [item for item in decisions if may_see(item)]
    model = may_see_model(settings, assigned, decisions, identity)
    return SeenCase(case, tuple(assigned), tuple(shown), outcome if visible else None, model)


def _group(items: Sequence[_OfCase]) -> Mapping[int, list[_OfCase]]:
    grouped: dict[int, list[_OfCase]] = {}
    for item in items:
        grouped.setdefault(item.position, []).append(item)
    return grouped
