"""How far the readers of a review agree, with one another and with the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.reports.kept_measures import Figures, measured_folder, pair_key, read_pairs
from core.reviews.agreement import (
    Estimate,
    compute_cohen_kappa,
    compute_fleiss_kappa,
    compute_mean,
    compute_williams_index,
)
from core.reviews.opening import Review
from core.services.reviews.agreement import VERDICTS, Answer, AnsweredCase, AnswerList, Verdict
from core.services.reviews.measurements import open_cases
from core.services.reviews.stores import review_store

Scope = Literal["corrected", "all"]
Scores = Sequence[NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class VerdictAgreement:
    """How far verdicts agree, of two readers or of all.

    Attributes:
        readers: Their names; empty for all together.
        equal: Share of cases (of two), or of pairs of answers (of all), with one verdict; two who correct a
            mask each in their own way have one verdict.
        same: The same of answers that are no conflict: both stand for one mask, or both reject.
        accepted: Kappa of “accepted or not”.
        verdicts: Kappa of accepted, corrected, rejected.
    """

    readers: tuple[str, ...]
    equal: float
    same: float
    accepted: Estimate
    verdicts: Estimate


@dataclass(frozen=True, slots=True)
class ClassAgreement:
    """How far masks of one class agree.

    Attributes:
        name: The class.
        dice: Mean over cases of the mean over pairs of readers.
        distance: The same of HD95, in the unit of the list.
        absent: Cases in which no reader has the class: there is neither.
        one_sided: Cases in which some readers have it and others have not: their Dice is 0, and there is no
            distance.
        model: Mean Dice of the model with the readers.
        index: Williams' index of the model.
    """

    name: str
    dice: Estimate
    distance: Estimate
    absent: int
    one_sided: int
    model: Estimate
    index: Estimate


def compute_verdicts(found: AnswerList) -> list[VerdictAgreement]:
    """How far verdicts agree: of all readers together, then of each two who share cases."""
    if not found.cases:
        return []
    tallies = np.array([_tally([one.verdict for one in item.answers]) for item in found.cases], np.int64)
    readers = tallies.sum(axis=1)
    equal = float((tallies * (tallies - 1)).sum() / (readers * (readers - 1)).sum())
    accepted = np.stack([tallies[:, 0], tallies[:, 1:].sum(axis=1)], axis=1)
    pairs = [pair for item in found.cases for pair in combinations(item.answers, 2)]
    together = VerdictAgreement(
        (), equal, _share_same(pairs), compute_fleiss_kappa(accepted), compute_fleiss_kappa(tallies)
    )
    return [together, *_compare_two(found.cases)]


def compute_classes(review: Review, found: AnswerList, scope: Scope) -> list[ClassAgreement]:
    """How far masks agree, class by class; comparisons that are missing are left out.

    Args:
        review: The review.
        found: Its answers.
        scope: All cases, or only those in which a reader drew a mask: in all others readers who accept the
            model's mask agree by its help.
    """
    kept = read_pairs(measured_folder(review_store(), review.id), open_cases(review).classes)
    cases = [item for item in found.cases if _is_meant(item, scope)]
    readers = [
        _look_up(found, item, kept, [(one.mask, other.mask) for one, other in combinations(item.answers, 2)])
        for item in cases
    ]
    model = [
        _look_up(found, item, kept, [(item.case.mask_hash, one.mask) for one in item.answers])
        for item in cases
    ]
    count = len(found.classes)
    return [
        _compute_class(
            name,
            [rows[:, place] for rows in readers],
            [rows[:, count + place] for rows in readers],
            [rows[:, place] for rows in model],
        )
        for place, name in enumerate(found.classes)
    ]


def _compute_class(name: str, dice: Scores, distance: Scores, with_model: Scores) -> ClassAgreement:
    return ClassAgreement(
        name=name,
        dice=compute_mean(_means(dice)),
        distance=compute_mean(_means(distance)),
        absent=sum(bool(scores.size and np.isnan(scores).all()) for scores in dice),
        one_sided=_count_one_sided(dice, distance),
        model=compute_mean(_means(with_model)),
        index=compute_williams_index(dice, with_model),
    )


def _count_one_sided(dice: Scores, distance: Scores) -> int:
    """A Dice of 0 without a distance: one of the two masks is empty."""
    return sum(
        bool(((scores == 0) & np.isnan(far)).any()) for scores, far in zip(dice, distance, strict=True)
    )


def _is_meant(item: AnsweredCase, scope: Scope) -> bool:
    drawn = any(one.mask not in (None, item.case.mask_hash) for one in item.answers)
    return scope == "all" or drawn


def _look_up(
    found: AnswerList, item: AnsweredCase, kept: Figures, pairs: Sequence[tuple[str | None, str | None]]
) -> NDArray[np.float64]:
    """The kept comparisons of some masks of a case: `(P, 2 C)`."""
    keys = [pair_key(item.compare(first, second)) for first, second in pairs if first and second]
    rows = [kept[key] for key in keys if key in kept]
    return np.array(rows, dtype=np.float64).reshape(len(rows), 2 * len(found.classes))


def _means(scores: Scores) -> NDArray[np.float64]:
    """Mean of each case over its pairs; NaN where none has a figure."""
    known = [one[~np.isnan(one)] for one in scores]
    return np.array([one.mean() if one.size else np.nan for one in known], dtype=np.float64)


def _compare_two(cases: Sequence[AnsweredCase]) -> list[VerdictAgreement]:
    """Every two readers who share cases, those with most in common first."""
    tables: dict[tuple[str, str], NDArray[np.int64]] = {}
    pairs: dict[tuple[str, str], list[tuple[Answer, Answer]]] = {}
    names: dict[str, str] = {}
    for item in cases:
        for one, other in combinations(sorted(item.answers, key=_by_reader), 2):
            names |= {one.reader: one.name, other.reader: other.name}
            table = tables.setdefault((one.reader, other.reader), np.zeros((3, 3), np.int64))
            table[VERDICTS.index(one.verdict), VERDICTS.index(other.verdict)] += 1
            pairs.setdefault((one.reader, other.reader), []).append((one, other))
    ordered = sorted(tables.items(), key=lambda item: -int(item[1].sum()))
    return [
        VerdictAgreement(
            (names[one], names[other]),
            float(np.trace(table) / table.sum()),
            _share_same(pairs[one, other]),
            compute_cohen_kappa(_fold(table)),
            compute_cohen_kappa(table),
        )
        for (one, other), table in ordered
    ]


def _share_same(pairs: Sequence[tuple[Answer, Answer]]) -> float:
    """Share of pairs of answers that stand for one mask, or both for none."""
    return sum(one.mask == other.mask for one, other in pairs) / len(pairs)


def _fold(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of accepted, corrected, rejected: accepted or not."""
    rows = np.stack([table[0], table[1:].sum(axis=0)])
    return np.stack([rows[:, 0], rows[:, 1:].sum(axis=1)], axis=1)


def _tally(verdicts: Sequence[Verdict]) -> list[int]:
    return [verdicts.count(verdict) for verdict in VERDICTS]


def _by_reader(answer: Answer) -> str:
    return answer.reader
