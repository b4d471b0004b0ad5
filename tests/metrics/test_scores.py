"""Scores from counts: the papers' numbers, other libraries, and classes that are absent."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from segmentation_models_pytorch import metrics as smp
from torchmetrics.functional import classification as torchmetrics

from core.metrics import (
    compute_dice,
    compute_f1,
    compute_iou,
    compute_precision,
    compute_recall,
    count_overlap,
    mean_over_classes,
    variance_over_classes,
)

CLASSES = 5
S3_PASSIVE = [14.55, 35.46, 33.92, 38.13, 46.45, 24.26, 46.94, 53.72]
S3_ACTIVE = [9.35, 28.50, 28.69, 25.79, 41.73, 20.52, 38.73, 40.30]
S1_BALANCED_RL = [0.9266, 0.7049, 0.7425, 0.5892, 0.3132, 0.1031, 0.1808, 0.6491]

COUNTS = arrays(np.int64, (4, 4), elements=st.integers(0, 1000))


def _draw_masks(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`(6, 16, 12)` predicted and wanted indices, and valid pixels; class 3 is only predicted, 4 nowhere."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 4, (6, 16, 12)), rng.integers(0, 3, (6, 16, 12)), rng.random((6, 16, 12)) < 0.8


def _layers(indices: np.ndarray) -> np.ndarray:
    return np.asarray(indices[:, None] == np.arange(CLASSES)[:, None, None])


def _sum_counts(seed: int) -> np.ndarray:
    predicted, wanted, valid = _draw_masks(seed)
    return np.asarray(count_overlap(_layers(predicted), _layers(wanted), valid).sum(axis=0))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (compute_iou, torchmetrics.multiclass_jaccard_index),
        (compute_dice, torchmetrics.multiclass_f1_score),
        (compute_precision, torchmetrics.multiclass_precision),
        (compute_recall, torchmetrics.multiclass_recall),
    ],
)
def test_scores_agree_with_torchmetrics_where_there_is_one(
    ours: Callable[..., np.ndarray], theirs: Callable[..., torch.Tensor], seed: int
) -> None:
    predicted, wanted, valid = _draw_masks(seed)
    scores = ours(_sum_counts(seed))
    reference = theirs(
        torch.from_numpy(predicted),
        torch.from_numpy(np.where(valid, wanted, -1)),
        num_classes=CLASSES,
        average="none",
        ignore_index=-1,
    ).numpy()
    there = ~np.isnan(scores)
    np.testing.assert_allclose(scores[there], reference[there], rtol=1e-6)
    assert np.isnan(scores[4])  # torchmetrics says 0 for a class that is nowhere
    assert np.isnan(scores[3]) == (
        ours is compute_recall
    )  # only predicted: false alarms, but nothing to find


@pytest.mark.parametrize("seed", range(5))
def test_scores_agree_with_smp(seed: int) -> None:
    predicted, wanted, _ = _draw_masks(seed)
    stats = smp.get_stats(
        torch.from_numpy(predicted), torch.from_numpy(wanted), mode="multiclass", num_classes=CLASSES
    )
    counts = count_overlap(_layers(predicted), _layers(wanted))
    for ours, theirs in (
        (compute_iou, smp.iou_score),
        (compute_f1, smp.f1_score),
        (compute_precision, smp.precision),
        (compute_recall, smp.recall),
    ):
        reference = theirs(*stats, reduction="none", zero_division=float("nan")).numpy()
        np.testing.assert_allclose(ours(counts), reference, rtol=1e-6)


def test_an_absent_class_has_no_score() -> None:
    nowhere, alarm, missed = [0, 0, 0, 9], [0, 3, 0, 6], [0, 0, 3, 6]
    counts = np.array([nowhere, alarm, missed])
    for dice in (compute_dice(counts), compute_iou(counts)):
        np.testing.assert_array_equal(dice, [np.nan, 0, 0])
    np.testing.assert_array_equal(compute_precision(counts), [np.nan, 0, np.nan])
    np.testing.assert_array_equal(compute_recall(counts), [np.nan, np.nan, 0])


def test_an_absent_class_is_not_in_the_mean() -> None:
    assert mean_over_classes(np.array([0.5, np.nan, 1.0])) == 0.75
    assert np.isnan(mean_over_classes(np.array([np.nan, np.nan])))
    assert variance_over_classes(np.array([0.5, np.nan, 0.7])) == pytest.approx(100)


@settings(deadline=None)
@given(COUNTS)
def test_scores_keep_their_bounds_and_order(counts: np.ndarray) -> None:
    dice, iou = compute_dice(counts), compute_iou(counts)
    there = ~np.isnan(dice)
    assert ((dice[there] >= iou[there]) & (iou[there] >= 0) & (dice[there] <= 1)).all()
    np.testing.assert_allclose(iou, dice / (2 - dice))


@settings(deadline=None)
@given(COUNTS)
def test_f1_is_made_of_precision_and_recall(counts: np.ndarray) -> None:
    precision, recall = compute_precision(counts), compute_recall(counts)
    there = precision + recall > 0
    wanted = 2 * precision[there] * recall[there] / (precision + recall)[there]
    np.testing.assert_allclose(compute_f1(counts)[there], wanted)


def test_the_variances_of_s3_are_reproduced() -> None:
    for percent, variance, mean in ((S3_PASSIVE, 143.29, 36.7), (S3_ACTIVE, 106.6, 29.2)):
        scores = np.array(percent) / 100
        assert variance_over_classes(scores) == pytest.approx(variance, abs=0.05)
        assert 100 * mean_over_classes(scores) == pytest.approx(mean, abs=0.05)


def test_vdice_of_s1s_table_is_the_mean_of_its_rows() -> None:
    assert mean_over_classes(np.array(S1_BALANCED_RL)) == pytest.approx(0.526, abs=5e-4)


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="counts are"):
        compute_dice(np.zeros((3, 2), dtype=np.int64))
