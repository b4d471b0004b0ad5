"""What a model answers for each pixel, and the targets that belong to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.resized import VOID
from core.domain.classes import ClassRole, ClassSpec
from core.domain.recipe import HeadKind
from core.errors import TrainingError


@dataclass(frozen=True, slots=True)
class HeadLayout:
    """The channels of a model's answer.

    Attributes:
        head: `binary` (one class against the rest, sigmoid), `multiclass` (softmax over exclusive classes,
            background among them) or `multilabel` (sigmoid per class; classes may overlap).
        channels: Positions, among the scan's classes, that the channels stand for.
        scored: `(C,)` indices of those channels that are classes; background is none.
        names: The C names of the scored classes.
    """

    head: HeadKind
    channels: tuple[int, ...]
    scored: tuple[int, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Targets:
    """What a model should answer.

    Attributes:
        values: `(B, H, W)` int64 channel of each pixel for a multiclass head, else `(B, K, H, W)` float32
            of 0 and 1.
        valid: `(B, H, W)` bool; False where a pixel is void and counts in neither loss nor metric.
    """

    values: Tensor
    valid: Tensor


def choose_head(classes: Sequence[ClassSpec], overlapping: bool, wish: HeadKind | None = None) -> HeadLayout:
    """The head that fits a dataset, or the one that a person wishes.

    Args:
        classes: The scan's classes, background included, void left out.
        overlapping: Whether one pixel may hold several classes.
        wish: A person's choice; None decides by the dataset.

    Raises:
        TrainingError: The wish does not fit the dataset, or there is no class to learn.
    """
    own = [place for place, item in enumerate(classes) if item.role is ClassRole.CLASS]
    if not own:
        raise TrainingError("No class has the role “class”, so there is nothing to learn; change a role.")
    head: HeadKind = wish or ("binary" if len(own) == 1 else "multilabel" if overlapping else "multiclass")
    if head == "binary" and len(own) > 1:
        raise TrainingError(
            f"A binary head answers for one class, but the dataset has {len(own)}. Choose “multiclass” or "
            "“multilabel”, or give all but one class the role “background”."
        )
    if head == "multiclass" and overlapping:
        raise TrainingError(
            "A multi-class head gives each pixel one class, but the classes of this dataset overlap. Choose "
            "“multilabel”."
        )
    if head == "multiclass" and len(classes) < 2:
        raise TrainingError(
            "A multi-class head needs two classes, or a class and background; choose “binary”."
        )
    channels = tuple(range(len(classes))) if head == "multiclass" else tuple(own)
    return HeadLayout(
        head=head,
        channels=channels,
        scored=tuple(channels.index(place) for place in own),
        names=tuple(classes[place].name for place in own),
    )


def build_targets(layout: HeadLayout, masks: Tensor) -> Targets:
    """The targets of a batch of stored masks.

    Args:
        layout: The head.
        masks: `(B, H, W)` uint8 positions into the scan's classes, 255 for void; or `(B, C, H, W)` bool where
            classes overlap.
    """
    if masks.ndim == 4:
        values = masks[:, list(layout.channels)].float()  # (B, C, H, W) -> (B, K, H, W)
        return Targets(values, torch.ones_like(masks[:, 0], dtype=torch.bool))
    valid = masks != VOID
    if layout.head == "multiclass":  # channels are the scan's classes in their order
        return Targets(torch.where(valid, masks, 0).long(), valid)
    positions = torch.tensor(layout.channels, device=masks.device)
    return Targets((masks[:, None] == positions[:, None, None]).float(), valid)


def predict_channels(layout: HeadLayout, logits: Tensor) -> Tensor:
    """`(B, C, H, W)` bool: where each scored class is predicted; at 0.5, or the likeliest class."""
    if layout.head == "multiclass":
        best = logits.max(dim=1).indices  # on a CPU several times as fast as argmax
        return _spread(best, layout.scored)
    return logits > 0


def target_channels(layout: HeadLayout, targets: Targets) -> Tensor:
    """`(B, C, H, W)` bool: where each scored class is."""
    if layout.head == "multiclass":
        return _spread(targets.values, layout.scored)
    return targets.values > 0.5


def _spread(positions: Tensor, wanted: Sequence[int]) -> Tensor:
    """Where each wanted channel is; in bytes, an eighth of what whole numbers take to compare."""
    chosen = torch.tensor(wanted, device=positions.device, dtype=torch.uint8)
    return positions.to(torch.uint8)[:, None] == chosen[:, None, None]  # (B, H, W) -> (B, C, H, W)


def compute_probabilities(layout: HeadLayout, logits: Tensor) -> Tensor:
    """`(B, K, H, W)` float32 in [0, 1], one channel of the model each."""
    wide = logits.float()
    return wide.softmax(dim=1) if layout.head == "multiclass" else wide.sigmoid()
