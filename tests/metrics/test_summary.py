"""All figures of a set, from summed counts and as means over images."""

import numpy as np
import pytest

from core.metrics import summarise

# Two classes, three images; class 1 is in the second image only.
COUNTS = np.array(
    [
        [[90, 0, 0, 10], [0, 0, 0, 100]],
        [[2, 8, 0, 90], [5, 0, 5, 90]],
        [[0, 0, 0, 100], [0, 0, 0, 100]],
    ]
)
RIGHT = np.array([[100, 100], [87, 100], [50, 50]])


def test_summed_and_per_image_differ_and_are_both_there() -> None:
    summary = summarise(COUNTS, RIGHT)
    assert summary.summed.dice.tolist() == pytest.approx([2 * 92 / (2 * 92 + 8), 2 / 3])
    assert summary.per_image.dice.tolist() == pytest.approx([(1 + 4 / 12) / 2, 2 / 3])
    assert summary.summed.vdice == pytest.approx((184 / 192 + 2 / 3) / 2)
    assert summary.per_image.vdice == pytest.approx(2 / 3)
    assert summary.images.tolist() == [2, 1]


def test_accuracy_is_the_share_of_right_pixels() -> None:
    summary = summarise(COUNTS, RIGHT)
    assert summary.accuracy == pytest.approx(237 / 250)
    assert summary.accuracy_per_image == pytest.approx((1 + 0.87 + 1) / 3)


def test_a_set_without_any_pixel_has_no_figure() -> None:
    summary = summarise(np.zeros((2, 3, 4), dtype=np.int64), np.zeros((2, 2), dtype=np.int64))
    for scores in (summary.summed, summary.per_image):
        assert np.isnan([scores.vdice, scores.mean_iou, scores.iou_variance]).all()
    assert np.isnan([summary.accuracy, summary.accuracy_per_image]).all()


def test_no_image_at_all_has_no_figure() -> None:
    summary = summarise(np.zeros((0, 3, 4), dtype=np.int64), np.zeros((0, 2), dtype=np.int64))
    assert np.isnan(summary.per_image.dice).all()
    assert np.isnan(summary.accuracy_per_image)


def test_counts_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(N, C, 4\)"):
        summarise(COUNTS, RIGHT[:2])
