"""Reasons to look at a case, from its prediction; pure. Each lies in [0, 1]."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_erosion, generate_binary_structure, iterate_structure

from core.domain.masks import LabelMask
from core.metrics.counts import count_overlap
from core.metrics.scores import compute_dice, mean_over_classes

_BAND_SHARE = 0.01  # of the shorter side, to either side of the outline: 5 pixels of 512


def compute_band_entropy(
    mask: LabelMask, entropy: NDArray[np.floating], classes: Sequence[int], width: int | None = None
) -> float:
    """Mean entropy where the model drew the line: in the band around the outlines of the predicted regions.

    The mean over the whole image says how large a region is rather than how sure its outline is, since a
    network is nearly always certain far from it.

    Args:
        mask: The predicted one.
        entropy: `(H, W)` as a share of the largest possible.
        classes: Positions whose outlines count: all but the background.
        width: Pixels to either side of an outline; None: 1 % of the shorter side.

    Returns:
        The mean over the union of the bands; over the whole image where nothing is predicted, since what the
        model missed may lie anywhere; NaN for an image without pixels.
    """
    if not entropy.size:
        return float("nan")
    steps = max(round(_BAND_SHARE * min(mask.shape)), 1) if width is None else width
    near = iterate_structure(generate_binary_structure(2, 1), steps)
    band = np.zeros(mask.shape, dtype=np.bool_)
    for position in classes:
        region = mask.region(position)
        if region.any():
            # What lies beyond the picture's border is unknown, not outside: the border is no outline
            band |= binary_dilation(region, near) & ~binary_erosion(region, near, border_value=1)
    return float(entropy[band].mean() if band.any() else entropy.mean())


def compute_rarity(
    presence: NDArray[np.bool_], shares: NDArray[np.float64], targets: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How much of what the target vector still lacks each case would help to bring.

    Of the classes that lie below their target the shortfalls `max(T - share, 0)` are summed over those that
    the case holds, divided by the sum over all: 1 for a case with every class that is short, 0 for one with
    none.

    Args:
        presence: `(N, C)` bool, classes that each case holds.
        shares: `(C,)` share of images with each class now.
        targets: `(C,)` T (S1).

    Returns:
        `(N,)`; all 0 where no class is short.

    >>> presence = np.array([[True, False], [True, True]])
    >>> compute_rarity(presence, np.array([1.0, 0.1]), np.array([1.0, 0.4])).tolist()
    [0.0, 1.0]
    """
    short = np.maximum(targets - shares, 0.0)
    total = float(short.sum())
    if total == 0:
        return np.zeros(len(presence))
    return np.asarray(presence @ short / total, dtype=np.float64)


def compute_disagreement(first: LabelMask, second: LabelMask, classes: Sequence[int]) -> float:
    """How much two models differ on a case: 1 - mean Dice over the classes that either of them drew.

    0 where neither drew any: they agree that there is nothing.

    Raises:
        ValueError: The masks differ in size; a fault of the caller.
    """
    places = list(classes)
    one, other = (mask.stack()[places][None] for mask in (first, second))  # (1, C, H, W)
    mean = float(mean_over_classes(compute_dice(count_overlap(one, other))[0]))
    return 0.0 if np.isnan(mean) else 1.0 - mean
