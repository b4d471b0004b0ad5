"""Losses: sums of pixel-wise and region terms that leave void pixels out."""

from core.losses.build import SegmentationLoss, build_loss
from core.losses.class_weights import compute_class_weights

__all__ = ["SegmentationLoss", "build_loss", "compute_class_weights"]
