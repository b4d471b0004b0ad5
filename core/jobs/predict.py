"""Predicting other images with a run's models, as a background job."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.domain.training import PredictRequest
from core.errors import DatasetError, PlanError
from core.formats.folders.listing import join, list_tree, stem
from core.formats.pixels.images import read_display as read_picture
from core.formats.whole import read_display, scan_dataset
from core.inference.comparing import compare_with_reference
from core.inference.keeping_applied import name_predicted
from core.inference.predictions import PredictionClasses, read_classes
from core.runs.folder import find_run
from core.runs.history import read_history, read_request
from core.workspace.guarded import check_readable
from core.workspace.paths import dataset_id, workspace

if TYPE_CHECKING:
    from core.training.apply import ImageToPredict


def run_predict(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Predict what `arguments["request"]`, a `PredictRequest` in JSON, asks for."""
    request = PredictRequest.model_validate_json(arguments["request"])
    run = find_run(request.run)
    recipe, history = read_request(run).recipe, read_history(run)
    _check_folder(request.folder)
    classes = read_classes(run.path / "predictions")
    report(0, 0, "Loading torch")
    from core.training.apply import apply_run, open_predictors  # seconds to load
    from core.training.checkpoints import RunPlace

    place = RunPlace.of(run.path)
    predictors = open_predictors(recipe, classes, history.folds, place, request.device)
    images = _find_images(request, classes, report, should_stop)
    bands = history.folds[0].bands
    applied = apply_run(predictors, recipe, bands, classes, images, request.folder, report, should_stop)
    missing = (
        f" {len(applied.problems)} could not be read: {applied.problems[0].file}" if applied.problems else ""
    )
    return {
        "folder": str(request.folder),
        "images": str(applied.images),
        "message": f"{applied.images} images predicted.{missing}",
    }


def _check_folder(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / "classes.json").exists():
        raise PlanError(f"{folder} holds other files; choose a new or an empty folder.")


def _find_images(
    request: PredictRequest,
    classes: PredictionClasses,
    report: Callable[[int, int, str], None],
    should_stop: Callable[[], bool],
) -> "list[ImageToPredict]":
    from core.training.apply import ImageToPredict

    if request.dataset is None:
        return [
            ImageToPredict(stem(path), partial(_read_picture, request.images, path))
            for path in list_pictures(request.images)
        ]
    cache = workspace().dataset(dataset_id(request.dataset.root)) / "counts.cache"
    dataset = scan_dataset(
        request.dataset, cache, lambda done, total: report(done, total, "Checking the dataset"), should_stop
    )
    found = [sample for sample in dataset.samples if sample.image is not None]
    if not found:
        raise DatasetError(f"{request.images} holds no images to predict.")
    return [
        ImageToPredict(
            name=name_predicted(sample),
            read=partial(read_display, dataset.spec, sample),
            compare=partial(compare_with_reference, dataset, classes, sample) if sample.masks else None,
        )
        for sample in found
    ]


def list_pictures(root: Path) -> list[str]:
    """The pictures of a folder, POSIX and relative; of a file its name.

    Raises:
        DatasetError: There are none.
    """
    if root.is_file():
        return [root.name]
    listing = list_tree(root)
    found = [join(folder, name) for folder in listing.below(".") for name in listing.pictures(folder)]
    if not found:
        raise DatasetError(f"{root} holds no pictures; name the folder of images.")
    return found


def _read_picture(root: Path, path: str) -> NDArray[np.uint8]:
    place = root.parent if root.is_file() else root
    check_readable(place / path, place)
    return read_picture(place / path)
