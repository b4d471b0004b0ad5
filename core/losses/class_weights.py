"""The weight of each class in the loss, from how many pixels it has (S3)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def compute_class_weights(pixels: ArrayLike, limit: float = 100.0) -> NDArray[np.float64]:
    """Weights that let every class count alike, however many pixels it has.

    `α_c = all pixels / (classes · pixels of c)`, so that the mean weight over all pixels is 1 and the loss
    keeps its scale (the “balanced” weights of King & Zeng 2001).

    Args:
        pixels: `(C,)` pixels of each class in the training part, 0 or more.
        limit: Largest weight. Where it acts the mean falls below 1.

    Returns:
        `(C,)`; 1 for a class without pixels, of which nothing can be said.

    >>> compute_class_weights([900, 90, 10, 0]).round(3).tolist()
    [0.37, 3.704, 33.333, 1.0]
    """
    counts = np.asarray(pixels, dtype=np.float64)
    present = counts > 0
    weights = np.ones_like(counts)
    if present.any():
        weights[present] = counts.sum() / (present.sum() * counts[present])
    return np.minimum(weights, limit)
