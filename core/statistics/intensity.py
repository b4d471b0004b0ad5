"""Grey values of images: histogram, mean and spread of each channel, and images that stand out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 64
_SAMPLE = 8192  # pixels of an image that its histogram and contrast are drawn from
_MIDDLE = (5.0, 95.0)  # percentiles between which the contrast of an image lies
_NEARLY_ALL = (0.1, 99.9)  # percentiles that the histogram of deep images spans
_COLOURS = {1: ("grey",), 3: ("red", "green", "blue")}


@dataclass(frozen=True, slots=True)
class ImageMeasure:
    """What one image adds; `(B,)` arrays hold one value a channel.

    Attributes:
        depth: Name of the pixels' type, `uint8`.
        count: Finite pixels a channel.
        sums: Sum of the pixels.
        squares: Sum of their squares.
        lows: Smallest value.
        highs: Largest value.
        sample: `(n, B)` float32 pixels at regular distances.
        level: Mean over all channels.
        contrast: From the 5th to the 95th percentile, all channels together.
    """

    depth: str
    count: NDArray[np.int64]
    sums: NDArray[np.float64]
    squares: NDArray[np.float64]
    lows: NDArray[np.float64]
    highs: NDArray[np.float64]
    sample: NDArray[np.float32]
    level: float
    contrast: float


@dataclass(frozen=True, slots=True)
class ChannelIntensity:
    """One channel over all images measured; `counts` are sampled pixels in each of `BINS` equal bins."""

    name: str
    mean: float
    std: float
    lowest: float
    highest: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PixelKind:
    """Images whose pixels are of one type with equally many channels.

    Attributes:
        depth: Name of the pixels' type.
        images: How many of those measured.
        low: Where the histogram's first bin begins; it also holds what lies below.
        high: Where its last bin ends; it also holds what lies above.
        full_scale: What counts as 1 in networks that take pixels in [0, 1]; None where no scale is meant.
        channels: One each.
    """

    depth: str
    images: int
    low: float
    high: float
    full_scale: float | None
    channels: tuple[ChannelIntensity, ...]


def measure_image(pixels: NDArray[Any]) -> ImageMeasure | None:
    """Measure one image.

    Args:
        pixels: `(H, W)` or `(H, W, B)`, any number type; values that are not finite are passed over.

    Returns:
        None where no pixel is finite.
    """
    bands = pixels.reshape(-1, 1) if pixels.ndim == 2 else pixels.reshape(-1, pixels.shape[2])  # (H W, B)
    sample = bands[:: max(len(bands) // _SAMPLE, 1)].astype(np.float32)
    sample = sample[np.isfinite(sample).all(axis=1)]
    if not len(sample):
        return None
    sums = [_sum_up(bands[:, band]) for band in range(bands.shape[1])]
    count, total, squares, lows, highs = (np.array(part) for part in zip(*sums, strict=True))
    low, high = np.percentile(sample, _MIDDLE)
    return ImageMeasure(
        depth=str(pixels.dtype),
        count=count,
        sums=total,
        squares=squares,
        lows=lows,
        highs=highs,
        sample=sample,
        level=float(total.sum() / count.sum()),
        contrast=float(high - low),
    )


def summarise_kinds(measures: Sequence[ImageMeasure]) -> list[PixelKind]:
    """Put the images of each depth and number of channels together, the commonest kind first."""
    kinds: dict[tuple[str, int], list[ImageMeasure]] = {}
    for measure in measures:
        kinds.setdefault((measure.depth, len(measure.sums)), []).append(measure)
    found = [_summarise(depth, members) for (depth, _), members in kinds.items()]
    return sorted(found, key=lambda kind: -kind.images)


def _sum_up(band: NDArray[Any]) -> tuple[int, float, float, float, float]:
    """Count, sum, sum of squares, smallest and largest of the finite values of one channel."""
    if band.dtype == np.uint8:
        counts = np.bincount(band, minlength=256).astype(np.float64)
        values = np.arange(256.0)
        seen = np.flatnonzero(counts)
        return band.size, float(counts @ values), float(counts @ values**2), float(seen[0]), float(seen[-1])
    finite = band.astype(np.float64)
    finite = finite[np.isfinite(finite)]
    return finite.size, float(finite.sum()), float(finite @ finite), float(finite.min()), float(finite.max())


def _find_range(depth: str, members: Sequence[ImageMeasure]) -> tuple[float, float]:
    """Where the histogram begins and ends: a few far values must not push all others into one bin."""
    if depth == "uint8":
        return 0.0, 256.0  # four values a bin
    low, high = np.percentile(np.concatenate([item.sample.ravel() for item in members]), _NEARLY_ALL)
    return float(low), float(high) if high > low else float(low) + 1.0


def _summarise(depth: str, members: Sequence[ImageMeasure]) -> PixelKind:
    full_scale = float(np.iinfo(depth).max) if depth in ("uint8", "uint16") else None
    low, high = _find_range(depth, members)
    count = np.sum([item.count for item in members], axis=0)
    means = np.sum([item.sums for item in members], axis=0) / count
    squares = np.sum([item.squares for item in members], axis=0) / count
    spreads = np.sqrt(np.maximum(squares - means**2, 0))
    bands = len(means)
    histograms = np.zeros((bands, BINS), dtype=np.int64)
    for item in members:
        for band in range(bands):
            histograms[band] += np.histogram(item.sample[:, band].clip(low, high), BINS, (low, high))[0]
    names = _COLOURS.get(bands) or tuple(f"channel {band + 1}" for band in range(bands))
    channels = tuple(
        ChannelIntensity(
            name=names[band],
            mean=float(means[band]),
            std=float(spreads[band]),
            lowest=min(float(item.lows[band]) for item in members),
            highest=max(float(item.highs[band]) for item in members),
            counts=tuple(histograms[band].tolist()),
        )
        for band in range(bands)
    )
    return PixelKind(depth, len(members), low, high, full_scale, channels)
