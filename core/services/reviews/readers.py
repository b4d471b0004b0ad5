"""Who reads which cases of a review, and who settles what readers disagree on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.accounts.accounts import list_people
from core.domain.identity import Identity, Role, check_role
from core.domain.review import AssignmentKind
from core.errors import ReviewError
from core.reviews.assigning import Assignment, assign, read_assignments, share_out
from core.reviews.assigning import release as release_cases
from core.reviews.opening import Review, read_cases, read_review
from core.reviews.reading import read_decisions, read_outcomes
from core.reviews.states import Decision
from core.reviews.worklist import order_worklist
from core.services.reviews.stores import review_store

CaseChoice = Literal["all", "first", "random", "flagged", "named"]


@dataclass(frozen=True, slots=True)
class Workload:
    """How far one person is.

    Attributes:
        reader: Their id.
        name: As they are known best: their account's, the one of their latest decision, or the id.
        kind: What they are asked for.
        assigned: Cases; of an adjudicator those that readers disagree on, or did until it was settled.
        settled: Of these, how many they have settled.
        put_off: Of these, how many they have flagged or skipped, and not settled.
    """

    reader: str
    name: str
    kind: AssignmentKind
    assigned: int
    settled: int
    put_off: int

    @property
    def left(self) -> int:
        """Cases that they have not settled."""
        return self.assigned - self.settled


def find_people(identity: Identity) -> list[Identity]:
    """Whom cases can be given to, by name; nobody where nobody signs in.

    Raises:
        AccessError: The person is no researcher.
    """
    check_role(identity, Role.RESEARCHER, "assign readers")
    if identity.sign_in == "local":
        return []
    return list_people(review_store().database, identity)


def count_cases(review_id: str) -> int:
    """How many cases there are to give out."""
    return len(read_cases(review_store(), review_id))


def choose_cases(review_id: str, choice: CaseChoice, count: int = 0, names: Sequence[str] = ()) -> list[int]:
    """The positions of the cases that are meant, in the order of the worklist.

    Args:
        review_id: The review.
        choice: All, the first of the worklist, the first of those drawn by lot, those that a reader flagged,
            or those that are named.
        count: For `first` and `random`: how many at most.
        names: For `named`: the samples' names.

    Raises:
        ReviewError: There is no such review, no case fits, or a name is none of its cases.
    """
    review = read_review(review_store(), review_id)
    cases = read_cases(review_store(), review_id)
    by_position = {case.position: case.sample for case in cases}
    entries = order_worklist(cases, review.spec.settings)
    if choice == "random":
        entries = [entry for entry in entries if entry.random]
    if choice in ("first", "random"):
        entries = entries[:count]
    if choice == "flagged":
        outcomes = read_outcomes(review_store(), review_id)
        entries = [entry for entry in entries if outcomes[entry.position].state == "flagged"]
    if choice == "named":
        _check_names(names, set(by_position.values()))
        entries = [entry for entry in entries if by_position[entry.position] in set(names)]
    if not entries:
        raise ReviewError("No case fits; choose others.")
    return [entry.position for entry in entries]


def share_cases(
    review_id: str, positions: Sequence[int], readers: Sequence[str], each: int, identity: Identity
) -> int:
    """Give each case readers until it has `each`; returns how many readings were added.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: There are fewer readers than a case needs, or the review is closed.
    """
    store = review_store()
    assigned = read_assignments(store, review_id)
    held: dict[int, list[str]] = {}
    for item in assigned:
        if item.kind == "reader":
            held.setdefault(item.position, []).append(item.reader)
    settling = {item.reader for item in assigned if item.kind == "adjudicator"}
    both = settling.intersection(readers)
    if both:
        names = ", ".join(sorted(_names(identity, []).get(one, one) for one in both))
        raise ReviewError(
            f"{names} settles what the readers of this review disagree on, and cannot be one of them; choose "
            "other readers, or another adjudicator."
        )
    seed = read_review(store, review_id).spec.settings.seed
    return assign(store, review_id, share_out(positions, readers, each, seed, held), identity)


def name_adjudicator(review_id: str, person: str, identity: Identity, position: int | None = None) -> int:
    """Let somebody settle the cases that their readers disagree on; returns how many came to them.

    Args:
        review_id: The review.
        person: Their id.
        identity: Who decides this.
        position: One case; None: all.

    Raises:
        AccessError: `identity` is no researcher.
        ReviewError: The person reads, or has answered, one of the cases, or the review is closed.
    """
    store = review_store()
    reads = {
        item.position
        for item in read_assignments(store, review_id)
        if item.reader == person and item.kind == "reader"
    }
    reads |= {
        item.position
        for item in read_decisions(store, review_id, position)
        if item.reader == person and not item.adjudication
    }
    wanted = [case.position for case in read_cases(store, review_id)] if position is None else [position]
    clash = reads.intersection(wanted)
    if clash:
        raise ReviewError(
            f"Who settles a case must not be one of its readers, and this person reads "
            f"{'it' if position is not None else f'{len(clash)} of these cases'}; choose somebody else."
        )
    return assign(store, review_id, {one: [person] for one in wanted}, identity, "adjudicator")


def release(review_id: str, load: Workload, identity: Identity) -> int:
    """Take back from somebody what they have not begun; returns how many cases.

    Raises:
        AccessError: Who takes back is no researcher.
        ReviewError: The review is closed.
    """
    return release_cases(review_store(), review_id, load.reader, identity, load.kind)


def read_workloads(review: Review, identity: Identity) -> list[Workload]:
    """How far everybody is whom cases were given to; a reader sees their own line only."""
    assigned = read_assignments(review_store(), review.id)
    if not identity.may(Role.RESEARCHER):
        assigned = [item for item in assigned if item.reader == identity.id]
    if not assigned:
        return []
    decisions = read_decisions(review_store(), review.id)
    people = dict.fromkeys((item.reader, item.kind) for item in assigned)
    if any(item.kind == "adjudicator" for item in assigned):
        to_settle = _find_to_settle(review.id, decisions)
        assigned = [item for item in assigned if item.kind == "reader" or item.position in to_settle]
    names = _names(identity, decisions)
    settled, put_off = _count_done(assigned, decisions)
    total = Counter((item.reader, item.kind) for item in assigned)
    loads = [  # An adjudicator without anything to settle yet is named too
        Workload(reader, names.get(reader, reader), kind, total[one], settled[one], put_off[one])
        for one in people
        for reader, kind in [one]
    ]
    return sorted(loads, key=lambda load: (load.kind != "reader", load.name.casefold()))


def _check_names(names: Sequence[str], known: set[str]) -> None:
    strange = next((name for name in names if name not in known), None)
    if strange is not None:
        raise ReviewError(
            f"This review has no case {strange!r}; copy the names from its worklist, one a line."
        )


def _find_to_settle(review_id: str, decisions: Sequence[Decision]) -> set[int]:
    outcomes = read_outcomes(review_store(), review_id)
    conflicts = {position for position, outcome in outcomes.items() if outcome.state == "conflict"}
    return conflicts | {item.position for item in decisions if item.adjudication}


def _count_done(
    assigned: Sequence[Assignment], decisions: Sequence[Decision]
) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    whole = [item for item in decisions if not item.superseded and not item.class_name]
    done = {(item.reader, item.position) for item in whole if item.settles}
    begun = {(item.reader, item.position) for item in whole if item.action in ("flag", "skip")} - done
    settled, put_off = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for item in assigned:
        settled[item.reader, item.kind] += (item.reader, item.position) in done
        put_off[item.reader, item.kind] += (item.reader, item.position) in begun
    return settled, put_off


def _names(identity: Identity, decisions: Sequence[Decision]) -> dict[str, str]:
    names = {item.reader: item.reader_name for item in decisions}
    if identity.may(Role.RESEARCHER):
        names |= {person.id: person.name for person in find_people(identity)}
    return names | {identity.id: identity.name}
