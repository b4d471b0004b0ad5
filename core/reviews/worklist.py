"""The order in which cases are read; pure."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from core.domain.review import SETTLED, CaseSpec, CaseState, RankWeights, ReviewSettings, WorklistFilter
from core.reviews.states import Decision
from core.statistics.intervals import wilson_interval

_LOW_FIRST = ("confidence", "dice")  # A low figure is the reason to look
_DIGITS = 12  # Equal cases must not be told apart by the last bits of a sum
_LEAST_TIMES = 5  # Cases that give a pace


@dataclass(frozen=True, slots=True)
class WorklistEntry:
    """One case in its place: `score` in [0, 1], large is urgent; `random` marks those drawn by lot."""

    position: int
    score: float
    random: bool


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the random cases tell of all cases.

    Attributes:
        accepted: Random cases whose prediction was accepted unchanged.
        decided: Random cases that are settled.
        low: Lower end of the 95 % interval.
        high: Upper end.
    """

    accepted: int
    decided: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """Accepted of decided; None before the first."""
        return self.accepted / self.decided if self.decided else None


def compute_scores(cases: Sequence[CaseSpec], weights: RankWeights) -> NDArray[np.float64]:
    """How urgent each case is: the weighted mean of its places among all cases, reason by reason.

    Places, not values: entropy, Dice and the rest lie on different scales. A case at place r of n (ties share
    their mean place) scores (r - 0.5) / n. A reason that is not known of a case is left out of its mean; one
    for which nothing is known scores 0.5.

    Returns:
        `(N,)` in (0, 1).
    """
    total, used = np.zeros(len(cases)), np.zeros(len(cases))
    for reason, weight in weights.model_dump().items():
        figures = np.array([getattr(case.figures, reason) for case in cases], dtype=np.float64)  # None: NaN
        known = ~np.isnan(figures)
        if not weight or not known.any():
            continue
        urgent = -figures[known] if reason in _LOW_FIRST else figures[known]
        total[known] += weight * (rankdata(urgent) - 0.5) / known.sum()
        used[known] += weight
    scores = np.full(len(cases), 0.5)
    np.divide(total, used, out=scores, where=used > 0)
    return scores.round(_DIGITS)


def draw_random(positions: Sequence[int], share: float, seed: int) -> list[int]:
    """The cases drawn by lot, in the order of the draw: any first part of them is a random sample too.

    The draw depends on the positions, the share and the seed only, never on scores or weights.
    """
    ordered = sorted(positions)
    count = round(share * len(ordered)) or int(share > 0 and bool(ordered))
    drawn = np.random.default_rng(seed).permutation(len(ordered))[:count]
    return [ordered[place] for place in drawn]


def order_worklist(
    cases: Sequence[CaseSpec],
    settings: ReviewSettings,
    weights: RankWeights | None = None,
    neutral: bool = False,
) -> list[WorklistEntry]:
    """Every case once: the most urgent first, random ones spread evenly among them.

    With a `group_cap` the urgent ones come in rounds: in each, at most so many cases of one group (else many
    slices of one patient would lead). Cases without a group count as groups of their own.

    Args:
        cases: All of a review: a filter comes after, or the random share would not be one.
        settings: Of the review.
        weights: As a person has set them now; None: those of the settings. They never change which cases are
            random.
        neutral: Whether the others come by lot too: their order then tells nothing of what the model drew.
    """
    scores = compute_scores(cases, weights or settings.weights)
    by_position = {case.position: float(score) for case, score in zip(cases, scores, strict=True)}
    lots = np.random.default_rng([settings.seed, 1]).random(len(cases))
    ranks = dict(zip(sorted(by_position), lots.tolist(), strict=True)) if neutral else by_position
    drawn = draw_random(list(by_position), settings.random_share, settings.seed)
    lot = set(drawn)
    ranked = [case for case in cases if case.position not in lot]
    ranked.sort(key=lambda case: (-ranks[case.position], case.position))
    urgent = [case.position for case in _in_rounds(ranked, settings.group_cap)]
    order = _spread(drawn, urgent)
    return [WorklistEntry(place, by_position[place], random) for place, random in order]


def filter_worklist(
    entries: Sequence[WorklistEntry],
    wanted: WorklistFilter,
    cases: Mapping[int, CaseSpec],
    states: Mapping[int, CaseState],
    readers: Mapping[int, Collection[str]],
) -> list[WorklistEntry]:
    """The entries that a person wants to see, in their order.

    Args:
        entries: Of `order_worklist`.
        wanted: The filter.
        cases: By position.
        states: By position.
        readers: Ids of the assigned readers by position; a case that is not in it is assigned to nobody.
    """

    def fits(entry: WorklistEntry) -> bool:
        case = cases[entry.position]
        return (
            (not wanted.class_name or wanted.class_name in case.classes)
            and wanted.fold in (None, case.fold)
            and wanted.state in (None, states[entry.position])
            and (not wanted.reader or wanted.reader in readers.get(entry.position, ()))
            and (entry.random or not wanted.random_only)
        )

    return [entry for entry in entries if fits(entry)]


def estimate_seconds_left(decisions: Sequence[Decision], open_cases: int) -> float | None:
    """Median seconds that a settled case took, times the cases left; None before there are five.

    Fewer tell no pace. The median, since one case left open over lunch must not decide it. All decisions of
    one reader on one case add up.
    """
    spent: Counter[tuple[str, int]] = Counter()
    settled = {(item.reader, item.position) for item in decisions if item.settles}
    for item in decisions:
        spent[item.reader, item.position] += round(item.seconds * 1000)
    times = [spent[key] / 1000 for key in settled]
    return float(np.median(times)) * open_cases if len(times) >= _LEAST_TIMES else None


def estimate_acceptance(entries: Sequence[WorklistEntry], states: Mapping[int, CaseState]) -> Acceptance:
    """How many of all predictions would be accepted, by the random cases alone.

    The ranked ones are chosen because something is wrong with them: their rate says nothing of the whole.
    With the score interval of `core.statistics`.
    """
    found = [states[entry.position] for entry in entries if entry.random]
    settled = [state for state in found if state in SETTLED]
    accepted = settled.count("accepted")
    low, high = wilson_interval(accepted, len(settled))
    return Acceptance(accepted, len(settled), float(low), float(high))


def _in_rounds(ranked: Sequence[CaseSpec], cap: int | None) -> list[CaseSpec]:
    if cap is None:
        return list(ranked)
    seen: Counter[str] = Counter()
    rounds: list[tuple[int, CaseSpec]] = []
    for case in ranked:
        group = case.group or f"\0{case.position}"
        rounds.append((seen[group] // cap, case))
        seen[group] += 1
    return [case for _, case in sorted(rounds, key=lambda item: item[0])]  # stable: ranks stay within a round


def _spread(drawn: Sequence[int], urgent: Sequence[int]) -> list[tuple[int, bool]]:
    """Random case i of m stands in the middle of the i-th of m equal parts of the list."""
    total = len(drawn) + len(urgent)
    lots = {int((number + 0.5) * total / len(drawn)): place for number, place in enumerate(drawn)}
    rest = iter(urgent)
    return [(lots[place], True) if place in lots else (next(rest), False) for place in range(total)]
