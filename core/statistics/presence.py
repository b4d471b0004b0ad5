"""Presence, pixel share and co-occurrence: the two figures that describe imbalance (S1, figures 3 and 4)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_CHUNK = 1 << 16  # rows that are turned into floats at a time: with a hundred classes 52 MB


@dataclass(frozen=True, slots=True)
class Cooccurrence:
    """How often classes meet in one image.

    Attributes:
        counts: `(C, C)` int64, images that hold both classes; the diagonal counts the class itself.
        conditional: `(C, C)` float in [0, 1], share of the images with the row's class that also hold the
            column's;
            NaN in the row of a class that never occurs.
    """

    counts: NDArray[np.int64]
    conditional: NDArray[np.float64]


def compute_presence_shares(presence: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of images that contain each class.

    Args:
        presence: `(N, C)` bool.

    Returns:
        `(C,)` in [0, 1]; NaN for a dataset without images.

    >>> compute_presence_shares(np.array([[True, False], [True, True]]))
    array([1. , 0.5])
    """
    count = presence.shape[0]
    if count == 0:
        return np.full(presence.shape[1], np.nan)
    shares: NDArray[np.float64] = presence.sum(axis=0, dtype=np.int64) / count
    return shares


def compute_pixel_shares(pixels: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of all pixels, void ones left out, that each class covers over the whole dataset.

    Args:
        pixels: `(N, C)` pixel counts.
        totals: `(N,)` pixels per image that are not void.

    Returns:
        `(C,)` in [0, 1]; the sum exceeds 1 where classes overlap; NaN where there are no pixels at all.

    >>> compute_pixel_shares(np.array([[1, 3], [0, 4]]), np.array([4, 4]))
    array([0.125, 0.875])
    """
    total = int(totals.sum())
    if total == 0:
        return np.full(pixels.shape[1], np.nan)
    shares: NDArray[np.float64] = pixels.sum(axis=0, dtype=np.int64) / total
    return shares


def compute_image_shares(pixels: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of each image's own pixels, void ones left out, that each class covers.

    Their mean over images differs from `compute_pixel_shares` where images differ in size: here every image
    counts alike, as it does for a network that sees all of them at one size.

    Args:
        pixels: `(N, C)` pixel counts.
        totals: `(N,)` pixels per image that are not void.

    Returns:
        `(N, C)` in [0, 1]; 0 for an image that is void all over.

    >>> compute_image_shares(np.array([[1, 3], [0, 0]]), np.array([4, 0]))
    array([[0.25, 0.75],
           [0.  , 0.  ]])
    """
    return np.asarray(pixels / np.maximum(totals, 1)[:, None], dtype=np.float64)


def compute_cooccurrence(
    presence: NDArray[np.bool_] | NDArray[np.uint8], multiplicities: NDArray[np.int64] | None = None
) -> Cooccurrence:
    """How often each pair of classes meets in one image.

    Args:
        presence: `(N, C)` bool, or 0 and 1: images, or distinct label vectors.
        multiplicities: `(N,)` images that have each vector; None: one each.

    >>> compute_cooccurrence(np.array([[True, False], [True, True]])).counts
    array([[2, 1],
           [1, 1]])
    """
    classes = presence.shape[1]
    sums = np.zeros((classes, classes))
    for start in range(0, len(presence), _CHUNK):
        # A float product runs in BLAS; sums up to 2**53 images stay exact.
        dense = presence[start : start + _CHUNK].astype(np.float64)
        many = dense if multiplicities is None else dense * multiplicities[start : start + _CHUNK, None]
        sums += many.T @ dense  # (C, chunk) @ (chunk, C) -> (C, C)
    counts = sums.astype(np.int64)
    own = np.diag(counts)[:, None].astype(np.float64)
    conditional = np.divide(counts, own, out=np.full(counts.shape, np.nan), where=own > 0)
    return Cooccurrence(counts, conditional)
