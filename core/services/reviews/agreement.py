"""The independent answers of the readers of a review, from which agreement is computed."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from core.domain.identity import Identity
from core.domain.measuring import MasksToCompare, MeasureRequest, PixelSpacing
from core.domain.review import CaseSpec
from core.reports.kept_measures import find_missing, list_measured, measured_folder, read_pairs
from core.reports.measuring import measure
from core.reviews.answers import find_answers
from core.reviews.opening import Review
from core.reviews.states import Decision
from core.reviews.worklist import Acceptance
from core.services.reviews.board import look
from core.services.reviews.measurements import is_quick, open_cases
from core.services.reviews.spacing import find_given, find_spacing
from core.services.reviews.stores import review_store
from core.services.reviews.worklist import find_acceptance

Verdict = Literal["accepted", "corrected", "rejected"]
VERDICTS: tuple[Verdict, ...] = ("accepted", "corrected", "rejected")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reader answered independently of the others.

    Attributes:
        reader: Their id.
        name: As they were known then.
        verdict: On the model's mask: to accept a mask that somebody else drew is to correct it too.
        mask: Hash of the mask that they stand for; None for a rejection.
    """

    reader: str
    name: str
    verdict: Verdict
    mask: str | None


@dataclass(frozen=True, slots=True)
class AnsweredCase:
    """A case with the answers of its readers; `spacing` is in mm, None where distances are in pixels."""

    case: CaseSpec
    answers: tuple[Answer, ...]
    spacing: PixelSpacing | None

    def compare(self, first: str, second: str) -> MasksToCompare:
        """What is asked to compare two masks of this case."""
        return MasksToCompare(position=self.case.position, first=first, second=second, spacing=self.spacing)


@dataclass(frozen=True, slots=True)
class AnswerList:
    """What agreement is computed from.

    Attributes:
        cases: With at least two answers, by position.
        single: Cases with one answer, which say nothing of agreement.
        hidden: Cases that are left out because the person is still to read them, blinded.
        unit: Of distances: mm where the spacing of every case is known, else px for all.
        classes: Names of the classes that are compared.
        missing: Comparisons that are not computed yet.
        quick: Whether a person may wait for them.
        acceptance: What the cases drawn at random tell of all; None where the model is hidden.
    """

    cases: tuple[AnsweredCase, ...]
    single: int
    hidden: int
    unit: Literal["mm", "px"]
    classes: tuple[str, ...]
    missing: MeasureRequest
    quick: bool
    acceptance: Acceptance | None


def list_answers(review: Review, identity: Identity) -> AnswerList:
    """The independent answers that a person may see, and what of them is not compared yet.

    Raises:
        AppError: The predictions of the review are gone.
    """
    store, source, given = review_store(), open_cases(review), find_given(review)
    board = look(review.id, identity)
    seen = [board.seen[position] for position in sorted(board.seen)]
    settings = review.spec.settings
    found: list[tuple[CaseSpec, tuple[Answer, ...]]] = []
    for item in seen:
        decisions = find_answers(item.decisions, settings)
        if item.outcome is not None and decisions:
            found.append((item.case, tuple(_to_answer(one, item.case) for one in decisions)))
    several = [(case, answers) for case, answers in found if len(answers) > 1]
    spacings = [find_spacing(source, case.position, given)[0] for case, _ in several]
    known = bool(spacings) and None not in spacings
    cases = tuple(
        AnsweredCase(case, answers, spacing if known else None)
        for (case, answers), spacing in zip(several, spacings, strict=True)
    )
    pairs = tuple(dict.fromkeys(pair for item in cases for pair in _list_pairs(item)))
    kept = read_pairs(measured_folder(store, review.id), source.classes)
    missing = find_missing(MeasureRequest(review=review.id, pairs=pairs), {}, kept)
    measured = list_measured(source.classes)
    return AnswerList(
        cases=cases,
        single=len(found) - len(several),
        hidden=sum(item.outcome is None for item in seen),
        unit="mm" if known else "px",
        classes=tuple(source.classes[place].name for place in measured),
        missing=missing,
        quick=is_quick([item.case for item in cases], missing, len(measured)),
        acceptance=find_acceptance(board),
    )


def compare_now(review: Review, missing: MeasureRequest) -> list[str]:
    """Compare here and now what is missing; returns a sentence for each mask that could not be read.

    Raises:
        AppError: The predictions of the review are gone.
    """
    return measure(review_store(), review, missing)


def _to_answer(decision: Decision, case: CaseSpec) -> Answer:
    verdict: Verdict = "rejected"
    if decision.mask is not None:
        verdict = "accepted" if decision.mask == case.mask_hash else "corrected"
    return Answer(decision.reader, decision.reader_name, verdict, decision.mask)


def _list_pairs(item: AnsweredCase) -> Iterator[MasksToCompare]:
    """The masks of every two readers, and the model's with every reader's."""
    masks = [item.case.mask_hash, *(one.mask for one in item.answers)]
    known = [mask for mask in masks if mask is not None]
    for first, second in combinations(known, 2):
        yield item.compare(first, second)
