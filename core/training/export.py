"""A trained network as files that other programs read: weights with all that is needed to use them.

A safetensors file holds the weights under the names of segmentation_models_pytorch, and in its header, as
JSON under `model`, what `describe_model` says. docs/training.md has the lines that load it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import save

from core.domain.recipe import HeadKind, RecipeSpec
from core.domain.training import FoldRecord, TrainRequest
from core.errors import TrainingError
from core.inference.predictions import PredictionClasses
from core.models.building import BuiltModel, build_model, describe_smp
from core.training.apply import find_channels
from core.training.checkpoints import VDICE, Best, RunPlace, find_weights, name_class, read_best, read_weights
from core.workspace.files import replacing


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """The network of one fold as it was at its best.

    Attributes:
        built: The network, in evaluation mode on the CPU, and its normalisation.
        recipe: What it was trained by.
        head: How its logits are meant.
        names: The K classes that its channels stand for.
        bands: Bands of its images.
        fold: Counted from 1.
        best: The epoch, and the score that made it the best.
        best_for: `vDice`, or the name of the class that the score is the Dice of.
    """

    built: BuiltModel
    recipe: RecipeSpec
    head: HeadKind
    names: tuple[str, ...]
    bands: int
    fold: int
    best: Best
    best_for: str


def open_trained(
    request: TrainRequest,
    classes: PredictionClasses,
    folds: Sequence[FoldRecord],
    place: RunPlace,
    fold: int | None = None,
    class_name: str | None = None,
) -> TrainedModel:
    """The best network of a fold, for all classes or for one.

    Args:
        request: What the run was asked.
        classes: The run's classes.
        folds: The folds that it has begun.
        place: Where its checkpoints are.
        fold: Counted from 1; None takes the one with the best score.
        class_name: Whose Dice decides which epoch is the best; None: vDice.

    Raises:
        TrainingError: There is no such fold or class, or it is not trained yet.
    """
    if class_name is not None and folds and class_name not in folds[0].classes:
        raise TrainingError(
            f"The run has no class “{class_name}”; choose one of {', '.join(folds[0].classes)}."
        )
    what = VDICE if class_name is None else name_class(class_name)
    record, best = _choose_fold(folds, place, fold, what)
    channels = find_channels(classes, record.classes)
    recipe = request.recipe
    plain = recipe.model.model_copy(update={"weights": "none", "weights_file": None})
    built = build_model(plain, len(channels), record.bands)
    built.network.load_state_dict(read_weights(find_weights(place.fold(record.fold), what)))
    built.network.eval()
    names = tuple(classes.names[channel] for channel in channels)
    best_for = class_name or VDICE
    return TrainedModel(built, recipe, record.head, names, record.bands, record.fold, best, best_for)


def describe_model(
    model: TrainedModel, request: TrainRequest, run: str, app_version: str
) -> dict[str, object]:
    """What another program must know of a network, ready for JSON.

    `smp` holds the arguments of `smp.create_model`, and is None for the hand-built networks; `model`, a
    `core.domain.recipe.ModelSpec`, describes both kinds. `mean` and `std` are of values in 0..1.
    """
    spec, recipe = model.recipe.model, model.recipe
    channels, bands = len(model.names), model.bands
    return {
        "smp": None if spec.hand_built else describe_smp(spec, channels, bands),
        "model": spec.model_dump(mode="json", exclude={"weights", "weights_file"}),
        "classes": list(model.names),
        "head": model.head,
        "bands": bands,
        "image_size": recipe.image_size,
        "tile": recipe.tile,
        "mean": list(model.built.mean),
        "std": list(model.built.std),
        "recipe": recipe.id,
        "run": run,
        "fold": model.fold,
        "epoch": model.best.epoch,
        "best_for": model.best_for,
        "score": model.best.score,
        "dataset": request.dataset.name,
        "fingerprint": request.fingerprint,
        "app_version": app_version,
    }


def export_weights(model: TrainedModel, description: dict[str, object], file: Path) -> None:
    """Write the weights, with their description in the header.

    Raises:
        WorkspaceError: The file cannot be written.
    """
    state = model.built.network.state_dict()
    weights = {name: tensor.contiguous() for name, tensor in state.items()}
    with replacing(file) as temporary:
        # Not save_file: it makes files that only their owner may read.
        temporary.write_bytes(save(weights, {"model": json.dumps(description, ensure_ascii=False)}))


def _choose_fold(
    folds: Sequence[FoldRecord], place: RunPlace, fold: int | None, what: str
) -> tuple[FoldRecord, Best]:
    """A fold with its best epoch; of several the one with the best score, of equals the first."""
    numbers = [record.fold for record in folds]
    if fold is not None and fold not in numbers:
        begun = ", ".join(map(str, numbers)) or "none"
        raise TrainingError(f"The run has no fold {fold}; these have begun: {begun}.")
    asked = [record for record in folds if fold is None or record.fold == fold]
    bests = [(record, read_best(place.fold(record.fold)).get(what)) for record in asked]
    trained = [(record, best) for record, best in bests if best is not None]
    if not trained:
        where = "the run" if fold is None else f"fold {fold}"
        raise TrainingError(
            f"There are no weights of {where} for {what.removeprefix(name_class(''))} yet; let its first "
            "epoch end."
        )
    return max(trained, key=lambda item: item[1].score)
