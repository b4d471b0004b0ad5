"""The figures of one pass over a training or validation part."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.domain.training import MetricsRecord, PerClass
from core.metrics import summarise
from core.training.heads import HeadLayout, Targets, predict_channels, target_channels
from core.training.overlap import count_overlap, count_right


class PassFigures:
    """Counts of every image of one pass; they stay on the device until the pass is over.

    Args:
        layout: The head.
    """

    def __init__(self, layout: HeadLayout) -> None:
        self._layout = layout
        self._counts: list[Tensor] = []
        self._right: list[Tensor] = []
        self._losses: list[Tensor] = []

    @torch.no_grad()
    def add(self, logits: Tensor, targets: Targets, loss: Tensor) -> None:
        """Add one batch; `loss` is its mean over the batch."""
        predicted = predict_channels(self._layout, logits)
        wanted = target_channels(self._layout, targets)
        self._counts.append(count_overlap(predicted, wanted, targets.valid).int())
        self._right.append(count_right(predicted, wanted, targets.valid).int())
        self._losses.append(loss.detach().float().expand(len(logits)))

    def sum_up(self) -> MetricsRecord:
        """The figures over all images, those of all ranks together."""
        parts = [
            np.concatenate([tensor.cpu().numpy() for tensor in tensors])
            for tensors in (self._counts, self._right, self._losses)
        ]
        if torch.distributed.is_initialized():
            ranks: list[Any] = [None] * torch.distributed.get_world_size()
            torch.distributed.all_gather_object(ranks, parts)
            parts = [np.concatenate(column) for column in zip(*ranks, strict=True)]
        counts, right, losses = parts
        return describe_counts(
            self._layout.names, counts.astype(np.int64), right.astype(np.int64), float(losses.mean())
        )


def describe_counts(
    names: Sequence[str], counts: NDArray[np.int64], right: NDArray[np.int64], loss: float | None = None
) -> MetricsRecord:
    """Figures as they are kept; what cannot be said is None.

    Args:
        names: C classes.
        counts: `(N, C, 4)`, see `core.metrics.counts`.
        right: `(N, 2)` right and valid pixels of each image.
        loss: Mean over the images.
    """
    found = summarise(counts, right)

    def by_class(values: NDArray[np.float64]) -> PerClass:
        return {name: _known(value) for name, value in zip(names, values.tolist(), strict=True)}

    return MetricsRecord(
        loss=None if loss is None else _known(loss),
        dice=by_class(found.summed.dice),
        iou=by_class(found.summed.iou),
        precision=by_class(found.summed.precision),
        recall=by_class(found.summed.recall),
        dice_images=by_class(found.per_image.dice),
        iou_images=by_class(found.per_image.iou),
        vdice=_known(found.summed.vdice),
        vdice_images=_known(found.per_image.vdice),
        mean_iou=_known(found.summed.mean_iou),
        iou_variance=_known(found.summed.iou_variance),
        accuracy=_known(found.accuracy),
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
