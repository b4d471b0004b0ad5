"""Time, memory and disk of a run, measured by a few of its own steps on its own images."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict

import lightning
import numpy as np
import psutil
import torch

from core.data.resized import ResizedStore
from core.domain.estimate import RunEstimate
from core.domain.recipe import RecipeSpec
from core.domain.scan import ScannedDataset
from core.domain.training import TrainRequest
from core.errors import CancelledError
from core.losses import build_loss
from core.models.building import BuiltModel
from core.training.fit import (
    FoldParts,
    build_trainer,
    build_training_loader,
    build_validation_loader,
    count_tiles,
    describe_hardware,
    expand_copies,
    prepare_model,
    quiet,
)
from core.training.heads import HeadLayout
from core.training.module import SegmentationModule
from core.training.network import NormalisedNetwork
from core.training.run import Assignment, choose_parts, prepare_data
from core.training.watching import measure_memory

WARM, TIMED = 3, 5  # steps: the first ones choose kernels and fill queues
_VALIDATION_BATCHES = 3
_PATIENCE = 45.0  # seconds of timed steps that are enough, however few they were
_ADAM = 3  # a checkpoint holds the weights and two moments of each


def estimate_run(
    request: TrainRequest,
    dataset: ScannedDataset,
    assignments: Sequence[Assignment],
    report: Callable[[int, int, str], None],
    should_stop: Callable[[], bool],
) -> RunEstimate:
    """Train a few steps of the first fold, and say what the whole run takes.

    Args:
        request: What would be trained.
        dataset: The scan, of the request's fingerprint.
        assignments: One a fold.
        report: Told (steps done, steps in all, sentence).
        should_stop: Asked after each step.

    Raises:
        AppError: It cannot be trained as asked; the sentence that the run would have ended with.
        CancelledError: `should_stop` said so.
    """
    recipe = request.recipe
    report(0, 0, "Building the model")
    torch.use_deterministic_algorithms(recipe.deterministic)
    layout, bands, store = prepare_data(recipe, dataset)
    folds = [
        choose_parts(dataset, layout, item, place, len(assignments))
        for place, item in enumerate(assignments, 1)
    ]
    built = prepare_model(recipe, layout, bands)
    few = _choose_few(recipe, folds[0])
    report(0, 0, "Reading a few images")
    first = _time_first_reading(store, few)
    device, ranks = _choose_device(request.device)
    watch = _Stopwatch(report, should_stop)
    _train_few(recipe, layout, built, store, few, device, watch)
    if watch.stopped:
        raise CancelledError("The estimate was stopped; nothing of it is kept.")
    times = _compute_times(recipe, folds, watch, ranks, first * len(dataset.samples))
    return RunEstimate(
        parameters=sum(item.numel() for item in built.network.parameters() if item.requires_grad),
        weights=built.weights,
        device=describe_hardware(device),
        folds=len(folds),
        epochs=recipe.epochs,
        memory_bytes=watch.memory,
        memory_total=_find_memory(device),
        disk_bytes=_count_disk(built, min(recipe.epochs, 1 + len(layout.names)), len(folds))
        + store.count_bytes(),
        **times,
    )


@dataclass
class _Stopwatch(lightning.Callback):
    """Times steps and held-out batches, and looks at the memory after each."""

    report: Callable[[int, int, str], None]
    should_stop: Callable[[], bool]
    steps: list[float] = field(default_factory=list)
    validation: list[tuple[float, int]] = field(default_factory=list)
    memory: int = 0
    stopped: bool = False
    _mark: float = 0.0
    _seen: int = 0

    @property
    def step_seconds(self) -> float:
        """Mean of the timed steps."""
        return sum(self.steps) / len(self.steps)

    @property
    def validation_seconds(self) -> float:
        """Of one image; the first batch is left out where there are others."""
        kept = self.validation[1:] or self.validation
        return sum(seconds for seconds, _ in kept) / sum(images for _, images in kept)

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Begin to measure."""
        self._mark = self._read_clock(pl_module)

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, *_batch: Any
    ) -> None:
        """Time one step, warm ones left out unless steps are very slow."""
        now = self._read_clock(pl_module)
        self._seen += 1
        if self._seen > WARM or now - self._mark > _PATIENCE:
            self.steps.append(now - self._mark)
        self._mark = now
        self.memory = max(self.memory, measure_memory(pl_module.device))
        self.report(self._seen, WARM + TIMED, "Training a few steps")
        self.stopped = self.should_stop()
        if self.stopped or len(self.steps) >= TIMED or sum(self.steps) > _PATIENCE:
            trainer.should_stop = True

    def on_validation_epoch_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Begin to measure."""
        self._mark = self._read_clock(pl_module)

    def on_validation_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any,
        *_place: int,
    ) -> None:  # fmt: skip
        """Time one held-out batch."""
        now = self._read_clock(pl_module)
        self.validation.append((now - self._mark, len(batch[0])))
        self._mark = now
        self.memory = max(self.memory, measure_memory(pl_module.device))

    @staticmethod
    def _read_clock(module: lightning.LightningModule) -> float:
        """Seconds; a GPU's queue is waited for first."""
        if module.device.type == "cuda":
            torch.cuda.synchronize(module.device)
        return time.perf_counter()


class _Times(TypedDict):
    """The fields of `RunEstimate` that speak of time."""

    steps: int
    step_seconds: float
    validation_seconds: float
    first_seconds: float
    seconds: float
    measured_steps: int


def _compute_times(
    recipe: RecipeSpec, folds: Sequence[FoldParts], watch: _Stopwatch, ranks: int, reading: float
) -> _Times:
    """The whole run from single steps; held-out images are predicted once more at the end of each fold."""
    steps = [math.ceil(_count_items(recipe, parts) / recipe.batch / ranks) for parts in folds]
    held_out = sum(len(parts.validation) for parts in folds)
    an_image = watch.validation_seconds / ranks
    an_epoch = sum(steps) * watch.step_seconds + held_out * an_image  # of all folds
    return _Times(
        steps=max(1, round(sum(steps) / len(steps))),
        step_seconds=watch.step_seconds,
        validation_seconds=an_image,
        first_seconds=reading,
        seconds=recipe.epochs * an_epoch + held_out * watch.validation_seconds + reading,
        measured_steps=len(watch.steps),
    )


def _train_few(
    recipe: RecipeSpec,
    layout: HeadLayout,
    built: BuiltModel,
    store: ResizedStore,
    few: FoldParts,
    device: str,
    watch: _Stopwatch,
) -> None:
    every = recipe.model_copy(update={"epoch_share": 1.0, "early_stopping": None})
    rounds = math.ceil((WARM + TIMED) / max(1, _count_items(every, few) // recipe.batch))
    short = every.model_copy(update={"epochs": rounds})
    loss = build_loss(recipe.loss, layout.head, len(layout.channels), few.pixels)
    module = SegmentationModule(NormalisedNetwork(built, recipe.channels_last), layout, loss, short)
    if recipe.compile:
        module.compile()
    with quiet():
        trainer = build_trainer(short, device, [watch])
        trainer.fit(
            module,
            build_training_loader(short, store, few),
            build_validation_loader(short, store, few.validation),
        )


def _choose_few(recipe: RecipeSpec, parts: FoldParts) -> FoldParts:
    """So many training images, drawn by the seed, that their copies fill the steps; some held-out ones."""
    wanted = (WARM + TIMED) * recipe.batch
    order = np.random.default_rng(recipe.seed).permutation(len(parts.train))
    a_copy = count_tiles(recipe) ** 2 * (2 if recipe.augment.mirror_doubles else 1)
    enough = int(np.searchsorted(np.cumsum(parts.copies[order]) * a_copy, wanted)) + 1
    chosen = np.sort(order[:enough])
    held_out = max(1, _VALIDATION_BATCHES * recipe.batch // count_tiles(recipe) ** 2)
    return replace(
        parts,
        train=parts.train[chosen],
        copies=parts.copies[chosen],
        validation=parts.validation[:held_out],
    )


def _count_items(recipe: RecipeSpec, parts: FoldParts) -> int:
    items = expand_copies(parts.copies, count_tiles(recipe), recipe.augment.mirror_doubles)
    return max(1, round(recipe.epoch_share * int(items.sum())))


def _time_first_reading(store: ResizedStore, parts: FoldParts) -> float:
    """Seconds that one image takes longer the first time; about 0 where an earlier run has decoded all."""
    positions = [int(place) for place in (*parts.train, *parts.validation)]
    spent = []
    for _ in range(2):
        start = time.perf_counter()
        for position in positions:
            store.read(position)
        spent.append(time.perf_counter() - start)
    return max(0.0, spent[0] - spent[1]) / len(positions)


def _choose_device(device: str) -> tuple[str, int]:
    """What is measured on, and how many such share the work: of all GPUs the first stands for each."""
    if device == "cuda":
        return "cuda:0", max(1, torch.cuda.device_count())
    return device, 1


def _find_memory(device: str) -> int:
    if device == "cpu":
        return int(psutil.virtual_memory().total)
    return int(torch.cuda.get_device_properties(int(device.partition(":")[2])).total_memory)


def _count_disk(built: BuiltModel, kept: int, folds: int) -> int:
    """Bytes of checkpoints: the last whole state, and the weights of the epochs that are kept as best."""
    weights = sum(item.numel() * item.element_size() for item in built.network.state_dict().values())
    return int(folds * weights * (_ADAM + kept))
