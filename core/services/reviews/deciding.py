"""Deciding, and taking back what one has decided."""

from pydantic import ValidationError

from core.domain.identity import Identity
from core.domain.masks import LabelMask
from core.domain.review import DecisionRequest
from core.errors import ReviewError
from core.reviews import deciding
from core.reviews.following import find_by_token
from core.reviews.states import Decision
from core.services.reviews.board import Board
from core.services.reviews.stores import review_store


def build_request(fields: dict[str, object]) -> DecisionRequest:
    """What a reader decided, checked.

    Args:
        fields: As `DecisionRequest` names them.

    Raises:
        ReviewError: They break a rule, such as a rejection without its reason.
    """
    try:
        return DecisionRequest.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = f" ({first['loc'][0]})" if first["loc"] else ""
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise ReviewError(f"The decision was not saved: {reason}{where}.") from error


def decide(
    review_id: str, position: int, identity: Identity, request: DecisionRequest, mask: LabelMask | None = None
) -> Decision:
    """Store one decision; when this returns, it lies on the disk. Sent twice, it is stored once.

    Args:
        review_id: The review.
        position: The case.
        identity: The reader.
        request: What they decided.
        mask: The whole corrected mask, for `correct`.

    Raises:
        AccessError: The case is assigned to others.
        ReviewError: The review is closed, or what is sent does not fit the case.
        WorkspaceError: Disk or database cannot be written.
    """
    return deciding.decide(review_store(), review_id, position, identity, request, mask)


def find_last(board: Board) -> Decision | None:
    """The latest decision of a person that still stands: what taking back would take back."""
    standing = [item for item in board.own_decisions() if not item.superseded and item.action != "withdraw"]
    return max(standing, key=lambda item: item.seq, default=None)


def take_back(board: Board, token: str, seconds: float = 0.0) -> Decision | None:
    """Take the person's latest decision of a review back; None where there is none.

    Nothing is erased: a new decision, `withdraw`, supersedes it. With a token that is known nothing changes.

    Args:
        board: The review as the person sees it.
        token: Made once an act by the sender.
        seconds: Spent on the case in sight.

    Raises:
        ReviewError: The review is closed, or the token belongs to something else.
        WorkspaceError: The database cannot be written.
    """
    repeated = find_by_token(review_store(), token)
    if repeated is not None:
        if repeated.action != "withdraw" or repeated.reader != board.identity.id:
            raise ReviewError("This carries the token of another decision; reload the page and try again.")
        return repeated
    last = find_last(board)
    if last is None:
        return None
    request = build_request(
        {
            "token": token,
            "action": "withdraw",
            "class_name": last.class_name,
            "seconds": seconds,
            "mask_seen": last.mask_before,
        }
    )
    return decide(board.review.id, last.position, board.identity, request)
