"""What an event of the viewer brings about; nothing is drawn here."""

from dataclasses import dataclass

from core.errors import AppError, ReviewError
from core.services.reviews import cases, deciding, prefetching
from core.services.reviews.board import Board
from core.services.reviews.pictures import CasePictures
from core.services.reviews.planes import PlanePicture
from core.services.reviews.worklist import Worklist
from pages._ui.review.viewer import ViewerEvent


@dataclass(frozen=True, slots=True)
class Acted:
    """How an event ended.

    Attributes:
        position: The case to show now.
        problem: The sentence why nothing was stored; empty where all went well.
        pictures: That were asked for.
        planes: That were asked for.
    """

    position: int
    problem: str = ""
    pictures: tuple[CasePictures, ...] = ()
    planes: tuple[PlanePicture, ...] = ()


def act(board: Board, worklist: Worklist, position: int, event: ViewerEvent) -> Acted:
    """Do what an event asks for.

    Args:
        board: The review as the reader sees it; brought up to date where something was stored.
        worklist: As it was when the event was sent.
        position: The case in sight.
        event: What the reader did, or what the browser needs.
    """
    try:
        if event.kind == "need":
            return _fetch(board, position, event)
        if event.kind == "next":
            return Acted(_or(worklist.find_next(event.position), position))
        if event.kind == "previous":
            return Acted(_or(worklist.find_previous(event.position), position))
        if event.kind == "undo":
            return _take_back(board, position, event)
        return _decide(board, worklist, event)
    except AppError as error:
        return Acted(position, str(error))


def _or(found: int | None, position: int) -> int:
    return position if found is None else found


def _fetch(board: Board, position: int, event: ViewerEvent) -> Acted:
    """The nearest case only: while one waits for pictures, no decision is heard, so a turn stays short."""
    wanted = [place for place in event.wanted if place in board.cases][:1]
    pictures = tuple(prefetching.fetch(board, place, event.heat) for place in wanted)
    return Acted(position, pictures=pictures, planes=cases.build_planes(board, position, event.planes))


def _take_back(board: Board, position: int, event: ViewerEvent) -> Acted:
    taken = deciding.take_back(board, event.token, event.seconds)
    board.follow()
    return Acted(position if taken is None else taken.position)


def _decide(board: Board, worklist: Worklist, event: ViewerEvent) -> Acted:
    """Store a decision; then the next case, unless it was about one class."""
    _check_latest(board, event)
    request = deciding.build_request(
        {
            "token": event.token,
            "action": event.kind,
            "class_name": event.class_name,
            "reason": event.reason,
            "comment": event.comment,
            "seconds": event.seconds,
            "mask_seen": event.mask_seen,
        }
    )
    deciding.decide(board.review.id, event.position, board.identity, request, event.mask)
    board.follow()
    if event.class_name:
        return Acted(event.position)
    return Acted(_or(worklist.find_next(event.position, board.awaiting), event.position))


def _check_latest(board: Board, event: ViewerEvent) -> None:
    """Nobody replaces a decision of their own unseen, from a tab that shows how the case stood before.

    What was stored and is sent again for want of an answer is no new decision.
    """
    if event.own_seen is None or event.own_seen == board.find_latest(event.position):
        return
    if any(item.token == event.token for item in board.own_decisions()):
        return
    raise ReviewError(
        f"{board.cases[event.position].sample}: you have decided this case since it was shown here, in "
        "another tab or window. Nothing was saved; how it stands now is said above, so decide again if you "
        "still want to."
    )
