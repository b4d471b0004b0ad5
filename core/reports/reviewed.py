"""The reviewed set: which cases of a review have a mask to go on with, and the mask."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.domain.masks import LabelMask
from core.domain.review import SETTLED, CaseSpec, CaseState
from core.errors import ReviewError
from core.reports.sources import CaseSource
from core.reviews.mask_files import digest_mask
from core.reviews.opening import Review, read_cases
from core.reviews.reading import read_corrected, read_decisions, read_outcomes
from core.reviews.store import ReviewStore

LeftOut = CaseState | Literal["class rejected"]


@dataclass(frozen=True, slots=True)
class ReviewedCase:
    """A case with the mask to go on with: the predicted one, or the one that a person drew.

    Attributes:
        rejected: Names of the classes of this very mask that a reader has rejected alone.
    """

    case: CaseSpec
    state: CaseState
    mask_hash: str
    rejected: tuple[str, ...] = ()

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
        left_out: The others, and why: their state, or that a class of their mask was rejected.
    """

    store: ReviewStore
    review: Review
    source: CaseSource
    cases: tuple[ReviewedCase, ...]
    left_out: tuple[tuple[CaseSpec, LeftOut], ...]

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
        check_predicted(mask, case.sample, case.mask_hash, self.review.spec.classes)
        return mask


def check_predicted(mask: LabelMask, sample: str, digest: str, names: Sequence[str]) -> None:
    """Whether a predicted mask is still the one that decisions are about.

    Raises:
        ReviewError: It is not.
    """
    if digest_mask(mask, names) != digest:
        raise ReviewError(
            f"{sample}: the predicted mask is not the one that the review was opened with; it was changed "
            "since. Restore it, or open a new review of the new predictions."
        )


def find_reviewed(
    store: ReviewStore,
    review: Review,
    source: CaseSource,
    settled_only: bool = True,
    rejected_classes: bool = False,
) -> ReviewedSet:
    """The reviewed set of a review as it stands now.

    Args:
        store: Where it lies.
        review: The review.
        source: Of its cases.
        settled_only: Whether cases that are neither accepted nor corrected are left out; else those that are
            not rejected and that readers do not disagree on go with their prediction.
        rejected_classes: Whether cases go along though a reader has rejected a class of their mask; else they
            are left out, since the mask is not one that all of its readers stand for.
    """
    outcomes = read_outcomes(store, review.id)
    rejected = _find_rejected(store, review)
    kept: list[ReviewedCase] = []
    left_out: list[tuple[CaseSpec, LeftOut]] = []
    for case in read_cases(store, review.id):
        outcome = outcomes[case.position]
        undecided = not settled_only and outcome.state not in (*SETTLED, "conflict")
        mask = case.mask_hash if undecided else outcome.mask
        classes = rejected.get((case.position, mask or ""), ())
        if mask is None:
            left_out.append((case, outcome.state))
        elif classes and not rejected_classes:
            left_out.append((case, "class rejected"))
        else:
            kept.append(ReviewedCase(case, outcome.state, mask, classes))
    return ReviewedSet(store, review, source, tuple(kept), tuple(left_out))


def check_any(reviewed: ReviewedSet) -> None:
    """Raise unless there is a mask to write.

    Raises:
        ReviewError: No case has a mask to go on with.
    """
    if not reviewed.cases:
        raise ReviewError(
            f"No case of “{reviewed.review.spec.title}” is accepted or corrected yet with all of its "
            "classes, so there is nothing to write; decide some first."
        )


def _find_rejected(store: ReviewStore, review: Review) -> dict[tuple[int, str], tuple[str, ...]]:
    """Names of the classes that stand rejected alone, by case and the hash of the mask that was rejected."""
    found: dict[tuple[int, str], tuple[str, ...]] = {}
    for item in read_decisions(store, review.id):
        if item.class_name and item.action == "reject" and not item.superseded:
            key = item.position, item.mask_before
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), item.class_name)))
    return found


def count_left_out(left_out: Sequence[tuple[CaseSpec, LeftOut]]) -> dict[LeftOut, int]:
    """How many cases were left out for each reason."""
    return dict(Counter(reason for _, reason in left_out))
