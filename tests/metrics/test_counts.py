"""Counting overlaps."""

import numpy as np
import pytest
import torch
from segmentation_models_pytorch.metrics import get_stats

from core.metrics import count_overlap, count_right


def _draw(seed: int, density: float = 0.4) -> np.ndarray:
    return np.random.default_rng(seed).random((4, 3, 8, 6)) < density


def test_counts_by_hand() -> None:
    predicted = np.array([1, 1, 0, 0], dtype=bool).reshape(1, 1, 2, 2)
    wanted = np.array([1, 0, 1, 0], dtype=bool).reshape(1, 1, 2, 2)
    assert count_overlap(predicted, wanted).tolist() == [[[1, 1, 1, 1]]]


def test_counts_agree_with_smp() -> None:
    predicted, wanted = _draw(0), _draw(1)
    reference = get_stats(
        torch.from_numpy(predicted.astype(int)), torch.from_numpy(wanted.astype(int)), mode="multilabel"
    )
    assert np.array_equal(count_overlap(predicted, wanted), torch.stack(reference, dim=-1).numpy())


def test_void_pixels_count_nowhere() -> None:
    predicted, wanted = _draw(0), _draw(1)
    valid = np.zeros((4, 8, 6), dtype=bool)
    valid[:, :5] = True
    counts = count_overlap(predicted, wanted, valid)
    assert np.array_equal(counts, count_overlap(predicted[:, :, :5], wanted[:, :, :5]))
    assert (counts.sum(axis=-1) == 5 * 6).all()


def test_a_pixel_is_right_if_all_its_classes_are() -> None:
    predicted = np.array([[1, 1, 0], [0, 1, 0]], dtype=bool).reshape(1, 2, 1, 3)
    wanted = np.array([[1, 1, 0], [0, 0, 0]], dtype=bool).reshape(1, 2, 1, 3)
    assert count_right(predicted, wanted).tolist() == [[2, 3]]
    assert count_right(predicted, wanted, np.array([[[True, False, False]]])).tolist() == [[1, 1]]


def test_shapes_that_disagree_are_refused() -> None:
    with pytest.raises(ValueError, match=r"not both \(N, C, H, W\)"):
        count_overlap(_draw(0), _draw(1)[:2])
    with pytest.raises(ValueError, match="valid pixels"):
        count_overlap(_draw(0), _draw(1), np.ones((4, 6, 8), dtype=bool))
