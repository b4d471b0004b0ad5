"""A loss from its spec."""

from collections.abc import Callable, Sequence

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn import functional

from core.domain.recipe import ClassWeights, HeadKind, LossKind, LossSpec, LossTerm
from core.errors import RecipeError
from core.losses import terms
from core.losses.class_weights import compute_class_weights

_REGION: dict[LossKind, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "jaccard": terms.jaccard,
    "dice": terms.dice,
}


class SegmentationLoss(nn.Module):
    """A weighted sum of losses, computed in float32 whatever the logits are.

    Void pixels count nowhere. A class that has no valid pixel in the batch is left out of the region terms,
    whose slope for it would be zero anyway; if no class has any, they are 0.

    Class weights: under softmax, and for a binary head (background, class), each pixel counts by the weight
    of its true class, and the mean is over all valid pixels (S3). For layers (multilabel) and for region
    terms the classes' losses are averaged with these weights.
    """

    class_weights: Tensor

    def __init__(self, spec: LossSpec, head: HeadKind, class_weights: Sequence[float] | None = None) -> None:
        super().__init__()
        self._terms = spec.terms
        self._head = head
        self._weighted = class_weights is not None
        weights = torch.tensor(class_weights or [1.0], dtype=torch.float32)
        self.register_buffer("class_weights", weights, persistent=False)

    def forward(self, logits: Tensor, values: Tensor, valid: Tensor) -> Tensor:
        """The loss of a batch.

        Args:
            logits: `(B, K, H, W)` of any floating type.
            values: `(B, H, W)` int64 channel of each pixel for a multiclass head (any channel where the pixel
                is void), else `(B, K, H, W)` of 0 and 1.
            valid: `(B, H, W)` bool; False where a pixel is void.

        Returns:
            A scalar float32; 0 where no pixel is valid.
        """
        with torch.autocast(logits.device.type, enabled=False):
            wide = logits.float()
            values = values if self._head == "multiclass" else values.float()
            parts = [term.weight * self._compute(term, wide, values, valid) for term in self._terms]
            return torch.stack(parts).sum()

    def _compute(self, term: LossTerm, logits: Tensor, values: Tensor, valid: Tensor) -> Tensor:
        if term.kind in _REGION:
            return self._compute_region(term.kind, logits, values, valid)
        entropy = (
            terms.cross_entropy(logits, values)
            if self._head == "multiclass"
            else terms.binary_cross_entropy(logits, values)
        )
        loss = terms.focal(entropy, term.gamma) if term.kind == "focal" else entropy
        return self._average_pixels(loss, values, valid)

    def _average_pixels(self, loss: Tensor, values: Tensor, valid: Tensor) -> Tensor:
        if self._head == "multilabel":
            layers = (loss * valid[:, None]).sum((0, 2, 3)) / valid.sum().clamp(min=1)  # (B, K, H, W) -> (K,)
            return _weighted_mean(layers, self._weights_of(layers))
        if self._weighted:
            loss = loss * self.class_weights[values.long()]
        loss = loss if self._head == "multiclass" else loss[:, 0]  # (B, 1, H, W) -> (B, H, W)
        return (loss * valid).sum() / valid.sum().clamp(min=1)

    def _compute_region(self, kind: LossKind, logits: Tensor, values: Tensor, valid: Tensor) -> Tensor:
        if self._head == "multiclass":
            probabilities = logits.softmax(dim=1)
            wanted = functional.one_hot(values, logits.shape[1]).movedim(
                -1, 1
            )  # (B, H, W, K) -> (B, K, H, W)
        else:
            probabilities, wanted = logits.sigmoid(), values
        losses = _REGION[kind](probabilities, wanted.float(), valid)
        present = (wanted * valid[:, None]).sum((0, 2, 3)) > 0
        return _weighted_mean(losses, self._weights_of(losses) * present)

    def _weights_of(self, losses: Tensor) -> Tensor:
        """`(K,)` weights for an average over classes; a single layer has none."""
        if not self._weighted or self._head == "binary":
            return torch.ones_like(losses)
        return self.class_weights


def _weighted_mean(losses: Tensor, weights: Tensor) -> Tensor:
    """The mean of `(K,)` losses; 0 where no class has a weight."""
    total = weights.sum()
    return (losses * weights).sum() / torch.where(total > 0, total, torch.ones_like(total))


def build_loss(
    spec: LossSpec, head: HeadKind, channels: int, pixels: ArrayLike | None = None
) -> SegmentationLoss:
    """The loss that a spec describes.

    Args:
        spec: Its terms and class weights.
        head: How the logits are meant.
        channels: K, channels of the logits.
        pixels: Pixels of each class in the training part, for weights from pixel counts: `(K,)`, and `(2,)`
            for a binary head: of the background and of the class.

    Raises:
        RecipeError: The number of class weights does not fit, or pixel counts are needed and not there.
    """
    count = 2 if head == "binary" else channels
    return SegmentationLoss(spec, head, _choose_weights(spec.class_weights, count, pixels))


def _choose_weights(weights: ClassWeights, count: int, pixels: ArrayLike | None) -> list[float] | None:
    if weights.kind == "none":
        return None
    if weights.kind == "given":
        chosen = list(weights.values)
    elif pixels is None:
        raise RecipeError(
            "Class weights from pixel counts need masks whose pixels are counted; choose class_weights=none."
        )
    else:
        chosen = compute_class_weights(pixels, weights.limit).tolist()
    if len(chosen) != count:
        raise RecipeError(
            f"The loss has {len(chosen)} class weights, but the model tells {count} classes apart "
            "(background included where it is one); give one weight a class, or choose class_weights=none."
        )
    return chosen
