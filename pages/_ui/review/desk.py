"""The desk: the case in sight, its decision, and the way to the next one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from core.errors import ReviewError
from core.services.reviews import board as boards
from core.services.reviews import cases, deciding, prefetching
from core.services.reviews import worklist as lists
from core.services.reviews.board import Board
from core.services.reviews.worklist import Worklist
from pages._ui import messages, sign_in, state
from pages._ui.review import about, toolbar, viewer, words
from pages._ui.review.acting import Acted, act

_KEY = "review.viewer"
_BLIND_REASONS = ("Image quality too poor", "Not assessable on this image alone", "Wrong image or body part")
_AHEAD = 3  # cases that are fetched before they are asked for


@dataclass
class _Memory:
    """What one browser has been told: the last event that was dealt with, and the cases it was sent.

    `strange` is what the address named in place of a case, until the reader does something.
    """

    confirmed: str = ""
    problem: str = ""
    strange: str = ""
    sent: set[str] = field(default_factory=set)


@st.fragment
@messages.guarded()
def draw(review_id: str) -> None:
    """Deal with what the reader did, then show the case that is next."""
    identity = sign_in.identity()  # Anew for every decision: sessions end
    board = boards.look(review_id, identity)
    memory = state.kept(state.REVIEW_DESK, (review_id, identity.id), _Memory)
    worklist = _list(board)
    position = _find_position(board, worklist, memory)
    acted = _act(board, worklist, position, memory)
    state.set_review_part("case", str(acted.position))
    worklist = _list(board)
    if memory.strange:
        messages.caution(f"This review has no case {memory.strange[:40]}; here is the next one to decide.")
    with st.container(key="review-desk"):
        toolbar.draw(board, worklist, acted.position)
        viewer.show(_describe(board, worklist, acted, memory), _KEY)
        about.draw(board, acted.position)
    state.show_review()


def _list(board: Board) -> Worklist:
    return lists.list_cases(board, toolbar.find_weights(board), toolbar.find_filter())


def _find_position(board: Board, worklist: Worklist, memory: _Memory) -> int:
    """The case that the address names; else the first to be decided; else one's own first; else any."""
    named = toolbar.find_number("case")
    if named is not None and named in board.cases:
        return named
    memory.strange = state.review_part("case")
    skipped = {place for place in board.awaiting if any(item.action == "skip" for item in board.own(place))}
    # What was skipped comes after the others
    for among in (board.awaiting - skipped, skipped, board.asked(), None):
        if (found := worklist.find_next(None, among)) is not None:
            return found
    return worklist.order[0].position


def _act(board: Board, worklist: Worklist, position: int, memory: _Memory) -> Acted:
    try:
        event = viewer.take(_KEY, cases.describe_form(board, position))
    except ReviewError as error:
        memory.confirmed, memory.problem = _find_token(), str(error)
        return Acted(position)
    if event is None or event.token == memory.confirmed:
        return Acted(position)
    acted = act(board, worklist, position, event)
    memory.confirmed = event.token
    if event.kind != "need":
        memory.problem, memory.strange = acted.problem, ""
    return acted


def _find_token() -> str:
    """The token of what came, though it be no event: who sent it must hear that it was refused."""
    sent = (st.session_state.get(_KEY) or {}).get("event")
    found = sent.get("token") if isinstance(sent, Mapping) else None
    return found if isinstance(found, str) else ""


def _describe(board: Board, worklist: Worklist, acted: Acted, memory: _Memory) -> viewer.ViewerInput:
    position = acted.position
    following, before = worklist.find_next(position), worklist.find_previous(position)
    ahead = [*worklist.find_ahead(position, board.awaiting, _AHEAD), following, before]
    places = dict.fromkeys(place for place in [position, *ahead] if place is not None)
    queue = tuple(cases.find_shown(board, place) for place in places)
    pictures = acted.pictures
    if not memory.sent:  # The very first case goes along at once, so that nobody waits for it to be asked for
        pictures = (prefetching.fetch(board, position),)
    memory.sent |= {item.stamp for item in pictures}
    prefetching.prepare(board, [item.position for item in queue if item.stamp not in memory.sent])
    return viewer.ViewerInput(
        review=board.review.id,
        reader=board.identity.id,
        queue=queue,
        form=cases.describe_form(board, position),
        classes=cases.find_source(board.review).classes,
        pictures=pictures,
        planes=acted.planes,
        confirmed=memory.confirmed,
        problem=memory.problem,
        state=words.describe_state(board, position),
        own_seen=board.find_latest(position),
        reasons=viewer.REASONS if board.seen[position].model else _BLIND_REASONS,
        has_next=following is not None,
        has_previous=before is not None,
        can_undo=deciding.find_last(board) is not None,
        locked=cases.find_refusal(board, board.cases[position]),
    )
