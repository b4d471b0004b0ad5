"""How sure a share is that was counted in a sample."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z_95 = 1.959963984540054  # standard normal quantile of 0.975: intervals of 95 %


def wilson_interval(
    hits: ArrayLike, count: ArrayLike, z: float = Z_95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score interval of a share (Wilson, Probable inference, JASA 1927).

    It stays inside [0, 1] and holds its level for rare classes too, where `p ± z s` does not.

    Args:
        hits: Images that hold the class.
        count: Images in all; 0 gives [0, 1]: nothing is known.
        z: Normal quantile; 1.96 for 95 %.

    >>> low, high = wilson_interval(5, 50)
    >>> round(float(low), 3), round(float(high), 3)
    (0.043, 0.214)
    """
    n = np.asarray(count, dtype=np.float64)
    known = np.maximum(n, 1)
    share = np.asarray(hits, dtype=np.float64) / known
    centre = (share + z**2 / (2 * known)) / (1 + z**2 / known)
    half = z / (1 + z**2 / known) * np.sqrt(share * (1 - share) / known + z**2 / (4 * known**2))
    low = np.where(n > 0, np.clip(centre - half, 0, 1), 0.0)
    high = np.where(n > 0, np.clip(centre + half, 0, 1), 1.0)
    return np.minimum(low, share), np.where(n > 0, np.maximum(high, share), 1.0)


def newcombe_interval(
    hits: ArrayLike, count: ArrayLike, other_hits: ArrayLike, other_count: ArrayLike, z: float = Z_95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interval of the difference `other - this` of two shares from separate samples.

    Hybrid score interval (Newcombe, Interval estimation for the difference between independent proportions,
    Statistics in Medicine 1998, method 10).

    >>> low, high = newcombe_interval(48, 80, 56, 70)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0524, 0.3339)
    """
    share = np.asarray(hits) / np.maximum(count, 1)
    other = np.asarray(other_hits) / np.maximum(other_count, 1)
    low, high = wilson_interval(hits, count, z)
    other_low, other_high = wilson_interval(other_hits, other_count, z)
    difference = other - share
    return (
        difference - np.sqrt((other - other_low) ** 2 + (high - share) ** 2),
        difference + np.sqrt((other_high - other) ** 2 + (share - low) ** 2),
    )


def pixel_share_error(pixels: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standard error of the share of all pixels that a class covers, images drawn, not pixels.

    Pixels of one image are not independent, so that counting them would promise far too much. The share is a
    ratio of two sums over images (Cochran, Sampling Techniques, 3rd ed., section 2.11).

    Args:
        pixels: `(N, C)` pixel counts.
        totals: `(N,)` pixels per image that are not void.

    Returns:
        `(C,)`; NaN for fewer than two images or without pixels.

    >>> pixel_share_error(np.array([[1], [3]]), np.array([4, 4])).tolist()
    [0.25]
    """
    count, total = pixels.shape[0], int(totals.sum())
    if count < 2 or total == 0:
        return np.full(pixels.shape[1], np.nan)
    errors = np.empty(pixels.shape[1])
    for column in range(pixels.shape[1]):  # one at a time: N x C residuals would fill the memory
        held = pixels[:, column]
        residuals = held - held.sum() / total * totals
        errors[column] = np.sqrt(count / (count - 1) * np.dot(residuals, residuals)) / total
    return errors
