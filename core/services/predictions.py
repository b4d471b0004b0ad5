"""Predictions of a training run beside their references, for a person to look at."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.domain.classes import ClassRole, class_colours
from core.domain.masks import LabelMask
from core.domain.scan import ScannedDataset
from core.errors import RunError
from core.formats.whole import read_display, read_label
from core.inference.predictions import PredictionEntry, read_classes, read_index, read_prediction
from core.runs.folder import find_run
from core.services.pictures import blend

Order = Literal["worst", "best"]


@dataclass(frozen=True, slots=True)
class PredictionPictures:
    """One held-out image three times, PNG bytes: as it is, with its reference, with the prediction."""

    image: bytes
    reference: bytes
    prediction: bytes


def list_predictions(run_id: str) -> list[PredictionEntry]:
    """The held-out images that a run has predicted; empty before the first fold has ended.

    Raises:
        RunError: There is no such run, or its index is damaged.
    """
    return read_index(find_run(run_id).path / "predictions")


def sort_predictions(
    entries: Sequence[PredictionEntry], order: Order, name: str | None = None
) -> list[PredictionEntry]:
    """Those with a Dice, by it; of one class, or by the mean over the classes of the image.

    Args:
        entries: Of one run.
        order: Which come first.
        name: The class; None takes the mean.
    """
    scored = [(score, entry) for entry in entries if (score := compute_score(entry, name)) is not None]
    ranked = sorted(scored, key=lambda item: item[0], reverse=order == "best")
    return [entry for _, entry in ranked]


def compute_score(entry: PredictionEntry, name: str | None = None) -> float | None:
    """Dice of one class on one image, or the mean over those that are there; None where none is."""
    if name is not None:
        return entry.dice.get(name)
    known = [value for value in entry.dice.values() if value is not None]
    return sum(known) / len(known) if known else None


def draw(run_id: str, dataset: ScannedDataset, position: int, longest: int = 320) -> PredictionPictures:
    """The pictures of one predicted image.

    Args:
        run_id: The run.
        dataset: The dataset that it was trained on.
        position: Of the sample.
        longest: Longest side, pixels.

    Raises:
        RunError: The run has not predicted it, or the dataset is another one by now.
        DatasetError: The image or its mask cannot be read any more.
    """
    folder = find_run(run_id).path / "predictions"
    names = tuple(item.name for item in dataset.classes)
    if read_classes(folder).names != names or position >= len(dataset.samples):
        raise RunError("The dataset has changed since this run, so its predictions cannot be drawn over it.")
    sample = dataset.samples[position]
    spec = dataset.spec.model_copy(update={"threshold": dataset.threshold})
    picture = read_display(spec, sample, longest)
    reference = read_label(spec, dataset.classes, sample)
    predicted = read_prediction(folder, position).mask
    return PredictionPictures(
        _encode(picture), _blend(dataset, picture, reference), _blend(dataset, picture, predicted)
    )


def _blend(dataset: ScannedDataset, picture: NDArray[np.uint8], mask: LabelMask) -> bytes:
    painted = picture.copy()
    drawn = [item.role is ClassRole.CLASS for item in dataset.classes]
    blend(painted, mask, class_colours(dataset.classes), drawn, opacity=0.35)
    return _encode(painted)


def _encode(picture: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
