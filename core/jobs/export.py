"""Writing a trained model for other programs, as a background job: torch is only there."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.domain.training import ExportRequest, TrainRequest
from core.errors import AppError, CancelledError
from core.formats.whole import read_display, scan_dataset
from core.inference.predictions import read_classes
from core.runs.folder import find_run
from core.runs.history import read_history, read_request
from core.workspace.paths import dataset_id, workspace

if TYPE_CHECKING:
    from core.training.export_onnx import OnnxCheck

_IMAGES = 4  # real images that the answers are compared on


def run_export(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Write what `arguments["request"]`, an `ExportRequest` in JSON, asks for."""
    asked = ExportRequest.model_validate_json(arguments["request"])
    run = find_run(asked.run)
    request, history = read_request(run), read_history(run)
    classes = read_classes(run.path / "predictions")
    report(0, 0, "Loading torch")
    from core.training.checkpoints import RunPlace  # seconds to load
    from core.training.export import describe_model, export_weights, open_trained
    from core.training.export_onnx import export_onnx

    place = RunPlace.of(run.path)
    model = open_trained(request, classes, history.folds, place, asked.fold, asked.class_name)
    description = describe_model(model, request, run.id, asked.app_version)
    said = [
        f"Fold {model.fold}, epoch {model.best.epoch}: the best for {model.best_for}, {model.best.score:.4f}."
    ]
    result = {"description": json.dumps(description)}
    if asked.safetensors is not None:
        report(0, 0, "Writing the weights")
        export_weights(model, description, asked.safetensors)
        result["safetensors"] = str(asked.safetensors)
    if asked.onnx is not None:
        report(0, 0, "Reading images to compare with")
        images, note = _read_images(request, model.bands, report, should_stop)
        report(0, 0, "Writing ONNX, and comparing its answers")
        check = export_onnx(model, description, images, asked.onnx)
        said += [_describe_check(check, request.recipe.input_size), *note]
        result |= {"onnx": str(asked.onnx), "check": json.dumps(asdict(check))}
    return {**result, "message": " ".join(said)}


def _describe_check(check: "OnnxCheck", side: int) -> str:
    from core.training.export_onnx import OPSET, TOLERANCE

    sizes = f"images of {side} x {side} pixels only"
    if check.any_size:
        step = f"images with sides of any multiple of {check.stride} pixels"
        sizes = "images of any size" if check.stride == 1 else step
    return (
        f"ONNX opset {OPSET}, {sizes}; compared with torch on {check.random_images} random and "
        f"{check.real_images} real images: probabilities differ by at most {check.probabilities:.1e}, logits "
        f"by {check.logits:.1e} of the largest (tolerance {TOLERANCE:g} each), {check.decisions:.2%} of the "
        "decisions."
    )


def _read_images(
    request: TrainRequest,
    bands: int,
    report: Callable[[int, int, str], None],
    should_stop: Callable[[], bool],
) -> tuple[list[NDArray[np.uint8]], list[str]]:
    """A few images of the dataset at training size, spread over it, and what to say if there are none."""
    from core.data.resized import resize_image

    cache = workspace().dataset(dataset_id(request.dataset.root)) / "counts.cache"
    side = request.recipe.input_size
    try:
        dataset = scan_dataset(
            request.dataset,
            cache,
            lambda done, total: report(done, total, "Checking the dataset"),
            should_stop,
        )
        samples = [sample for sample in dataset.samples if sample.image is not None]
        chosen = samples[:: max(1, len(samples) // _IMAGES)][:_IMAGES]
        images = [
            resize_image(read_display(dataset.spec, sample), request.recipe.image_size, bands)
            for sample in chosen
        ]
    except CancelledError:
        raise
    except AppError as error:  # it may lie elsewhere by now; the model is there all the same
        return [], [f"No real image could be read: {error}"]
    return [np.ascontiguousarray(image[:side, :side]) for image in images], []
