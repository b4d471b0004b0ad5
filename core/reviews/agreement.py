"""How far readers agree, with each other and with the model; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.measurement.distances import compute_hd95
from core.statistics.intervals import Z_95

_DRAWS = 2000
_DRAWN_AT_ONCE = 1_000_000  # numbers: a few megabytes, however many cases there are
_TINY = 1e-9  # A variance or a width below it is 0: the cases are too alike to tell anything
_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; NaN where it cannot be given. `count` cases stand behind it."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class RegionAgreement:
    """Two masks of one class in one case; NaN as `compute_dice` and `compute_hd95` give it."""

    dice: float
    hd95: float


def compare_regions(
    first: NDArray[np.bool_], second: NDArray[np.bool_], spacing: Sequence[float] | None
) -> RegionAgreement:
    """Dice and HD95 of two masks of one class.

    Both empty: no Dice and no distance. One empty: a Dice of 0 and no distance.

    Args:
        first: `(H, W)` or `(D, H, W)` bool.
        second: Of the same shape.
        spacing: mm along each axis; None gives the distance in pixels.
    """
    return RegionAgreement(_dice(first, second), compute_hd95(first, second, spacing))


def compute_mean(values: NDArray[np.float64], seed: int = 0) -> Estimate:
    """The mean of a figure over cases, with a bootstrap interval over cases.

    Args:
        values: `(N,)` one figure a case; NaN is left out.
        seed: Of the bootstrap.

    Returns:
        NaN without a case; the interval is NaN for a single case.
    """
    known = values[~np.isnan(values)]
    if known.size < 2:
        value = float(known[0]) if known.size else float("nan")
        return Estimate(value, float("nan"), float("nan"), int(known.size))
    rng = np.random.default_rng(seed)
    rows = max(_DRAWN_AT_ONCE // known.size, 1)
    means = [
        known[rng.integers(0, known.size, (min(rows, _DRAWS - start), known.size))].mean(axis=1)
        for start in range(0, _DRAWS, rows)
    ]
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return Estimate(float(known.mean()), float(low), float(high), int(known.size))


def compute_cohen_kappa(table: NDArray[np.integer]) -> Estimate:
    """Cohen's kappa of two readers, with its large-sample interval.

    Cohen, A coefficient of agreement for nominal scales, Educ Psychol Meas 1960; the standard error is that
    of Fleiss, Cohen and Everitt, Large sample standard errors of kappa and weighted kappa, Psychol Bull 1969,
    equation 13, which holds whatever the true kappa is.

    Args:
        table: `(K, K)` cases that the first reader gave the row's answer and the second the column's.

    Returns:
        NaN where all answers are one: agreement by chance is certain, and kappa is 0 / 0. No interval where
        the formula's is of no width: readers who always agree, or one who always gives one answer.
    """
    count = int(table.sum())
    shares = table / max(count, 1)
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    seen, chance = float(np.trace(shares)), float(rows @ columns)
    if count == 0 or chance >= 1:
        return Estimate(float("nan"), float("nan"), float("nan"), count)
    kappa = (seen - chance) / (1 - chance)
    diagonal = np.diag(shares) @ (1 - (rows + columns) * (1 - kappa)) ** 2
    crossed = (columns[:, None] + rows[None, :]) ** 2  # row i, column j: p.i + pj.
    others = (1 - kappa) ** 2 * (shares * crossed * (1 - np.eye(len(table)))).sum()
    variance = (diagonal + others - (kappa - chance * (1 - kappa)) ** 2) / ((1 - chance) ** 2 * count)
    if variance < _TINY:
        return Estimate(kappa, float("nan"), float("nan"), count)
    half = Z_95 * float(np.sqrt(variance))
    return Estimate(kappa, max(kappa - half, -1.0), min(kappa + half, 1.0), count)


def compute_fleiss_kappa(counts: NDArray[np.integer], seed: int = 0) -> Estimate:
    """Fleiss' kappa of any number of readers, with a bootstrap interval over cases.

    Fleiss, Measuring nominal scale agreement among many raters, Psychol Bull 1971. Where cases have unequally
    many readers, each case's agreement is taken over its own pairs of readers, and answers are pooled over
    all. Cases with fewer than two readers say nothing and are left out.

    Args:
        counts: `(N, K)` how many readers gave each answer to each case.
        seed: Of the bootstrap.
    """
    usable = counts[counts.sum(axis=1) >= 2].astype(np.float64)
    return _bootstrap(len(usable), lambda drawn: _fleiss(usable[drawn]), seed)


def compute_williams_index(
    readers: Sequence[NDArray[np.float64]], model: Sequence[NDArray[np.float64]], seed: int = 0
) -> Estimate:
    """Model against the panel: does it agree with readers as well as they agree with one another.

    Williams' index (Comparing the joint agreement of several raters with another rater, Biometrics 1976): the
    mean agreement of model and reader over the mean agreement of two readers. Where the interval holds 1, the
    model is not told from one more reader. With a bootstrap interval over cases.

    Args:
        readers: For each case the agreement (Dice) of each pair of its readers; NaN is left out.
        model: For each case the agreement of the model with each of its readers.
        seed: Of the bootstrap.

    Returns:
        NaN where no case has two readers; `count` are the cases that have.
    """
    among = np.array([_mean(pairs) for pairs in readers])
    with_model = np.array([_mean(scores) for scores in model])
    usable = ~np.isnan(among) & ~np.isnan(with_model)
    among, with_model = among[usable], with_model[usable]

    def ratio(drawn: NDArray[np.intp]) -> float:
        panel = float(among[drawn].mean())
        return float(with_model[drawn].mean()) / panel if panel > 0 else float("nan")

    return _bootstrap(len(among), ratio, seed)


def pair_dice(masks: Sequence[NDArray[np.bool_]]) -> NDArray[np.float64]:
    """Dice of each pair of masks of one class in one case; NaN where both are empty."""
    return np.array([_dice(first, second) for first, second in combinations(masks, 2)])


def _dice(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    held = int(np.count_nonzero(first)) + int(np.count_nonzero(second))
    return 2 * int(np.count_nonzero(first & second)) / held if held else float("nan")


def _mean(scores: NDArray[np.float64]) -> float:
    known = scores[~np.isnan(scores)]
    return float(known.mean()) if known.size else float("nan")


def _fleiss(counts: NDArray[np.float64]) -> float:
    readers = counts.sum(axis=1)
    agreement = ((counts**2).sum(axis=1) - readers) / (readers * (readers - 1))
    shares = counts.sum(axis=0) / counts.sum()
    chance = float(shares @ shares)
    return (float(agreement.mean()) - chance) / (1 - chance) if chance < 1 else float("nan")


def _bootstrap(count: int, statistic: Callable[[NDArray[np.intp]], float], seed: int) -> Estimate:
    """Percentile interval over cases drawn with replacement (Efron and Tibshirani, 1993, chapter 13).

    None where it has no width, or where more draws than lie in a tail give no figure: they might lie there.
    """
    if count == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    value = statistic(np.arange(count))
    if count == 1:
        return Estimate(value, float("nan"), float("nan"), 1)
    rng = np.random.default_rng(seed)
    drawn = np.array([statistic(rng.integers(0, count, count)) for _ in range(_DRAWS)])
    if np.isnan(value) or np.isnan(drawn).mean() > _TAIL:
        return Estimate(value, float("nan"), float("nan"), count)
    low, high = np.nanpercentile(drawn, [100 * _TAIL, 100 * (1 - _TAIL)])
    if high - low < _TINY:
        low = high = float("nan")
    return Estimate(value, float(low), float(high), count)
