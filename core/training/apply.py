"""The models of a run applied to other images: masks, confidence and entropy as files that anyone can read.

    masks/NAME.png          exclusive classes: the position of the class in classes.json, 255 for none
    masks/CLASS/NAME.png    overlapping classes: 0 and 255, a file a class
    confidence/NAME.png     255 is certain
    entropy/NAME.png        as a share of the largest possible
    index.csv               a line an image
    classes.json            the classes

All have the size of their image. Where a run has several folds, their probabilities are averaged.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.data.naming import keep_apart
from core.data.resized import resize_image
from core.domain.masks import VOID_POSITION, LabelMask
from core.domain.recipe import RecipeSpec
from core.domain.scan import Problem
from core.domain.training import FoldRecord, PerClass
from core.errors import CancelledError, DatasetError, TrainingError
from core.inference.predict import Predictor, decide, predict_probabilities, resize_probabilities
from core.inference.predictions import Prediction, PredictionClasses, write_classes
from core.models.building import build_model
from core.training.checkpoints import RunPlace, find_weights, read_weights
from core.training.fit import count_tiles
from core.training.network import NormalisedNetwork
from core.workspace.files import write_atomic

_NONE = 255
INDEX_FILE = "index.csv"


@dataclass(frozen=True, slots=True)
class ImageToPredict:
    """One image.

    Attributes:
        name: POSIX path without suffix, relative: what its files are called.
        read: Gives `(H, W, 3)` uint8; raises `DatasetError`.
        compare: Dice of each class against a reference mask; None where there is no reference.
    """

    name: str
    read: Callable[[], NDArray[np.uint8]]
    compare: Callable[[LabelMask], PerClass] | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What was predicted: images written, and those that could not be read."""

    images: int
    problems: tuple[Problem, ...]


def open_predictors(
    recipe: RecipeSpec, classes: PredictionClasses, folds: Sequence[FoldRecord], place: RunPlace, device: str
) -> list[Predictor]:
    """The trained networks of a run, one a fold that has an epoch behind it.

    Raises:
        TrainingError: No fold has.
    """
    predictors = []
    channels = find_channels(classes, folds[0].classes) if folds else ()
    for fold in folds:
        if not list(place.fold(fold.fold).glob("epoch-*.safetensors")):
            continue
        plain = recipe.model.model_copy(update={"weights": "none", "weights_file": None})
        built = build_model(plain, len(channels), fold.bands)
        built.network.load_state_dict(read_weights(find_weights(place.fold(fold.fold))))
        target = torch.device("cuda:0" if device == "cuda" else device)
        predictors.append(
            Predictor(
                network=NormalisedNetwork(built).to(target),
                head=fold.head,
                channels=channels,
                class_count=len(classes.names),
                device=target,
                tiles=count_tiles(recipe),
                batch=recipe.batch,
            )
        )
    if not predictors:
        raise TrainingError("This run has no trained fold yet; let its first epoch end.")
    return predictors


def find_channels(classes: PredictionClasses, scored: Sequence[str]) -> tuple[int, ...]:
    """Positions, among the classes of a run, that the channels of its models stand for."""
    if classes.head == "multiclass":
        return tuple(range(len(classes.names)))
    return tuple(classes.names.index(name) for name in scored)


def apply_run(
    predictors: Sequence[Predictor],
    recipe: RecipeSpec,
    bands: int,
    classes: PredictionClasses,
    images: Sequence[ImageToPredict],
    folder: Path,
    report: Callable[[int, int, str], None],
    should_stop: Callable[[], bool],
) -> Applied:
    """Predict images and write their files; an image that cannot be read becomes a problem.

    Args:
        predictors: The networks; their probabilities are averaged.
        recipe: What they were trained by.
        bands: Bands that they take.
        classes: What their answers stand for.
        images: The images.
        folder: Where to.
        report: Told (images done, images in all, sentence).
        should_stop: Asked before each image.

    Raises:
        CancelledError: `should_stop` said so; what is written stays.
        WorkspaceError: The folder cannot be written.
        DatasetError: No image could be read.
    """
    write_classes(folder, classes)
    rows: list[tuple[object, ...]] = []
    problems: list[Problem] = []
    names = keep_apart({(image.name, 0): image.name for image in images})
    for done, image in enumerate(images):
        if should_stop():
            raise CancelledError(f"Stopped after {done} of {len(images)} images; what is written is kept.")
        report(done, len(images), "Predicting")
        try:
            pixels = image.read()
        except DatasetError as error:
            problems.append(Problem(image.name, str(error), "Repair or remove the image, and predict again."))
            continue
        prediction = _predict(predictors, recipe, bands, pixels)
        name = names[image.name, 0]
        _write(folder, name, classes, prediction)
        rows.append(_describe(name, prediction, image, classes))
    if not rows:
        raise DatasetError(f"No image could be read. {problems[0].file}: {problems[0].problem}")
    write_atomic(folder / INDEX_FILE, _encode_index(rows, classes))
    report(len(images), len(images), "")
    return Applied(len(rows), tuple(problems))


def _predict(
    predictors: Sequence[Predictor], recipe: RecipeSpec, bands: int, pixels: NDArray[np.uint8]
) -> Prediction:
    small = resize_image(pixels, recipe.image_size, bands)
    for predictor in predictors:
        predictor.network.eval()
    mean = np.mean([predict_probabilities(predictor, small) for predictor in predictors], axis=0)
    height, width = pixels.shape[:2]
    return decide(predictors[0], resize_probabilities(mean.astype(np.float32), height, width))


def _write(folder: Path, name: str, classes: PredictionClasses, prediction: Prediction) -> None:
    mask = prediction.mask
    if mask.overlapping:
        for position, class_name in enumerate(classes.names):
            layer = mask.region(position)
            if layer.any():
                safe = class_name.replace("/", "_")
                write_atomic(folder / "masks" / safe / f"{name}.png", _encode(layer.astype(np.uint8) * 255))
    else:
        stored = np.where(mask.pixels == VOID_POSITION, _NONE, mask.pixels).astype(np.uint8)
        write_atomic(folder / "masks" / f"{name}.png", _encode(stored))
    for part, values in (("confidence", prediction.confidence), ("entropy", prediction.entropy)):
        write_atomic(folder / part / f"{name}.png", _encode(np.rint(values * 255).astype(np.uint8)))


def _describe(
    name: str, prediction: Prediction, image: ImageToPredict, classes: PredictionClasses
) -> tuple[object, ...]:
    dice = image.compare(prediction.mask) if image.compare else {}
    pixels = [int(prediction.mask.region(position).sum()) for position in range(len(classes.names))]
    scores = ["" if (score := dice.get(item)) is None else f"{score:.6f}" for item in classes.names]
    height, width = prediction.mask.shape
    sure, entropy = float(prediction.confidence.mean()), float(prediction.entropy.mean())
    return (name, height, width, f"{sure:.6f}", f"{entropy:.6f}", *pixels, *scores)


def _encode_index(rows: Sequence[Sequence[object]], classes: PredictionClasses) -> bytes:
    text = io.StringIO()
    head = ["image", "height", "width", "confidence", "entropy"]
    head += [f"pixels: {name}" for name in classes.names] + [f"dice: {name}" for name in classes.names]
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue().encode("utf-8", "surrogateescape")


def _encode(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
