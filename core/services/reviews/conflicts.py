"""What readers of a review disagree on, and the adjudicator's word."""

from dataclasses import dataclass

from core.domain.identity import Identity, Role
from core.domain.review import Action, CaseSpec, DecisionRequest
from core.errors import ReviewError
from core.reviews.deciding import decide
from core.reviews.opening import Review
from core.reviews.reading import SeenCase, read_seen_case
from core.reviews.states import Decision
from core.services.reviews.board import see_cases
from core.services.reviews.deciding import build_request
from core.services.reviews.readers import name_adjudicator
from core.services.reviews.stores import review_store


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reader answered, as it stands.

    Attributes:
        reader: Their id.
        name: As they were known then.
        action: `accept`, `correct` or `reject`.
        reason: Of a rejection.
        comment: What else they said.
        mask: Hash of the mask that they stand for; None for a rejection.
        drawn: Whether a person drew that mask, not the model.
    """

    reader: str
    name: str
    action: Action
    reason: str
    comment: str
    mask: str | None
    drawn: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """A case that its readers disagree on, or did.

    Attributes:
        case: The case.
        opinions: Of its readers, in the order in which they came.
        verdicts: Whether some stand for a mask and some for none; else masks differ.
        settled: The adjudicator's word; None while it is open.
        may_settle: Whether the person who asks is its adjudicator.
        may_take_on: Whether they may become it.
    """

    case: CaseSpec
    opinions: tuple[Opinion, ...]
    verdicts: bool
    settled: Opinion | None
    may_settle: bool
    may_take_on: bool


def list_conflicts(review: Review, identity: Identity) -> list[Conflict]:
    """The cases that readers disagree on, as far as a person may see their answers; open ones first."""
    found = []
    for seen in see_cases(review.id, identity):
        if seen.outcome is None:
            continue
        standing = [item for item in seen.decisions if not item.superseded and item.settles]
        words = [item for item in standing if item.adjudication]
        readers = [item for item in standing if not item.adjudication]
        masks = {item.mask for item in readers}
        if len(masks) < 2:
            continue
        word = max(words, key=lambda item: item.seq, default=None)
        found.append(
            Conflict(
                case=seen.case,
                opinions=tuple(_to_opinion(item, seen.case) for item in readers),
                verdicts=None in masks,
                settled=None if word is None else _to_opinion(word, seen.case),
                may_settle=_adjudicates(seen, identity),
                may_take_on=_may_take_on(seen, identity),
            )
        )
    return sorted(found, key=lambda conflict: (conflict.settled is not None, conflict.case.position))


def take_on(review_id: str, position: int, identity: Identity) -> None:
    """Become the adjudicator of a case.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: They have read the case, or the review is closed.
    """
    name_adjudicator(review_id, identity.id, identity, position)


def build_word(
    token: str, mask: str | None, reason: str = "", comment: str = "", seconds: float = 0.0
) -> DecisionRequest:
    """The adjudicator's word: the mask to go on with, or none, which rejects the case.

    Raises:
        ReviewError: A rejection lacks its reason, or a text is too long.
    """
    return build_request(
        {
            "token": token,
            "action": "accept" if mask else "reject",
            "reason": reason,
            "comment": comment,
            "seconds": seconds,
            "mask_seen": mask or None,
        }
    )


def settle(review: Review, position: int, identity: Identity, request: DecisionRequest) -> Decision:
    """Settle a case: `accept` the mask that the request names as seen, or `reject` all.

    A mask of the adjudicator's own is drawn and sent at the desk, like any correction.

    Raises:
        AccessError: The person is not the adjudicator of this case.
        ReviewError: The review is closed, or the mask is none of this case.
        WorkspaceError: The database cannot be written.
    """
    seen = read_seen_case(review_store(), review.id, position, identity)
    if not _adjudicates(seen, identity):
        raise ReviewError(
            f"{seen.case.sample}: {identity.name} is not the adjudicator of this case; a researcher names "
            "one under Readers."
        )
    return decide(review_store(), review.id, position, identity, request)


def _to_opinion(item: Decision, case: CaseSpec) -> Opinion:
    drawn = item.mask is not None and item.mask != case.mask_hash
    return Opinion(item.reader, item.reader_name, item.action, item.reason, item.comment, item.mask, drawn)


def _adjudicates(seen: SeenCase, identity: Identity) -> bool:
    return any(item.reader == identity.id and item.kind == "adjudicator" for item in seen.assigned)


def _may_take_on(seen: SeenCase, identity: Identity) -> bool:
    concerned = {item.reader for item in seen.assigned} | {item.reader for item in seen.decisions}
    return identity.may(Role.RESEARCHER) and identity.id not in concerned
