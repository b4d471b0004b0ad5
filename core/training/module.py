"""The training loop's body: what a step, an epoch and a checkpoint are."""

from typing import Any

import lightning
import torch
from torch import Tensor, nn

from core.data.augmentation import compute_seed
from core.domain.recipe import OptimiserSpec, RecipeSpec
from core.training.figures import PassFigures
from core.training.heads import HeadLayout, build_targets
from core.training.network import NormalisedNetwork
from core.training.ranks import share_buffers
from core.training.schedule import LearningRate

Batch = tuple[Tensor, Tensor, Tensor]
"""`(B, bands, H, W)` uint8 images, their stored masks, and the samples' positions."""


class SegmentationModule(lightning.LightningModule):
    """One model on one fold.

    Everything random in a step follows from the seed, the fold and the epoch, so that a run which is killed
    and resumed at an epoch's end goes on as if nothing had happened.

    Args:
        network: Takes `(B, bands, H, W)` uint8 images, gives `(B, K, H, W)` logits.
        layout: What the K channels stand for.
        loss: Called with logits, target values and the mask of valid pixels.
        recipe: Optimiser, schedule, seed.
        fold: Counted from 1.
    """

    def __init__(
        self,
        network: NormalisedNetwork,
        layout: HeadLayout,
        loss: nn.Module,
        recipe: RecipeSpec,
        fold: int = 1,
    ) -> None:
        super().__init__()
        self.network = network
        self.layout = layout
        self.loss = loss
        self.recipe = recipe
        self.fold = fold
        self.rate = LearningRate(recipe.schedule, recipe.optimiser.lr, recipe.epochs)
        self.training_figures: PassFigures | None = None
        self.validation_figures: PassFigures | None = None

    def forward(self, images: Tensor) -> Tensor:
        """Logits `(B, K, H, W)` of `(B, bands, H, W)` uint8 images."""
        logits: Tensor = self.network(images)
        return logits

    def on_train_epoch_start(self) -> None:
        """Set the rate of this epoch, and begin its figures."""
        rate = self.rate.find(self.current_epoch)
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = rate
        self.training_figures = PassFigures(self.layout)

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Seed the epoch as late as can be: loaders draw random numbers when they are made."""
        del batch
        if batch_idx == 0:
            rank = self.global_rank
            seed = compute_seed(self.recipe.seed, "steps", self.fold, self.current_epoch, rank)
            torch.manual_seed(seed % 2**63)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of one batch."""
        del batch_idx
        return self._step(batch, self.training_figures)

    def on_validation_epoch_start(self) -> None:
        """Begin the figures of the validation part, with one network in all ranks."""
        share_buffers(self.network)
        self.validation_figures = PassFigures(self.layout)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Count one batch."""
        del batch_idx
        self._step(batch, self.validation_figures)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """The optimiser; the rate is set epoch by epoch, not by a scheduler of torch."""
        return build_optimiser(self.recipe.optimiser, self.network)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the schedule with the weights."""
        checkpoint["rate"] = self.rate.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on with the schedule."""
        self.rate.restore(checkpoint["rate"])

    def _step(self, batch: Batch, figures: PassFigures | None) -> Tensor:
        images, masks, _ = batch
        logits = self(images)
        targets = build_targets(self.layout, masks)
        loss: Tensor = self.loss(logits, targets.values, targets.valid)
        if figures is not None:
            figures.add(logits, targets, loss)
        return loss


def build_optimiser(spec: OptimiserSpec, network: nn.Module) -> torch.optim.Optimizer:
    """The optimiser of a recipe."""
    parameters = network.parameters()
    if spec.kind == "sgd":
        return torch.optim.SGD(parameters, lr=spec.lr, momentum=spec.beta1, weight_decay=spec.weight_decay)
    kind = torch.optim.AdamW if spec.kind == "adamw" else torch.optim.Adam
    return kind(
        parameters,
        lr=spec.lr,
        betas=(spec.beta1, spec.beta2),
        eps=spec.eps,
        weight_decay=spec.weight_decay,
    )
