"""What can be counted of a scanned dataset: shares, co-occurrence, combinations."""

from core.statistics.presence import (
    Cooccurrence,
    compute_cooccurrence,
    compute_image_shares,
    compute_pixel_shares,
    compute_presence_shares,
)

__all__ = [
    "Cooccurrence",
    "compute_cooccurrence",
    "compute_image_shares",
    "compute_pixel_shares",
    "compute_presence_shares",
]
