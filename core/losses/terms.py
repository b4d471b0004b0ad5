"""The single losses, on float32 logits.

Pixel terms return one figure a pixel (softmax) or a pixel and layer (sigmoid), region terms one a class.
"""

import torch
from torch import Tensor
from torch.nn import functional

SMOOTH = 1e-8
"""`s` of S2's Jaccard and Dice losses."""

_SMALLEST = 1e-12  # below, the slope of x^γ with γ < 1 is infinite


def cross_entropy(logits: Tensor, values: Tensor) -> Tensor:
    """`−log p` of the right class.

    Args:
        logits: `(B, K, H, W)`.
        values: `(B, H, W)` int64 in `[0, K)`.

    Returns:
        `(B, H, W)`.
    """
    return functional.cross_entropy(logits, values, reduction="none")


def binary_cross_entropy(logits: Tensor, values: Tensor) -> Tensor:
    """`−log p` of the right answer, layer by layer; all `(B, K, H, W)`, values 0 and 1."""
    return functional.binary_cross_entropy_with_logits(logits, values, reduction="none")


def focal(entropy: Tensor, gamma: float) -> Tensor:
    """`−(1 − p)^γ log p` of the right answer (Lin et al. 2017; S3).

    Args:
        entropy: `−log p` of any shape.
        gamma: γ, 0 or more; 0 gives the entropy itself.
    """
    wrong = -torch.expm1(-entropy)  # 1 − p, exact where p is near 1
    return wrong.clamp(min=_SMALLEST).pow(gamma) * entropy


def jaccard(probabilities: Tensor, wanted: Tensor, valid: Tensor) -> Tensor:
    """`1 − I/(U + s)` of each class over the whole batch (S2), `(K,)`.

    Args:
        probabilities: `(B, K, H, W)` in [0, 1].
        wanted: `(B, K, H, W)` of 0 and 1.
        valid: `(B, H, W)` bool; other pixels are in neither I nor U.
    """
    both, predicted, true = _areas(probabilities, wanted, valid)
    return 1 - both / (predicted + true - both + SMOOTH)


def dice(probabilities: Tensor, wanted: Tensor, valid: Tensor) -> Tensor:
    """`1 − 2I/(U + I + s)` of each class over the whole batch (S2), `(K,)`; arguments as in `jaccard`."""
    both, predicted, true = _areas(probabilities, wanted, valid)
    return 1 - 2 * both / (predicted + true + SMOOTH)  # U + I = predicted + true


def _areas(probabilities: Tensor, wanted: Tensor, valid: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    counted = probabilities * valid[:, None]
    true = wanted * valid[:, None]
    dims = (0, 2, 3)  # (B, K, H, W) -> (K,)
    return (counted * true).sum(dims), counted.sum(dims), true.sum(dims)
