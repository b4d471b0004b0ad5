"""Figures of how well masks are predicted; NumPy only. The conventions are in docs/metrics.md."""

from core.metrics.counts import count_overlap, count_right
from core.metrics.curves import Collapse, find_best, find_collapse, smooth
from core.metrics.scores import (
    compute_dice,
    compute_f1,
    compute_iou,
    compute_precision,
    compute_recall,
    mean_over_classes,
    variance_over_classes,
)
from core.metrics.summary import ClassScores, Summary, summarise

__all__ = [
    "ClassScores",
    "Collapse",
    "Summary",
    "compute_dice",
    "compute_f1",
    "compute_iou",
    "compute_precision",
    "compute_recall",
    "count_overlap",
    "count_right",
    "find_best",
    "find_collapse",
    "mean_over_classes",
    "smooth",
    "summarise",
    "variance_over_classes",
]
