"""All figures of one pass over a part of the data."""

from dataclasses import dataclass

import numpy as np

from core.metrics.scores import (
    Counts,
    Scores,
    compute_dice,
    compute_f1,
    compute_iou,
    compute_precision,
    compute_recall,
    mean_over_classes,
    mean_over_images,
    variance_over_classes,
)


@dataclass(frozen=True, slots=True)
class ClassScores:
    """Scores of C classes, `(C,)` each in [0, 1], NaN where there is none, and their means over the classes.

    Attributes:
        dice: Dice of each class.
        iou: IoU of each class.
        f1: F1 of each class; from summed counts the same as Dice.
        precision: NaN where the class is not predicted.
        recall: NaN where the class is not in a mask.
        vdice: Mean of `dice` over the classes that have one (S1).
        mean_iou: Mean of `iou` over the classes that have one.
        iou_variance: Population variance of `iou` across classes, in squared percentage points (S3).
    """

    dice: Scores
    iou: Scores
    f1: Scores
    precision: Scores
    recall: Scores
    vdice: float
    mean_iou: float
    iou_variance: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a set of images, computed both ways.

    Attributes:
        summed: From the counts summed over all images: every pixel counts alike.
        per_image: Means over the images that have the score: every image counts alike.
        images: `(C,)` int64 images whose mask or prediction holds the class: those behind `per_image`.
        accuracy: Share of valid pixels whose classes are all right; NaN without pixels.
        accuracy_per_image: The mean of that share over images.
    """

    summed: ClassScores
    per_image: ClassScores
    images: Counts
    accuracy: float
    accuracy_per_image: float


def summarise(counts: Counts, right: Counts) -> Summary:
    """All figures from the counts of each image.

    Args:
        counts: `(N, C, 4)` of the classes that count; background left out.
        right: `(N, 2)` right pixels and valid pixels of each image.

    Raises:
        ValueError: The shapes disagree; a fault of the caller.
    """
    if counts.ndim != 3 or right.shape != (len(counts), 2):
        raise ValueError(f"counts {counts.shape} and right pixels {right.shape} are not (N, C, 4) and (N, 2)")
    shares = np.divide(
        right[:, 0], right[:, 1], out=np.full(len(right), np.nan), where=right[:, 1] > 0
    )  # (N, 2) -> (N,)
    pixels = int(right[:, 1].sum())
    return Summary(
        summed=_score(counts.sum(axis=0)),
        per_image=_score(counts),
        images=np.count_nonzero(counts[..., :3].any(axis=-1), axis=0).astype(np.int64),
        accuracy=int(right[:, 0].sum()) / pixels if pixels else float("nan"),
        accuracy_per_image=float(mean_over_classes(shares)),
    )


def _score(counts: Counts) -> ClassScores:
    """Scores of `(C, 4)` counts, or means over the images of `(N, C, 4)` counts."""
    measures = (compute_dice, compute_iou, compute_f1, compute_precision, compute_recall)
    dice, iou, f1, precision, recall = (
        measure(counts) if counts.ndim == 2 else mean_over_images(measure(counts)) for measure in measures
    )
    return ClassScores(
        dice=dice,
        iou=iou,
        f1=f1,
        precision=precision,
        recall=recall,
        vdice=float(mean_over_classes(dice)),
        mean_iou=float(mean_over_classes(iou)),
        iou_variance=float(variance_over_classes(iou)),
    )
