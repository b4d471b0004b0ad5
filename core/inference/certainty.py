"""How sure a model is of each pixel."""

import numpy as np
from numpy.typing import NDArray

from core.domain.recipe import HeadKind

_TINY = 1e-12


def compute_confidence(probabilities: NDArray[np.float32], head: HeadKind) -> NDArray[np.float32]:
    """The probability of the answer that is given.

    Args:
        probabilities: `(K, …)` in [0, 1].
        head: `multiclass`: of the likeliest class. `binary`: of the likelier answer, yes or no. `multilabel`:
            the same of the class that is least sure.

    Returns:
        `(…)` float32; in [1/K, 1] for a multiclass head, else in [0.5, 1].
    """
    if head == "multiclass":
        return np.asarray(probabilities.max(axis=0))
    return np.asarray(np.maximum(probabilities, 1 - probabilities).min(axis=0))


def compute_entropy(probabilities: NDArray[np.float32], head: HeadKind) -> NDArray[np.float32]:
    """`H(p) = −Σ_c p_c log p_c` (S3) as a share of the largest possible: 0 is certain, 1 is a guess.

    Args:
        probabilities: `(K, …)` in [0, 1].
        head: `multiclass`: over the K classes, divided by `log K`. `binary` and `multilabel`: of each class
            against its absence, divided by `log 2`, and the mean over the classes.

    Returns:
        `(…)` float32 in [0, 1].
    """
    if head == "multiclass":
        count = max(len(probabilities), 2)
        total = -(probabilities * np.log(probabilities + _TINY)).sum(axis=0)
        return np.asarray(np.clip(total / np.log(count), 0, 1), dtype=np.float32)
    absent = 1 - probabilities
    each = -(probabilities * np.log(probabilities + _TINY) + absent * np.log(absent + _TINY))
    return np.asarray(np.clip(each.mean(axis=0) / np.log(2), 0, 1), dtype=np.float32)
