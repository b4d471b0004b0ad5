"""Keeping, for a review, what a run's models said of other images: the folder that `predict` wrote.

Its files are read and written anew, not linked: the folder is a person's own, who may change it.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from core.data.naming import keep_apart
from core.domain.masks import VOID_POSITION, LabelMask
from core.domain.scan import Sample, ScannedDataset
from core.errors import DatasetError, ReviewError
from core.formats.folders.listing import stem
from core.inference.keeping import StopAsked, Told, as_scanned, check_stop, find_spacing
from core.inference.predictions import (
    Prediction,
    PredictionClasses,
    read_classes,
    write_classes,
    write_prediction,
)
from core.inference.sources import KeptPredictions, PredictionSource, SourceFolder, SourceSample, link_classes
from core.runs.folder import RunFolder
from core.runs.history import read_request
from core.workspace.guarded import open_image

_NONE = 255  # in a mask of exclusive classes
_DICE = "dice: "


@dataclass(frozen=True, slots=True)
class PicturesFolder:
    """Mere images: the folder (or the one file), and the pictures in it, POSIX and relative."""

    root: Path
    pictures: tuple[str, ...]


def keep_applied(
    folder: SourceFolder,
    applied: Path,
    run: RunFolder,
    images: ScannedDataset | PicturesFolder,
    tell: Told,
    should_stop: StopAsked,
) -> KeptPredictions:
    """Keep the predictions of other images.

    Args:
        folder: Where to; new.
        applied: The folder that the job `predict` wrote.
        run: The training run whose models predicted.
        images: What was predicted: a dataset, or a folder of pictures.
        tell: Told how far.
        should_stop: Asked before each sample.

    Raises:
        ReviewError: The folder does not hold what its index says.
        CancelledError: `should_stop` said so.
        WorkspaceError: The workspace cannot be written.
    """
    classes, rows = read_classes(applied), _read_index(applied / "index.csv")
    request = read_request(run)
    dataset = images if isinstance(images, ScannedDataset) else None
    places = name_apart(_name_images(images))
    kept = []
    for position, row in enumerate(rows):
        check_stop(should_stop)
        tell(position, len(rows))
        write_prediction(folder.path, position, _read(applied, row["image"], classes))
        kept.append(_describe(images, places.get(row["image"]), position, row))
    write_classes(folder.path, classes)
    source = PredictionSource(
        run=run.id,
        title=request.title,
        classes=link_classes(classes, request.dataset.classes if dataset is None else dataset.classes),
        dataset=None if dataset is None else as_scanned(dataset),
        dataset_classes=() if dataset is None else dataset.classes,
        images=None if isinstance(images, ScannedDataset) else images.root,
        samples=tuple(kept),
    )
    folder.write(source)
    return KeptPredictions(folder, source)


def name_predicted(sample: Sample) -> str:
    """What the job `predict` calls a sample's files, before equal names are kept apart."""
    return stem(sample.id) + (f"_{sample.part}" if sample.part else "")


def name_apart(names: Sequence[str]) -> dict[str, int]:
    """The place of each name once equal ones (in upper or lower case) are kept apart, as `predict` does.

    >>> name_apart(["a", "B", "b"])
    {'a': 0, 'B': 1, 'b_': 2}
    """
    first = {name: place for place, name in reversed(list(enumerate(names)))}
    apart = keep_apart({(name, 0): name for name in names})
    return {apart[name, 0]: place for name, place in sorted(first.items(), key=lambda item: item[1])}


def _name_images(images: ScannedDataset | PicturesFolder) -> list[str]:
    if isinstance(images, PicturesFolder):
        return [stem(path) for path in images.pictures]
    return [name_predicted(sample) if sample.image is not None else "" for sample in images.samples]


def _read_index(path: Path) -> list[dict[str, str]]:
    try:
        content = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise ReviewError(
            f"{path} cannot be read ({error.strerror or error}); predict into this folder again."
        ) from error
    rows = list(csv.DictReader(io.StringIO(content)))
    if not rows or "image" not in rows[0]:
        raise ReviewError(f"{path} lists no predictions; predict into this folder again.")
    return rows


def _describe(
    images: ScannedDataset | PicturesFolder, place: int | None, position: int, row: dict[str, str]
) -> SourceSample:
    if place is None:
        raise ReviewError(
            f"The image of the prediction {row['image']} is gone; put it back, or predict again."
        )
    if isinstance(images, PicturesFolder):
        about: dict[str, object] = {"name": images.pictures[place], "picture": images.pictures[place]}
    else:
        sample = images.samples[place]
        about = {"name": sample.id, "sample": sample, "group": sample.group}
        about["spacing"] = find_spacing(images, place)
    dice = {key.removeprefix(_DICE): value or None for key, value in row.items() if key.startswith(_DICE)}
    figures = {key: row.get(key) for key in ("height", "width", "confidence")}
    try:
        return SourceSample.model_validate(
            {"position": position, "stem": row["image"], "dice": dice, **figures, **about}
        )
    except ValidationError as error:
        raise ReviewError(
            f"The index of the predictions is damaged in the line of {row['image']}; predict again."
        ) from error


def _read(applied: Path, name: str, classes: PredictionClasses) -> Prediction:
    try:
        confidence, entropy = (
            _read_bytes(applied, f"{part}/{name}.png").astype(np.float32) / np.float32(255)
            for part in ("confidence", "entropy")
        )
        return Prediction(_read_mask(applied, name, classes, confidence.shape), confidence, entropy)
    except DatasetError as error:
        raise ReviewError(f"The prediction of {name} cannot be read ({error}) Predict again.") from error


def _read_mask(applied: Path, name: str, classes: PredictionClasses, shape: tuple[int, ...]) -> LabelMask:
    count = len(classes.names)
    if classes.head != "multilabel":
        stored = _read_bytes(applied, f"masks/{name}.png").astype(np.int16)
        return LabelMask(np.where(stored == _NONE, VOID_POSITION, stored).astype(np.int16), count)
    layers = np.zeros((count, *shape), np.bool_)
    for position, class_name in enumerate(classes.names):
        file = f"masks/{class_name.replace('/', '_')}/{name}.png"
        if (applied / file).exists():  # A class that is nowhere has no file
            layers[position] = _read_bytes(applied, file) > 0
    return LabelMask(layers, count)


def _read_bytes(root: Path, name: str) -> NDArray[np.uint8]:
    return np.asarray(open_image(root / name, root).convert("L"))
