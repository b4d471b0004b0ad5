"""Counting where prediction and mask agree; all figures are made of these counts.

A count is `(…, C, 4)` int64: true positive, false positive, false negative and true negative pixels of each
class. The training loop counts in torch (`core.training.overlap`) in the same order.
"""

import numpy as np
from numpy.typing import NDArray


def count_overlap(
    predicted: NDArray[np.bool_], wanted: NDArray[np.bool_], valid: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Count the pixels of each image and class.

    Args:
        predicted: `(N, C, H, W)` bool.
        wanted: `(N, C, H, W)` bool.
        valid: `(N, H, W)` bool, False where a pixel is void and counts nowhere; None: none is void.

    Returns:
        `(N, C, 4)` int64: true positive, false positive, false negative, true negative.

    Raises:
        ValueError: The shapes disagree; a fault of the caller.
    """
    counted = _check_shapes(predicted, wanted, valid)[:, None]
    both = np.count_nonzero(predicted & wanted & counted, axis=(2, 3))
    in_prediction = np.count_nonzero(predicted & counted, axis=(2, 3))
    in_mask = np.count_nonzero(wanted & counted, axis=(2, 3))
    pixels = np.count_nonzero(counted, axis=(2, 3))
    return np.stack(
        [both, in_prediction - both, in_mask - both, pixels - in_prediction - in_mask + both], axis=-1
    ).astype(np.int64)


def count_right(
    predicted: NDArray[np.bool_], wanted: NDArray[np.bool_], valid: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """`(N, 2)` int64: valid pixels whose classes are all right, and valid pixels.

    Arguments as in `count_overlap`.
    """
    counted = _check_shapes(predicted, wanted, valid)
    right = (predicted == wanted).all(axis=1) & counted
    counts = [np.count_nonzero(right, axis=(1, 2)), np.count_nonzero(counted, axis=(1, 2))]
    return np.stack(counts, axis=-1).astype(np.int64)


def _check_shapes(
    predicted: NDArray[np.bool_], wanted: NDArray[np.bool_], valid: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    if predicted.ndim != 4 or predicted.shape != wanted.shape:
        raise ValueError(f"prediction {predicted.shape} and mask {wanted.shape} are not both (N, C, H, W)")
    size = (predicted.shape[0], *predicted.shape[2:])
    if valid is None:
        return np.ones(size, dtype=np.bool_)
    if valid.shape != size:
        raise ValueError(f"the valid pixels {valid.shape} are not {size}")
    return valid
