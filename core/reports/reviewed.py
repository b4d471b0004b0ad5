"""The reviewed set: which cases of a review have a mask to go on with, and the mask."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.masks import LabelMask
from core.domain.review import SETTLED, CaseSpec, CaseState
from core.errors import ReviewError
from core.reports.sources import CaseSource
from core.reviews.mask_files import digest_mask
from core.reviews.opening import Review, read_cases
from core.reviews.reading import read_corrected, read_decisions, read_outcomes
from core.reviews.store import ReviewStore


@dataclass(frozen=True, slots=True)
class ReviewedCase:
    """A case with the mask to go on with: the predicted one, or the one that a person drew."""

    case: CaseSpec
    state: CaseState
    mask_hash: str

    @property
    def corrected(self) -> bool:
        """Whether a person drew the mask."""
        return self.mask_hash != self.case.mask_hash


@dataclass(frozen=True, slots=True)
class ReviewedSet:
    """The cases of a review that are written out, and those that are not.

    Attributes:
        store: Where corrected masks lie.
        review: The review.
        source: Where everything else lies.
        cases: With a mask, by position.
        left_out: Without one, and their state.
    """

    store: ReviewStore
    review: Review
    source: CaseSource
    cases: tuple[ReviewedCase, ...]
    left_out: tuple[tuple[CaseSpec, CaseState], ...]

    def read_mask(self, item: ReviewedCase) -> LabelMask:
        """The mask to go on with.

        Raises:
            ReviewError: It is not the mask that the readers have seen any more.
        """
        position = item.case.position
        if item.corrected:
            return read_corrected(self.store, self.review.id, position, item.mask_hash)
        return self.read_predicted(item.case)

    def read_predicted(self, case: CaseSpec) -> LabelMask:
        """The model's mask of a case. Raises as `read_mask`."""
        mask = self.source.read_prediction(case.position).mask
        if digest_mask(mask, self.review.spec.classes) != case.mask_hash:
            raise ReviewError(
                f"{case.sample}: the predicted mask is not the one that was reviewed; it was predicted anew "
                "or changed since. Restore it, or open a new review of the new predictions."
            )
        return mask


def find_reviewed(
    store: ReviewStore, review: Review, source: CaseSource, settled_only: bool = True
) -> ReviewedSet:
    """The reviewed set of a review as it stands now.

    Args:
        store: Where it lies.
        review: The review.
        source: Of its cases.
        settled_only: Whether cases that are neither accepted nor corrected are left out; else those that are
            not rejected and that readers do not disagree on go with their prediction.

    Raises:
        ReviewError: No case has a mask to go on with.
    """
    outcomes = read_outcomes(store, review.id)
    kept: list[ReviewedCase] = []
    left_out: list[tuple[CaseSpec, CaseState]] = []
    for case in read_cases(store, review.id):
        outcome = outcomes[case.position]
        if outcome.mask is not None:
            kept.append(ReviewedCase(case, outcome.state, outcome.mask))
        elif not settled_only and outcome.state not in (*SETTLED, "conflict"):
            kept.append(ReviewedCase(case, outcome.state, case.mask_hash))
        else:
            left_out.append((case, outcome.state))
    if not kept:
        raise ReviewError(
            f"No case of “{review.spec.title}” is accepted or corrected yet, so there is nothing to write; "
            "decide some first."
        )
    return ReviewedSet(store, review, source, tuple(kept), tuple(left_out))


def count_class_rejections(reviewed: ReviewedSet) -> int:
    """Cases with a mask to go on with of which a reader has rejected a single class."""
    kept = {item.case.position for item in reviewed.cases}
    rejected = {
        item.position
        for item in read_decisions(reviewed.store, reviewed.review.id)
        if item.class_name and item.action == "reject" and not item.superseded
    }
    return len(kept & rejected)


def count_left_out(left_out: Sequence[tuple[CaseSpec, CaseState]]) -> dict[CaseState, int]:
    """How many cases of each state were left out."""
    counts: dict[CaseState, int] = {}
    for _, state in left_out:
        counts[state] = counts.get(state, 0) + 1
    return counts
