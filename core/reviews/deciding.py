"""Decisions: stored once, with their record, or not at all; never changed, only superseded."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.domain.identity import Identity, Role, check_role
from core.domain.masks import LabelMask
from core.domain.review import CaseSpec, DecisionRequest, ReviewSpec
from core.errors import AccessError, ReviewError
from core.reviews.assigning import find_assignments
from core.reviews.ledger import append_record, lock_ledger
from core.reviews.mask_files import write_mask
from core.reviews.opening import find_case, find_row
from core.reviews.reading import case_folder, find_decisions, may_see_model, to_decision
from core.reviews.records import LedgerEntry, RecordedReader
from core.reviews.states import Decision
from core.reviews.store import ReviewStore
from core.reviews.tables import DecisionRow


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is to be stored."""

    review: str
    spec: ReviewSpec
    case: CaseSpec
    identity: Identity
    request: DecisionRequest
    mask_after: str | None


def decide(
    store: ReviewStore,
    review_id: str,
    position: int,
    identity: Identity,
    request: DecisionRequest,
    correction: LabelMask | None = None,
) -> Decision:
    """Store one decision; when this returns, it lies on the disk with its record and its mask.

    A request whose token is known changes nothing and gives the decision stored before, so that a sender that
    heard no answer may simply send it again.

    Args:
        store: Where.
        review_id: The review.
        position: The case.
        identity: The reader.
        request: What they decided.
        correction: The whole corrected mask, for `correct` and for nothing else.

    Raises:
        AccessError: The case is assigned to others.
        ReviewError: The review is closed, or what is sent does not fit the case.
        WorkspaceError: Disk or database cannot be written.
    """
    check_role(identity, Role.READER, "decide")
    mask_after = None
    if correction is not None:
        # Before the transaction: a mask without a decision does no harm, a decision without its mask would.
        mask_after = _write_correction(store, review_id, position, request, correction)
    with store.database.writing() as session:
        lock_ledger(session)
        row = find_row(session, review_id)
        spec, case = ReviewSpec.model_validate_json(row.spec), find_case(session, review_id, position)
        check_request(request, correction, spec, case)
        answer = _Answer(review_id, spec, case, identity, request, mask_after)
        repeated = _find_repeated(session, answer)
        if repeated is not None:
            return repeated
        if row.closed is not None:
            raise ReviewError("This review is closed; it takes no more decisions.")
        return _store(session, store, answer)


def _write_correction(
    store: ReviewStore, review_id: str, position: int, request: DecisionRequest, correction: LabelMask
) -> str:
    with store.database.reading() as session:
        spec = ReviewSpec.model_validate_json(find_row(session, review_id).spec)
        case = find_case(session, review_id, position)
    check_request(request, correction, spec, case)
    return write_mask(case_folder(store, review_id, position), correction, spec.classes)


def check_request(
    request: DecisionRequest, correction: LabelMask | None, spec: ReviewSpec, case: CaseSpec
) -> None:
    """Whether a decision fits its case.

    Raises:
        ReviewError: The class is unknown, or the correction is missing, superfluous or of another size.
    """
    if request.class_name and request.class_name not in spec.classes:
        raise ReviewError(
            f"{case.sample}: the review has no class {request.class_name!r}; its classes are "
            f"{', '.join(spec.classes)}."
        )
    if (correction is not None) != (request.action == "correct"):
        raise ReviewError(f"{case.sample}: a correction, and only a correction, comes with a mask.")
    if correction is None:
        return
    if correction.shape != (case.height, case.width) or correction.class_count != len(spec.classes):
        height, width = correction.shape
        raise ReviewError(
            f"{case.sample}: the corrected mask has {height} x {width} pixels and {correction.class_count} "
            f"classes, not {case.height} x {case.width} and {len(spec.classes)}; correct it in full size."
        )
    if not correction.overlapping and not (
        -1 <= correction.pixels.min() <= correction.pixels.max() < len(spec.classes)
    ):
        raise ReviewError(
            f"{case.sample}: the corrected mask holds numbers of no class; load the case again."
        )


def _find_repeated(session: Session, answer: _Answer) -> Decision | None:
    row = session.scalar(select(DecisionRow).where(DecisionRow.token == answer.request.token))
    if row is None:
        return None
    request = answer.request
    stored = (
        row.review, row.position, row.reader, row.class_name, row.action, row.reason, row.comment,
        row.mask_after,
    )  # fmt: skip
    sent = (
        answer.review, answer.case.position, answer.identity.id, request.class_name, request.action,
        request.reason.strip(), request.comment.strip(), answer.mask_after,
    )  # fmt: skip
    if stored != sent:
        raise ReviewError("This decision carries the token of another one; load the case again and decide.")
    later = session.scalar(select(DecisionRow.seq).where(DecisionRow.supersedes == row.seq))
    return to_decision(row, superseded=later is not None)


def _store(session: Session, store: ReviewStore, answer: _Answer) -> Decision:
    record = append_record(session, store, _build_entry(session, store, answer))
    shared = set(DecisionRow.__table__.columns.keys()) - {"reader", "reader_name"}
    row = DecisionRow(
        **record.model_dump(include=shared), reader=record.reader.id, reader_name=record.reader.name
    )
    session.add(row)
    session.flush()
    return to_decision(row, superseded=False)


def _build_entry(session: Session, store: ReviewStore, answer: _Answer) -> LedgerEntry:
    request = answer.request
    adjudication = _check_assigned(session, answer)
    return LedgerEntry(
        action=request.action,
        reader=RecordedReader.of(answer.identity),
        app_version=store.app_version,
        review=answer.review,
        dataset_hash=answer.spec.dataset_hash,
        model_hash=answer.spec.model_hash,
        position=answer.case.position,
        sample=answer.case.sample,
        class_name=request.class_name,
        reason=request.reason.strip(),
        comment=request.comment.strip(),
        milliseconds=round(request.seconds * 1000),
        mask_before=_check_seen(session, answer),
        mask_after=answer.mask_after,
        mask_version=None if answer.mask_after is None else _find_version(session, answer),
        adjudication=adjudication,
        supersedes=_find_superseded(session, answer, adjudication),
        token=request.token,
    )


def _check_assigned(session: Session, answer: _Answer) -> bool:
    """Whether the reader adjudicates; a case that is assigned to nobody is open to all readers."""
    assigned = find_assignments(session, answer.review, answer.case.position)
    own = [item.kind for item in assigned if item.reader == answer.identity.id]
    if not own and any(item.kind == "reader" for item in assigned):
        raise AccessError(
            f"{answer.case.sample} is assigned to others; a researcher can assign it to "
            f"{answer.identity.name} too."
        )
    return "adjudicator" in own


def _of_case(answer: _Answer) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return DecisionRow.review == answer.review, DecisionRow.position == answer.case.position


def _check_seen(session: Session, answer: _Answer) -> str:
    """The hash of the mask that the decision is about: the model's, or an earlier correction of this case."""
    predicted = answer.case.mask_hash
    seen = answer.request.mask_seen or predicted
    if seen == predicted and answer.request.action == "accept":
        _check_shown(session, answer)
    known = select(DecisionRow.seq).where(*_of_case(answer), DecisionRow.mask_after == seen).limit(1)
    if seen != predicted and session.scalar(known) is None:
        raise ReviewError(
            f"{answer.case.sample}: the mask that was shown is none of this case; load it again."
        )
    return seen


def _check_shown(session: Session, answer: _Answer) -> None:
    """Nobody accepts a mask that is still hidden from them."""
    position, settings = answer.case.position, answer.spec.settings
    assigned = find_assignments(session, answer.review, position)
    decisions = find_decisions(session, answer.review, position)
    if not may_see_model(settings, assigned, decisions, answer.identity):
        raise ReviewError(
            f"{answer.case.sample}: the model's mask is hidden until you have answered, so it cannot be "
            "accepted; draw your own, or reject."
        )


def _find_version(session: Session, answer: _Answer) -> int:
    return (session.scalar(select(func.max(DecisionRow.mask_version)).where(*_of_case(answer))) or 0) + 1


def _find_superseded(session: Session, answer: _Answer, adjudication: bool) -> int | None:
    return session.scalar(
        select(func.max(DecisionRow.seq)).where(
            *_of_case(answer),
            DecisionRow.reader == answer.identity.id,
            DecisionRow.class_name == answer.request.class_name,
            DecisionRow.adjudication == adjudication,
        )
    )
