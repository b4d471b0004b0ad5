"""Counting where prediction and mask agree, on the device, in the order of `core.metrics.counts`."""

import torch
from torch import Tensor


def count_overlap(predicted: Tensor, wanted: Tensor, valid: Tensor) -> Tensor:
    """Count the pixels of each image and class.

    Args:
        predicted: `(B, C, H, W)` bool.
        wanted: `(B, C, H, W)` bool.
        valid: `(B, H, W)` bool; other pixels count nowhere.

    Returns:
        `(B, C, 4)` int64: true positive, false positive, false negative, true negative.
    """
    counted = valid[:, None]
    both = (predicted & wanted & counted).sum(dim=(2, 3))
    in_prediction = (predicted & counted).sum(dim=(2, 3))
    in_mask = (wanted & counted).sum(dim=(2, 3))
    pixels = valid.sum(dim=(1, 2))[:, None].expand_as(both)
    return torch.stack(
        [both, in_prediction - both, in_mask - both, pixels - in_prediction - in_mask + both], dim=-1
    )


def count_right(predicted: Tensor, wanted: Tensor, valid: Tensor) -> Tensor:
    """`(B, 2)` int64: valid pixels whose classes are all right, and valid pixels."""
    right = (predicted == wanted).all(dim=1) & valid
    return torch.stack([right.sum(dim=(1, 2)), valid.sum(dim=(1, 2))], dim=-1)
