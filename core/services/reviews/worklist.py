"""The worklist of one person: which cases are listed, which comes next, and how far they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.domain.review import CaseState, RankWeights, WorklistFilter
from core.reviews.worklist import (
    Acceptance,
    WorklistEntry,
    estimate_acceptance,
    estimate_seconds_left,
    filter_worklist,
)
from core.services.reviews.board import Board


@dataclass(frozen=True, slots=True)
class Worklist:
    """The cases in the order in which they are read.

    Attributes:
        order: Every case of the review.
        listed: Those that the filter lets through.
    """

    order: Sequence[WorklistEntry]
    listed: Sequence[WorklistEntry]

    def find_next(self, position: int | None, among: Collection[int] | None = None) -> int | None:
        """The listed case that follows a case, which itself need not be listed any more.

        Args:
            position: The case; None gives the first.
            among: Only these; where none follows, the first of them, so that what was left out comes again.
        """
        wanted = [item.position for item in self.listed if among is None or item.position in among]
        after = self._after(position)
        found = next((place for place in wanted if place in after), None)
        if found is None and among is not None:
            found = next((place for place in wanted if place != position), None)
        return found

    def find_previous(self, position: int) -> int | None:
        """The listed case before a case."""
        after = self._after(position)
        before = [item.position for item in self.listed if item.position not in after]
        return next((place for place in reversed(before) if place != position), None)

    def find_ahead(self, position: int, among: Collection[int], count: int) -> list[int]:
        """The next cases to be decided, to be fetched ahead."""
        after = self._after(position)
        ahead = [item.position for item in self.listed if item.position in among and item.position in after]
        return ahead[:count]

    def _after(self, position: int | None) -> Collection[int]:
        """The positions behind a case in the order of all."""
        positions = [item.position for item in self.order]
        return set(positions[positions.index(position) + 1 :] if position in positions else positions)


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """How far a person is.

    Attributes:
        total: Cases that they are asked to decide; see `Board.asked`. 0 where all are others' to decide.
        done: Of these, those that are not asked of them any more.
        states: How many cases are in each state, as far as they may see it.
        seconds_left: At the pace of their own decisions; None before there are a few.
        acceptance: See `find_acceptance`.
    """

    total: int
    done: int
    states: dict[CaseState, int]
    seconds_left: float | None
    acceptance: Acceptance | None


def list_cases(board: Board, weights: RankWeights, wanted: WorklistFilter) -> Worklist:
    """The worklist of a person.

    Args:
        board: The review as they see it.
        weights: As they have set them now; they never change which cases are random.
        wanted: The filter; a class is passed over where the model is hidden, since it would tell what the
            model has drawn.
    """
    order = board.order(weights)
    if board.neutral:
        wanted = wanted.model_copy(update={"class_name": ""})
    if wanted == WorklistFilter():
        return Worklist(order, order)
    return Worklist(order, filter_worklist(order, wanted, board.cases, board.states, board.readers()))


def summarise(board: Board) -> ReviewProgress:
    """How far the person is."""
    mine = board.asked()
    left = len(board.awaiting & mine)
    states: dict[CaseState, int] = {}
    for state in board.states.values():
        states[state] = states.get(state, 0) + 1
    return ReviewProgress(
        total=len(mine),
        done=len(mine) - left,
        states=states,
        seconds_left=estimate_seconds_left(board.own_decisions(), left),
        acceptance=find_acceptance(board),
    )


def find_acceptance(board: Board) -> Acceptance | None:
    """What the cases drawn at random tell of all; None where the model is hidden.

    Nobody accepts what they have not seen: their first answers would give a rate of 0 by construction.
    """
    settings = board.review.spec.settings
    if settings.hide_model:
        return None
    return estimate_acceptance(board.order(settings.weights), board.states)
