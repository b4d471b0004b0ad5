"""The held-out part of a fold, predicted with its best weights at the end."""

import time

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.resized import ResizedStore
from core.domain.masks import LabelMask
from core.domain.scan import ScannedDataset
from core.domain.training import PerClass, StepRecord, TrainRequest
from core.errors import CancelledError
from core.formats.whole import read_label
from core.inference.predict import Predictor, predict_samples
from core.inference.predictions import (
    Prediction,
    PredictionEntry,
    read_index,
    write_index,
    write_prediction,
)
from core.metrics import compute_dice, count_overlap
from core.models.building import BuiltModel
from core.training.checkpoints import RunPlace, find_weights, read_weights
from core.training.fit import FoldParts, count_tiles, describe_hardware
from core.training.heads import HeadLayout
from core.training.network import NormalisedNetwork
from core.training.watching import Listener

_SPEAK_SECONDS = 0.5


def predict_fold(
    request: TrainRequest,
    dataset: ScannedDataset,
    layout: HeadLayout,
    built: BuiltModel,
    store: ResizedStore,
    parts: FoldParts,
    place: RunPlace,
    listener: Listener,
) -> None:
    """Predict the held-out part with the weights of the best vDice, and add it to the run's index.

    Raises:
        CancelledError: The listener said so; the fold is predicted again when the run goes on.
        WorkspaceError: The folder cannot be written.
    """
    if dataset.sizes is None:
        raise ValueError("a dataset without masks cannot have been trained on")
    built.network.load_state_dict(read_weights(find_weights(place.fold(parts.fold))))
    device = torch.device("cuda:0" if request.device == "cuda" else request.device)
    predictor = Predictor(
        network=NormalisedNetwork(built).to(device),
        head=layout.head,
        channels=layout.channels,
        class_count=len(dataset.classes),
        device=device,
        tiles=count_tiles(request.recipe),
        batch=request.recipe.batch,
    )
    entries: list[PredictionEntry] = []
    speaker = _Speaker(request, parts, listener)
    for position, prediction in predict_samples(
        predictor, store, parts.validation, dataset.sizes, listener.should_stop
    ):
        write_prediction(place.predictions, position, prediction)
        entries.append(_describe(dataset, layout, parts.fold, position, prediction))
        speaker.say(len(entries))
    if len(entries) < len(parts.validation):
        raise CancelledError("Stopped while the held-out images were predicted. Resume goes on there.")
    others = [entry for entry in read_index(place.predictions) if entry.fold != parts.fold]
    write_index(
        place.predictions, sorted([*others, *entries], key=lambda entry: entry.position), layout.names
    )


def compute_sample_dice(layout: HeadLayout, predicted: LabelMask, wanted: LabelMask) -> PerClass:
    """Dice of each scored class on one image; None where it is in neither. Void pixels do not count."""
    channels = [layout.channels[place] for place in layout.scored]
    pairs = [(predicted.region(place), wanted.region(place)) for place in channels]
    valid = np.ones(wanted.shape, np.bool_) if wanted.overlapping else np.asarray(wanted.pixels >= 0)
    counts = count_overlap(
        np.stack([pair[0] for pair in pairs])[None], np.stack([pair[1] for pair in pairs])[None], valid[None]
    )
    scores: NDArray[np.float64] = compute_dice(counts[0])
    return {
        name: None if np.isnan(score) else float(score)
        for name, score in zip(layout.names, scores, strict=True)
    }


def _describe(
    dataset: ScannedDataset, layout: HeadLayout, fold: int, position: int, prediction: Prediction
) -> PredictionEntry:
    sample = dataset.samples[position]
    spec = dataset.spec.model_copy(update={"threshold": dataset.threshold})
    height, width = prediction.mask.shape
    return PredictionEntry(
        sample=sample.id,
        position=position,
        fold=fold,
        height=height,
        width=width,
        confidence=float(prediction.confidence.mean()),
        entropy=float(prediction.entropy.mean()),
        dice=compute_sample_dice(layout, prediction.mask, read_label(spec, dataset.classes, sample)),
    )


class _Speaker:
    """Says how far the prediction of a fold is."""

    def __init__(self, request: TrainRequest, parts: FoldParts, listener: Listener) -> None:
        self._request, self._parts, self._listener = request, parts, listener
        self._start = self._spoken = time.monotonic()

    def say(self, done: int) -> None:
        now = time.monotonic()
        if now - self._spoken < _SPEAK_SECONDS:
            return
        self._spoken = now
        speed = done / max(now - self._start, 1e-9)
        self._listener.on_step(
            StepRecord(
                fold=self._parts.fold,
                folds=self._parts.folds,
                epoch=self._request.recipe.epochs,
                epochs=self._request.recipe.epochs,
                step=done,
                steps=len(self._parts.validation),
                stage="predicting",
                images_per_second=speed,
                loss=None,
                lr=0.0,
                memory_bytes=0,
                device=describe_hardware(self._request.device),
                time=time.time(),
            )
        )
