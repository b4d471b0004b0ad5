"""Predicting samples with a trained network."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.data.resized import ResizedStore
from core.domain.masks import LabelMask
from core.domain.recipe import HeadKind
from core.inference.certainty import compute_confidence, compute_entropy
from core.inference.predictions import Prediction

_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Predictor:
    """A trained network with all that its answers need.

    Attributes:
        network: `(B, bands, S, S)` uint8 images to `(B, K, S, S)` logits.
        head: How the logits are meant.
        channels: K positions, among the scan's classes, that the channels stand for.
        class_count: The scan's classes, background included.
        device: Where the network is.
        tiles: Tiles a side that an image is cut into.
        batch: Tiles that are predicted together.
    """

    network: nn.Module
    head: HeadKind
    channels: tuple[int, ...]
    class_count: int
    device: torch.device
    tiles: int = 1
    batch: int = 8


def predict_samples(
    predictor: Predictor,
    store: ResizedStore,
    positions: NDArray[np.intp],
    sizes: NDArray[np.int32],
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[tuple[int, Prediction]]:
    """Predict samples one by one, at the size of their images.

    Probabilities are brought back to the image's size bilinearly, and then decided: outlines stay smooth.

    Args:
        predictor: The network.
        store: The samples at training size.
        positions: `(n,)` which of them.
        sizes: `(N, 2)` height and width of every sample of the store.
        should_stop: Asked before each sample.

    Yields:
        Position and prediction.

    Raises:
        DatasetError: A file cannot be read.
    """
    predictor.network.eval()
    for position in positions.tolist():
        if should_stop is not None and should_stop():
            return
        probabilities = predict_probabilities(predictor, store.read(position).image)
        height, width = sizes[position].tolist()
        yield position, decide(predictor, resize_probabilities(probabilities, height, width))


@torch.inference_mode()
def predict_probabilities(predictor: Predictor, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """`(K, S, S)` float32 in [0, 1] of one `(S, S, bands)` uint8 image."""
    tiles = _cut(image, predictor.tiles)
    parts = []
    for start in range(0, len(tiles), predictor.batch):
        batch = np.stack(tiles[start : start + predictor.batch])
        images = torch.from_numpy(np.ascontiguousarray(np.moveaxis(batch, -1, 1))).to(predictor.device)
        parts.append(_to_probabilities(predictor.network(images), predictor.head).cpu().numpy())
    return _join(np.concatenate(parts), predictor.tiles)


def resize_probabilities(probabilities: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """`(K, S, S)` to `(K, height, width)`, bilinear; softmax sums stay 1."""
    return np.stack(
        [cv2.resize(layer, (width, height), interpolation=cv2.INTER_LINEAR) for layer in probabilities]
    )


def decide(predictor: Predictor, probabilities: NDArray[np.float32]) -> Prediction:
    """The masks that probabilities `(K, H, W)` stand for, with confidence and entropy.

    A multiclass head gives each pixel its likeliest class; the others each class whose probability is above a
    half. Of a binary head on exclusive classes, what is not the class is none.
    """
    confidence = compute_confidence(probabilities, predictor.head)
    entropy = compute_entropy(probabilities, predictor.head)
    channels = np.array(predictor.channels, dtype=np.int16)
    if predictor.head == "multilabel":
        layers = np.zeros((predictor.class_count, *probabilities.shape[1:]), dtype=np.bool_)
        layers[channels] = probabilities > _HALF
        mask = LabelMask(layers, predictor.class_count)
    elif predictor.head == "binary":
        inside = probabilities[0] > _HALF
        mask = LabelMask(np.where(inside, channels[0], np.int16(-1)), predictor.class_count)
    else:
        mask = LabelMask(channels[probabilities.argmax(axis=0)], predictor.class_count)
    return Prediction(mask, confidence, entropy)


def _to_probabilities(logits: Tensor, head: HeadKind) -> Tensor:
    wide = logits.float()
    return wide.softmax(dim=1) if head == "multiclass" else wide.sigmoid()


def _cut(image: NDArray[np.uint8], tiles: int) -> list[NDArray[np.uint8]]:
    """Tiles row by row."""
    return [part for row in np.split(image, tiles, axis=0) for part in np.split(row, tiles, axis=1)]


def _join(parts: NDArray[np.float32], tiles: int) -> NDArray[np.float32]:
    """`(tiles², K, h, w)` back to `(K, S, S)`."""
    rows = [np.concatenate(parts[row * tiles : (row + 1) * tiles], axis=-1) for row in range(tiles)]
    return np.concatenate([np.asarray(row) for row in rows], axis=-2)
