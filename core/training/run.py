"""A whole training run: all its folds, one after the other, each going on where it stopped."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.copies import describe_source
from core.data.resized import ResizedStore, count_bands
from core.data.resized_places import open_store
from core.domain.recipe import RecipeSpec
from core.domain.scan import ScannedDataset
from core.domain.training import FoldRecord, StepRecord, TrainRequest
from core.errors import TrainingError
from core.inference.predictions import PredictionClasses, write_classes
from core.models.building import BuiltModel, check_model
from core.training.checkpoints import RunPlace
from core.training.fit import (
    FoldParts,
    count_tiles,
    describe_hardware,
    expand_copies,
    fit_fold,
    prepare_model,
)
from core.training.heads import HeadLayout, choose_head
from core.training.predicting import predict_fold
from core.training.ranks import is_first
from core.training.sinks import open_sinks
from core.training.watching import Listener
from core.workspace.files import write_atomic

_DONE = "done"


@dataclass(frozen=True, slots=True)
class Assignment:
    """What one fold of a run does with the N samples of its dataset.

    Attributes:
        copies: `(N,)` int64 copies of each sample in the training part; 0 for what is dropped or held out.
        validation: Positions of the held-out part.
        train: Positions of the training part before it was balanced.
        notes: What could not be done as asked, in sentences.
    """

    copies: NDArray[np.int64]
    validation: NDArray[np.intp]
    train: NDArray[np.intp]
    notes: tuple[str, ...] = ()


def train_run(
    request: TrainRequest,
    dataset: ScannedDataset,
    assignments: Sequence[Assignment],
    place: RunPlace,
    on_fold: Callable[[FoldRecord], None],
    listener: Listener,
) -> None:
    """Train every fold that is not done yet, and predict its held-out part.

    On several GPUs every rank does this; only the first writes and predicts.

    Args:
        request: What was asked.
        dataset: The scan, of the request's fingerprint.
        assignments: One a fold.
        place: Where checkpoints and predictions go.
        on_fold: Told the start of each fold.
        listener: Told steps and epochs, and asked whether to stop.

    Raises:
        CancelledError: The listener said so; the last checkpoint is kept.
        AppError: Something cannot be trained as asked.
    """
    recipe = request.recipe
    torch.use_deterministic_algorithms(recipe.deterministic)
    layout, bands, store = prepare_data(recipe, dataset)
    if is_first():
        names = tuple(item.name for item in dataset.classes)
        write_classes(place.predictions, PredictionClasses(names=names, head=layout.head))
    for number, assignment in enumerate(assignments, start=1):
        if (place.fold(number) / _DONE).exists():
            continue
        parts = choose_parts(dataset, layout, assignment, number, len(assignments))
        built = prepare_model(recipe, layout, bands)
        on_fold(_describe(request, layout, built, parts, assignment, bands))
        listener.on_step(_preparing(request, parts))
        folder = place.fold(number)
        sinks = open_sinks(request, folder, os.environ) if is_first() else ()
        fit_fold(recipe, layout, built, store, parts, folder, request.device, listener, sinks)
        if not is_first():
            continue
        if request.predictions:
            predict_fold(request, dataset, layout, built, store, parts, place, listener)
        write_atomic(folder / _DONE, b"")


def prepare_data(recipe: RecipeSpec, dataset: ScannedDataset) -> tuple[HeadLayout, int, ResizedStore]:
    """The head that fits, the channels of the images, and the images at training size.

    Raises:
        TrainingError: The head that was asked for does not fit the dataset.
        ModelError: The network cannot be built or trained as asked.
    """
    layout = choose_head(dataset.classes, dataset.overlapping, None if recipe.head == "auto" else recipe.head)
    source = describe_source(dataset)
    bands = recipe.model.in_channels or count_bands(source, dataset.samples)
    classes, batch = len(layout.channels), min(recipe.batch, 2)
    check_model(recipe.model, recipe.input_size, classes=classes, channels=bands, batch=batch)
    return layout, bands, open_store(dataset, recipe.image_size, bands)


def choose_parts(
    dataset: ScannedDataset, layout: HeadLayout, assignment: Assignment, number: int, folds: int
) -> FoldParts:
    """What one fold, counted from 1, trains on and is validated with.

    Raises:
        TrainingError: One of the two parts is empty.
    """
    train = np.flatnonzero(assignment.copies)
    if not train.size or not assignment.validation.size:
        raise TrainingError(
            f"Fold {number} has {train.size} images to train on and {assignment.validation.size} to validate "
            "with; choose fewer folds, or other groups."
        )
    return FoldParts(
        fold=number,
        folds=folds,
        train=train,
        copies=assignment.copies[train],
        validation=assignment.validation,
        pixels=_count_pixels(dataset, layout, assignment.train),
    )


def _count_pixels(dataset: ScannedDataset, layout: HeadLayout, train: NDArray[np.intp]) -> NDArray[np.int64]:
    """Pixels of each channel in the training part; of a binary head the rest first, then the class."""
    if dataset.pixels is None or dataset.totals is None:
        raise TrainingError("The dataset holds labels only; training a segmentation model needs masks.")
    pixels = dataset.pixels[train][:, list(layout.channels)].sum(axis=0)
    if layout.head == "binary":
        rest = int(dataset.totals[train].sum()) - int(pixels[0])
        return np.array([rest, int(pixels[0])], dtype=np.int64)
    return np.asarray(pixels, dtype=np.int64)


def _describe(
    request: TrainRequest,
    layout: HeadLayout,
    built: BuiltModel,
    parts: FoldParts,
    assignment: Assignment,
    bands: int,
) -> FoldRecord:
    recipe = request.recipe
    items = expand_copies(parts.copies, count_tiles(recipe), recipe.augment.mirror_doubles)
    return FoldRecord(
        fold=parts.fold,
        folds=parts.folds,
        classes=layout.names,
        head=layout.head,
        train_images=len(parts.train),
        train_items=max(1, round(recipe.epoch_share * int(items.sum()))),
        validation_images=len(parts.validation),
        duplicates=int(parts.copies.sum()) - len(parts.train),
        parameters=sum(tensor.numel() for tensor in built.network.parameters() if tensor.requires_grad),
        bands=bands,
        weights=built.weights,
        device=describe_hardware(request.device),
        notes=assignment.notes,
    )


def _preparing(request: TrainRequest, parts: FoldParts) -> StepRecord:
    return StepRecord(
        fold=parts.fold,
        folds=parts.folds,
        epoch=1,
        epochs=request.recipe.epochs,
        step=0,
        steps=1,
        stage="preparing",
        images_per_second=0.0,
        loss=None,
        lr=request.recipe.optimiser.lr,
        memory_bytes=0,
        device=describe_hardware(request.device),
        time=time.time(),
    )
