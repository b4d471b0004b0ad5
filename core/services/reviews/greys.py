"""The pixels of a case's image, with the full depth that its file has."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.pictures import read_picture
from core.errors import AppError
from core.formats.sources.registry import SOURCES
from core.formats.whole import read_pixels
from core.inference.sources import KeptPredictions
from core.reports.sources import CaseSource
from core.workspace.guarded import check_readable

_WORD = 65535
_SAMPLED = 1 << 16


@dataclass(frozen=True, slots=True)
class Grey:
    """What the numbers of a grey PNG stand for: `value = first + step * number`.

    Attributes:
        first: The value of number 0.
        step: The value that one number adds.
        window: The values that are shown as black and as white at first.
    """

    first: float
    step: float
    window: tuple[float, float]


def read_grey(source: CaseSource, position: int) -> tuple[NDArray[Any], Grey | None]:
    """`(H, W)` uint8 or uint16 and its meaning, or `(H, W, 3)` uint8 and None where the image has colours.

    Raises:
        AppError: The image is missing or broken.
    """
    shown = source.read_image(position)
    raw = find_raw(source, position)
    if raw is not None and raw.shape == shown.shape[:2] and raw.dtype != np.uint8:
        return pack_values(raw, raw, shown[..., 0])
    if np.array_equal(shown[..., 0], shown[..., 1]) and np.array_equal(shown[..., 0], shown[..., 2]):
        return np.ascontiguousarray(shown[..., 0]), Grey(0.0, 1.0, (0.0, 255.0))
    return shown, None


def pack_values(
    values: NDArray[Any], sample: NDArray[Any], shown: NDArray[np.uint8]
) -> tuple[NDArray[np.uint16], Grey]:
    """Values as 16 bits: whole numbers that span at most 65 535 exactly, others to 1/65 535 of their span.

    Args:
        values: Of any shape, finite.
        sample: `(H, W)` of the values, by which the first window is found.
        shown: `(H, W)`, how the program shows the sample elsewhere.
    """
    low, high = float(values.min()), float(values.max())
    whole = values.dtype.kind in "iu" and high - low <= _WORD
    step = 1.0 if whole or high == low else (high - low) / _WORD
    numbers = np.rint((values.astype(np.float64) - low) / step).astype(np.uint16)
    return numbers, Grey(low, step, _find_window(sample, shown))


def _find_window(values: NDArray[Any], shown: NDArray[np.uint8]) -> tuple[float, float]:
    """The window by which `shown` was made: a line through what lies between its black and its white."""
    stride = max(values.size // _SAMPLED, 1)
    value, grey = values.ravel()[::stride].astype(np.float64), shown.ravel()[::stride].astype(np.float64)
    between = (grey > 0) & (grey < 255)
    if np.unique(grey[between]).size < 2:
        return float(values.min()), float(max(values.max(), values.min() + 1))
    slope, first = np.polyfit(grey[between] + 0.5, value[between], 1)  # Greys were cut to whole numbers
    if slope <= 0:
        return float(values.min()), float(max(values.max(), values.min() + 1))
    return float(first), float(first + 255 * slope)


def find_raw(source: CaseSource, position: int) -> NDArray[Any] | None:
    """`(H, W)` as the file holds it, finite; None where only the picture is known, or it has colours."""
    if not isinstance(source, KeptPredictions) or source.source.dataset is None:
        return None
    spec, sample = source.source.dataset, source.sample(position).sample
    if sample is None:
        return None
    try:
        if spec.format in SOURCES:
            pixels = read_pixels(spec, sample)
        elif sample.image is not None:
            check_readable(spec.root / sample.image, spec.root)
            pixels = read_picture(spec.root / sample.image).pixels
        else:
            return None
    except AppError:  # Of JSON formats the image is a picture: what is shown is all there is
        return None
    if pixels.ndim != 2 or (pixels.dtype.kind == "f" and not np.isfinite(pixels).all()):
        return None
    return pixels
