"""Training one fold on Lightning."""

import logging
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Sampler

from core.data.augmentation import compute_seed
from core.data.recipe_augmentation import RecipeAugmentation
from core.data.resized import ResizedStore
from core.data.sampler import CopySampler, Item
from core.data.training_set import TrainingSet
from core.domain.recipe import RecipeSpec
from core.losses import build_loss
from core.models.building import BuiltModel, build_model
from core.training.checkpoints import LAST
from core.training.heads import HeadLayout
from core.training.module import SegmentationModule
from core.training.network import NormalisedNetwork
from core.training.ranks import build_strategy, own_rank, world_size
from core.training.sinks import Sink
from core.training.watching import Listener, Watcher

_Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
_PRECISIONS: dict[str, _Precision] = {"32": "32-true", "bf16": "bf16-mixed", "16": "16-mixed"}


@dataclass(frozen=True, slots=True)
class FoldParts:
    """What one fold trains on and is validated with.

    Attributes:
        fold: Counted from 1.
        folds: Folds of the run.
        train: `(n,)` positions of the training part in the store, those with a copy only.
        copies: `(n,)` copies of each, at least 1.
        validation: `(m,)` positions of the held-out part.
        pixels: `(K,)` pixels of each channel in the training part, copies not counted; of a binary head the
            rest first, then the class. For weights that depend on them.
    """

    fold: int
    folds: int
    train: NDArray[np.intp]
    copies: NDArray[np.int64]
    validation: NDArray[np.intp]
    pixels: NDArray[np.int64]


def prepare_model(recipe: RecipeSpec, layout: HeadLayout, bands: int) -> BuiltModel:
    """The network before its first step; equal recipes give equal weights in every fold of every run (S3).

    Raises:
        ModelError: See `build_model`.
    """
    torch.manual_seed(recipe.seed)
    return build_model(recipe.model, len(layout.channels), bands)


def fit_fold(
    recipe: RecipeSpec,
    layout: HeadLayout,
    built: BuiltModel,
    store: ResizedStore,
    parts: FoldParts,
    folder: Path,
    device: str,
    listener: Listener,
    sinks: Sequence[Sink] = (),
) -> None:
    """Train one fold, or go on from its last checkpoint; weights and checkpoints are in `folder` then.

    Args:
        recipe: How.
        layout: What the channels stand for.
        built: The network; it is changed.
        store: All samples of the dataset.
        parts: Which of them this fold uses.
        folder: Checkpoints.
        device: `cpu`, `cuda` or `cuda:N`.
        listener: Who hears of it.
        sinks: What else keeps the figures of each epoch.

    Raises:
        CancelledError: The listener said so; the last checkpoint is kept.
        DatasetError: A file is gone or damaged.
    """
    loss = build_loss(recipe.loss, layout.head, len(layout.channels), parts.pixels)
    network = NormalisedNetwork(built, recipe.channels_last)
    module = SegmentationModule(network, layout, loss, recipe, parts.fold)
    if recipe.compile:
        module.compile()
    watcher = Watcher(listener, folder, parts.fold, parts.folds, describe_hardware(device), sinks)
    last = folder / LAST
    with quiet():
        trainer = build_trainer(recipe, device, [watcher])
        trainer.fit(
            module,
            build_training_loader(recipe, store, parts, own_rank(), world_size()),
            build_validation_loader(recipe, store, parts.validation, own_rank(), world_size()),
            ckpt_path=last if last.exists() else None,
            weights_only=True,
        )


def build_trainer(recipe: RecipeSpec, device: str, callbacks: list[lightning.Callback]) -> lightning.Trainer:
    """Lightning's trainer, with nothing that prints or writes but our own."""
    accelerator, devices = choose_devices(device)
    return lightning.Trainer(
        accelerator=accelerator,
        devices=devices,
        strategy=build_strategy(),
        precision=choose_precision(recipe, device),
        max_epochs=recipe.epochs,
        accumulate_grad_batches=recipe.accumulate,
        gradient_clip_val=recipe.clip_norm,
        deterministic=recipe.deterministic,
        benchmark=not recipe.deterministic,
        callbacks=callbacks,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )


def choose_devices(device: str) -> tuple[str, list[int] | int]:
    """Lightning's words for a device: accelerator, and which, or how many by the number of ranks.

    >>> choose_devices("cuda:1"), choose_devices("cuda"), choose_devices("cpu")
    (('cuda', [1]), ('cuda', 1), ('cpu', 1))
    """
    kind, _, number = device.partition(":")
    return ("cuda" if kind == "cuda" else "cpu"), ([int(number)] if number else world_size())


def choose_precision(recipe: RecipeSpec, device: str) -> _Precision:
    """Lightning's word for the precision; bf16 on a GPU that has it unless the recipe says otherwise."""
    if recipe.precision != "auto":
        return _PRECISIONS[recipe.precision]
    bf16 = device.startswith("cuda") and torch.cuda.is_bf16_supported()
    return _PRECISIONS["bf16" if bf16 else "32"]


def describe_hardware(device: str) -> str:
    """The device in words."""
    if device == "cpu":
        return f"CPU, {torch.get_num_threads()} threads"
    number = int(device.partition(":")[2] or 0)
    return torch.cuda.get_device_name(number)


def expand_copies(copies: NDArray[np.int64], tiles: int, mirrored: bool) -> NDArray[np.int64]:
    """Copies of every item of a `TrainingSet`: tile by tile, and once more where it is mirrored."""
    by_tile = np.repeat(copies, tiles**2)
    return np.tile(by_tile, 2) if mirrored else by_tile


def count_tiles(recipe: RecipeSpec) -> int:
    """Tiles a side."""
    return recipe.image_size // recipe.tile if recipe.tile else 1


def build_training_loader(
    recipe: RecipeSpec, store: ResizedStore, parts: FoldParts, rank: int = 0, world_size: int = 1
) -> "DataLoader[tuple[Tensor, Tensor, int]]":
    """Batches of the training part, every copy augmented by its own seed."""
    change = None if recipe.augment.does_nothing else RecipeAugmentation(recipe.augment)
    tiles, mirrored = count_tiles(recipe), recipe.augment.mirror_doubles
    data = TrainingSet(store, parts.train, recipe.duplicates, change, recipe.seed, tiles, mirrored)
    sampler = CopySampler(
        expand_copies(parts.copies, tiles, mirrored),
        compute_seed(recipe.seed, "order", parts.fold) % 2**32,
        share=recipe.epoch_share,
        rank=rank,
        world_size=world_size,
    )
    # Batch normalisation cannot learn from one image: a last batch of one is left out for this epoch.
    lone = len(sampler) % recipe.batch == 1 and len(sampler) > recipe.batch
    return DataLoader(
        data,
        batch_size=recipe.batch,
        sampler=_Epochs(sampler, data),
        num_workers=recipe.workers,
        persistent_workers=recipe.workers > 0,
        pin_memory=torch.cuda.is_available(),
        drop_last=lone,
        worker_init_fn=_start_worker,
    )


def build_validation_loader(
    recipe: RecipeSpec,
    store: ResizedStore,
    positions: NDArray[np.intp],
    rank: int = 0,
    world_size: int = 1,
) -> "DataLoader[tuple[Tensor, Tensor, int]]":
    """Batches of the held-out part as it is; each rank its share, without padding."""
    data = TrainingSet(store, positions, recipe.duplicates, None, recipe.seed, count_tiles(recipe))
    mine = [(index, 0) for index in range(rank, len(data), world_size)]
    return DataLoader(
        data,
        batch_size=recipe.batch,
        sampler=mine,
        num_workers=recipe.workers,
        persistent_workers=recipe.workers > 0,
        pin_memory=torch.cuda.is_available(),
        worker_init_fn=_start_worker,
    )


class _Epochs(Sampler[Item]):
    """A sampler that also tells its dataset which epoch comes, when Lightning tells it."""

    def __init__(self, sampler: CopySampler, data: TrainingSet) -> None:
        self._sampler = sampler
        self._data = data

    def set_epoch(self, epoch: int) -> None:
        self._sampler.set_epoch(epoch)
        self._data.set_epoch(epoch)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._sampler)

    def __len__(self) -> int:
        return len(self._sampler)


def _start_worker(_number: int) -> None:
    """One thread a process: OpenCV and torch would each take all cores in each of them."""
    import cv2

    torch.set_num_threads(1)
    cv2.setNumThreads(1)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Lightning's advertisements and advice out of the log; its errors stay."""
    names: Iterable[str] = ("lightning.pytorch", "lightning.pytorch.utilities.rank_zero", "lightning.fabric")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="lightning")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
