"""Scores of each class from counted pixels.

All take `(…, C, 4)` counts (see `core.metrics.counts`) and return `(…, C)` in [0, 1]. A score whose
denominator is 0 is NaN: nothing can be said. NaN never lies in an average.
"""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Scores = NDArray[np.float64]


def compute_dice(counts: Counts) -> Scores:
    """`2·TP / (2·TP + FP + FN)` (S1, S2); NaN where a class is in neither prediction nor mask.

    >>> compute_dice(np.array([[8, 2, 2, 88], [0, 0, 0, 100], [0, 5, 0, 95]])).tolist()
    [0.8, nan, 0.0]
    """
    both, extra, missed, _ = _columns(counts)
    return _divide(2 * both, 2 * both + extra + missed)


def compute_f1(counts: Counts) -> Scores:
    """`2PR / (P + R)` (S2): for one class the same number as its Dice, under its other name."""
    return compute_dice(counts)


def compute_iou(counts: Counts) -> Scores:
    """`TP / (TP + FP + FN)` (S2, S3); NaN where a class is in neither prediction nor mask."""
    both, extra, missed, _ = _columns(counts)
    return _divide(both, both + extra + missed)


def compute_precision(counts: Counts) -> Scores:
    """`TP / (TP + FP)` (S2); NaN where a class is not predicted."""
    both, extra, _, _ = _columns(counts)
    return _divide(both, both + extra)


def compute_recall(counts: Counts) -> Scores:
    """`TP / (TP + FN)` (S2); NaN where a class is not in the mask."""
    both, _, missed, _ = _columns(counts)
    return _divide(both, both + missed)


def mean_over_classes(scores: Scores) -> Scores:
    """The mean of `(…, C)` scores over the classes that have one; NaN where none has.

    Of Dice it is **vDice** (S1), of IoU the mean IoU (S3). Background must be left out before.
    """
    there = ~np.isnan(scores)
    return _divide(np.where(there, scores, 0.0).sum(axis=-1), there.sum(axis=-1))


def variance_over_classes(scores: Scores) -> Scores:
    """Variance of `(…, C)` scores across classes, in squared percentage points (S3): how uneven they are.

    The population variance, over the classes that have a score; NaN where none has.
    """
    percent = 100.0 * scores
    return mean_over_classes((percent - mean_over_classes(percent)[..., None]) ** 2)


def mean_over_images(scores: Scores) -> Scores:
    """`(C,)`: the mean of `(N, C)` scores over the images that have one; NaN where none has."""
    return mean_over_classes(np.moveaxis(scores, 0, -1))


def _columns(counts: Counts) -> tuple[Counts, Counts, Counts, Counts]:
    if counts.shape[-1:] != (4,):
        raise ValueError(f"counts are (…, C, 4), not {counts.shape}")
    return counts[..., 0], counts[..., 1], counts[..., 2], counts[..., 3]


def _divide(part: NDArray[np.int64] | Scores, whole: NDArray[np.int64]) -> Scores:
    """`part / whole`, NaN where the whole is 0."""
    quotient = np.full(np.shape(part), np.nan)
    np.divide(part, whole, out=quotient, where=np.asarray(whole) > 0)
    return quotient
