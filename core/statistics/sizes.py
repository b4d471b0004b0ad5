"""How large images are, and how large the regions of each class in them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

REGION_QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def count_sizes(sizes: NDArray[np.integer]) -> tuple[NDArray[np.integer], NDArray[np.int64]]:
    """Distinct sizes, the commonest first.

    Args:
        sizes: `(N, D)` pixels, or slices, or anything that is counted as a whole.

    Returns:
        `(S, D)` distinct rows, and `(S,)` how often each occurs.

    >>> count_sizes(np.array([[4, 6], [2, 2], [4, 6]]))[0].tolist()
    [[4, 6], [2, 2]]
    """
    distinct, counts = np.unique(sizes, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return distinct[order], counts[order].astype(np.int64)


def compute_region_quantiles(
    pixels: NDArray[np.int64],
    totals: NDArray[np.int64],
    quantiles: Sequence[float] = REGION_QUANTILES,
) -> NDArray[np.float64]:
    """How much of an image each class covers, over the images that hold it.

    Args:
        pixels: `(N, C)` pixel counts.
        totals: `(N,)` pixels per image that are not void.
        quantiles: Q of them, in [0, 1]; between two images the value is interpolated.

    Returns:
        `(C, Q)` shares in [0, 1]; NaN for a class that no image holds.

    >>> compute_region_quantiles(np.array([[1, 0], [3, 0]]), np.array([4, 4]), (0.0, 0.5)).tolist()
    [[0.25, 0.5], [nan, nan]]
    """
    found = np.full((pixels.shape[1], len(quantiles)), np.nan)
    for column in range(pixels.shape[1]):  # one class at a time: N x C shares of a large set fill the memory
        held = pixels[:, column] > 0
        if held.any():
            found[column] = np.quantile(pixels[held, column] / totals[held], quantiles)
    return found


def find_smallest_regions(
    pixels: NDArray[np.int64], totals: NDArray[np.int64], columns: Sequence[int], most: int
) -> list[tuple[int, int]]:
    """The smallest regions by their share of the image: row and column, the smallest first.

    Args:
        pixels: `(N, C)` pixel counts.
        totals: `(N,)` pixels per image that are not void.
        columns: Those that are looked at.
        most: How many are wanted.

    >>> find_smallest_regions(np.array([[1, 5], [9, 0]]), np.array([10, 10]), [0, 1], 2)
    [(0, 0), (0, 1)]
    """
    candidates: list[tuple[float, int, int]] = []
    for column in columns:
        rows = np.flatnonzero(pixels[:, column] > 0)
        shares = pixels[rows, column] / totals[rows]
        nearest = np.argsort(shares, kind="stable")[:most]
        candidates += [(float(shares[place]), int(rows[place]), int(column)) for place in nearest]
    return [(row, column) for _, row, column in sorted(candidates)[:most]]
