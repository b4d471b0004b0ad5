"""One review as one person sees it, kept in memory: a key press must not read five thousand cases.

Cases never change once a review is open. Decisions and assignments come in by the ledger: what is new since
the last look is read, and only the cases that it speaks of are seen anew.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from core.domain.identity import Identity, Role
from core.domain.review import SETTLED, AssignmentKind, CaseSpec, CaseState, RankWeights
from core.reviews.assigning import Assignment
from core.reviews.following import News, read_news
from core.reviews.opening import Review, read_cases
from core.reviews.reading import SeenCase, count_needed, see_case
from core.reviews.states import Decision, compute_outcome
from core.reviews.store import ReviewStore
from core.reviews.worklist import WorklistEntry, order_worklist
from core.services.reviews.stores import review_store

_MOST_BOARDS = 64
_MOST_ORDERS = 8
_READ = (*SETTLED, "conflict")  # As many have answered as are needed; one more would settle nothing


class Board:
    """A review as one person sees it; `follow` brings it up to date.

    Attributes:
        review: As it was when it was last followed.
        identity: The person.
        cases: By position.
        seen: What the person may see of each case, by position.
        states: Of each case, by position; what others answered stays hidden where `seen` hides it.
        neutral: Whether the order tells nothing of the model: while a mask of it is hidden from the person.
        awaiting: Positions of the cases that the person is still to decide.
        classes: Names of the classes that are predicted in any case, in their order.
        folds: That cases come from.
        reasons: Names of the figures of `CaseFigures` that are known of any case.
    """

    def __init__(self, store: ReviewStore, review_id: str, identity: Identity) -> None:
        self.identity = identity
        self.cases: Mapping[int, CaseSpec] = {case.position: case for case in read_cases(store, review_id)}
        self.seen: dict[int, SeenCase] = {}
        self.states: dict[int, CaseState] = {}
        self.neutral = False
        self.awaiting: set[int] = set()
        predicted = {name for case in self.cases.values() for name in case.classes}
        figures = [case.figures.model_dump() for case in self.cases.values()]
        self.folds = sorted({case.fold for case in self.cases.values()})
        self.reasons = {name for item in figures for name, value in item.items() if value is not None}
        self._store, self._id = store, review_id
        self._decisions: dict[int, list[Decision]] = {position: [] for position in self.cases}
        self._assigned: dict[int, list[Assignment]] = {}
        self._reads = False  # Whether any readings are shared out to the person
        self._orders: OrderedDict[RankWeights | None, Sequence[WorklistEntry]] = OrderedDict()
        self._head = 0
        self._lock = threading.Lock()
        news = read_news(store, review_id)
        self.review: Review = news.review
        self.classes = [name for name in news.review.spec.classes if name in predicted]
        self._take(news)

    def follow(self) -> None:
        """Take in what has happened since the last look.

        Raises:
            ReviewError: The review is gone.
            WorkspaceError: The database cannot be read.
        """
        with self._lock:
            news = read_news(self._store, self._id, self._head)
            self.review = news.review
            if news.head != self._head:
                self._take(news)

    def order(self, weights: RankWeights) -> Sequence[WorklistEntry]:
        """Every case in the order that the weights give; in one that weighs nothing where it is `neutral`."""
        with self._lock:
            key = None if self.neutral else weights
            found = self._orders.get(key)
            if found is None:
                cases, settings = list(self.cases.values()), self.review.spec.settings
                found = order_worklist(cases, settings, weights, self.neutral)
                self._orders[key] = found
                if len(self._orders) > _MOST_ORDERS:
                    self._orders.popitem(last=False)
            return found

    def own(self, position: int) -> list[Decision]:
        """The person's standing decisions on a case: whole or of a class, none taken back."""
        return [
            item
            for item in self._decisions[position]
            if item.reader == self.identity.id and not item.superseded and item.action != "withdraw"
        ]

    def find_latest(self, position: int) -> int:
        """The person's last decision on a case by its number in the ledger, one taken back too; 0: none."""
        own = (item.seq for item in self._decisions[position] if item.reader == self.identity.id)
        return max(own, default=0)

    def own_decisions(self) -> list[Decision]:
        """All that the person has decided in this review, superseded ones too, by case."""
        return [
            item
            for decisions in self._decisions.values()
            for item in decisions
            if item.reader == self.identity.id
        ]

    def readers(self) -> dict[int, list[str]]:
        """Ids of the assigned readers by position."""
        return {position: [item.reader for item in found] for position, found in self._assigned.items()}

    def asked(self) -> set[int]:
        """The cases that the person is asked to decide, those included that are not asked of them any more.

        Whose readings are shared out reads their own; to others belong the cases that are open to all. Of
        an adjudicator no more is asked than to settle what readers disagree about.
        """
        return {position for position in self.cases if self.asks(position)}

    def asks(self, position: int) -> bool:
        """Whether a case is one of `asked`."""
        kinds = self._kinds(position)
        if "adjudicator" in kinds and "reader" not in kinds:
            return position in self.awaiting or any(item.adjudication for item in self.own(position))
        return "reader" in kinds or not (self._reads or self._is_shared(position))

    def _kinds(self, position: int) -> list[AssignmentKind]:
        """What the person is assigned to a case as."""
        found = self._assigned.get(position, ())
        return [item.kind for item in found if item.reader == self.identity.id]

    def _is_shared(self, position: int) -> bool:
        """Whether a case is to be read by whom it is assigned to, and nobody else."""
        return any(item.kind == "reader" for item in self._assigned.get(position, ()))

    def _take(self, news: News) -> None:
        touched = {item.position for item in news.decisions}
        for decision in news.decisions:
            self._add(decision)
        if news.assignments is not None:
            before = self._assigned
            self._assigned = {}
            for item in news.assignments:
                self._assigned.setdefault(item.position, []).append(item)
            positions = before.keys() | self._assigned.keys()
            touched |= {place for place in positions if before.get(place) != self._assigned.get(place)}
        read, self._reads = self._reads, any("reader" in self._kinds(place) for place in self._assigned)
        self._look(self.cases if self._head == 0 or read != self._reads else touched)
        self.neutral = not all(seen.model for seen in self.seen.values())
        self._head = news.head

    def _add(self, decision: Decision) -> None:
        known = self._decisions[decision.position]
        for place, item in enumerate(known):
            if item.seq == decision.supersedes:
                known[place] = replace(item, superseded=True)
        known.append(decision)

    def _look(self, positions: Iterable[int]) -> None:
        settings = self.review.spec.settings
        for position in positions:
            case, decisions = self.cases[position], self._decisions[position]
            assigned = self._assigned.get(position, [])
            seen = see_case(case, settings, assigned, decisions, self.identity)
            self.seen[position] = seen
            needed = count_needed(settings, assigned)
            truth = compute_outcome(decisions, case.mask_hash, needed).state
            self.states[position] = self._find_state(seen, needed, truth)
            if self._awaits(position, truth):
                self.awaiting.add(position)
            else:
                self.awaiting.discard(position)

    def _find_state(self, seen: SeenCase, needed: int, truth: CaseState) -> CaseState:
        """The state of a case as far as the person may know it.

        Where one reader a case is enough, nobody is to read what is settled. A reader may still be asked to
        later, and learns only that it is; who runs the review learns how. A flag is no answer, and for a
        second reader to find: they and who runs the review see it.
        """
        if seen.outcome is not None:
            return truth
        if truth == "flagged" and (needed == 1 or self.identity.may(Role.RESEARCHER)):
            return truth
        if needed == 1 and truth in _READ:
            return truth if self.identity.may(Role.RESEARCHER) else "taken"
        return compute_outcome(seen.decisions, seen.case.mask_hash, needed).state

    def _awaits(self, position: int, truth: CaseState) -> bool:
        """Whether the person is still to decide a case: asked to, or one of all who may.

        What they skipped comes again after the others; what they flagged is for somebody else. Whose readings
        are shared out is served nothing else.
        """
        answered = any(not item.class_name and item.action != "skip" for item in self.own(position))
        kinds = self._kinds(position)
        if "adjudicator" in kinds and truth == "conflict":
            return True
        if kinds or self._reads or self._is_shared(position):
            return "reader" in kinds and not answered
        return not answered and truth not in _READ


_boards: OrderedDict[tuple[str, str, Identity], Board] = OrderedDict()
_boards_lock = threading.Lock()


def open_board(store: ReviewStore, review_id: str, identity: Identity) -> Board:
    """The board of a person, as it is now; made once a process.

    Raises:
        ReviewError: There is no such review.
        WorkspaceError: The database cannot be read.
    """
    key = str(store.database.engine.url), review_id, identity
    with _boards_lock:
        board = _boards.get(key)
        if board is not None:
            _boards.move_to_end(key)
    if board is not None:
        board.follow()
        return board
    board = Board(store, review_id, identity)
    with _boards_lock:
        _boards[key] = board
        if len(_boards) > _MOST_BOARDS:
            _boards.popitem(last=False)
    return board


def look(review_id: str, identity: Identity) -> Board:
    """`open_board` in this workspace."""
    return open_board(review_store(), review_id, identity)


def see_cases(review_id: str, identity: Identity) -> list[SeenCase]:
    """Every case of a review as a person may see it now, by position. Raises as `open_board`."""
    board = open_board(review_store(), review_id, identity)
    return [board.seen[position] for position in sorted(board.seen)]
