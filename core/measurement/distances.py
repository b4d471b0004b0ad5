"""How far apart the outlines of two regions are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, distance_transform_edt


def compute_hd95(
    first: NDArray[np.bool_], second: NDArray[np.bool_], spacing: Sequence[float] | None = None
) -> float:
    """The 95 % Hausdorff distance: the larger of the two 95th percentiles from outline to outline.

    The outline of a region is its pixels with a neighbour (sharing an edge) outside it, or at the picture's
    border. Percentiles are taken in each direction, then the larger is the result (Huttenlocher et al.,
    Comparing images using the Hausdorff distance, PAMI 1993, with the quantile as in MONAI's
    `HausdorffDistanceMetric`).

    Args:
        first: `(H, W)` or `(D, H, W)` bool.
        second: Of the same shape.
        spacing: mm between pixels along each axis; None gives the distance in pixels.

    Returns:
        NaN where either region is empty: there is no outline to measure from. Dice tells those apart.

    Raises:
        ValueError: The shapes differ; a fault of the caller.

    >>> dot, other = np.zeros((2, 8, 8), bool)
    >>> dot[2, 2] = other[2, 5] = True
    >>> compute_hd95(dot, other), compute_hd95(dot, other, (1.0, 0.5))
    (3.0, 1.5)
    """
    if first.shape != second.shape:
        raise ValueError(f"regions of the shapes {first.shape} and {second.shape} cannot be compared")
    if not first.any() or not second.any():
        return float("nan")
    box = _box(first | second)
    one, other = _outline(first)[box], _outline(second)[box]
    return max(_directed(one, other, spacing), _directed(other, one, spacing))


def _box(region: NDArray[np.bool_]) -> tuple[slice, ...]:
    """Where anything is: distances outside it are never asked for."""
    places = np.nonzero(region)
    return tuple(slice(int(axis.min()), int(axis.max()) + 1) for axis in places)


def _outline(region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return region & ~binary_erosion(region)


def _directed(source: NDArray[np.bool_], target: NDArray[np.bool_], spacing: Sequence[float] | None) -> float:
    distances = np.asarray(distance_transform_edt(~target, sampling=spacing))
    return float(np.percentile(distances[source], 95))
