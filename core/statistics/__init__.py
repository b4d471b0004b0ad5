"""What can be counted of a scanned dataset: shares, co-occurrence, combinations."""

from core.statistics.changes import SampleChanges, compute_sample_changes, digest_labels
from core.statistics.presence import (
    Cooccurrence,
    compute_cooccurrence,
    compute_image_shares,
    compute_pixel_shares,
    compute_presence_shares,
)

__all__ = [
    "Cooccurrence",
    "SampleChanges",
    "compute_cooccurrence",
    "compute_image_shares",
    "compute_pixel_shares",
    "compute_presence_shares",
    "compute_sample_changes",
    "digest_labels",
]
