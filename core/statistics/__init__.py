"""What can be counted of a scanned dataset: shares and their intervals, co-occurrence, sizes, grey values."""

from core.statistics.changes import SampleChanges, compute_sample_changes, digest_labels
from core.statistics.intensity import (
    BINS,
    ChannelIntensity,
    ImageMeasure,
    PixelKind,
    measure_image,
    summarise_kinds,
)
from core.statistics.intervals import Z_95, newcombe_interval, pixel_share_error, wilson_interval
from core.statistics.presence import (
    Cooccurrence,
    compute_cooccurrence,
    compute_image_shares,
    compute_pixel_shares,
    compute_presence_shares,
)
from core.statistics.sizes import (
    REGION_QUANTILES,
    compute_region_quantiles,
    count_sizes,
    find_smallest_regions,
)

__all__ = [
    "BINS",
    "REGION_QUANTILES",
    "Z_95",
    "ChannelIntensity",
    "Cooccurrence",
    "ImageMeasure",
    "PixelKind",
    "SampleChanges",
    "compute_cooccurrence",
    "compute_image_shares",
    "compute_pixel_shares",
    "compute_presence_shares",
    "compute_region_quantiles",
    "compute_sample_changes",
    "count_sizes",
    "digest_labels",
    "find_smallest_regions",
    "measure_image",
    "newcombe_interval",
    "pixel_share_error",
    "summarise_kinds",
    "wilson_interval",
]
