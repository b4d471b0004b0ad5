"""Training runs whose histories are written, not trained."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.events import RunEvent
from core.domain.recipe import ModelSpec, RecipeSpec
from core.domain.training import EpochRecord, FoldRecord, MetricsRecord, PlanChoice, SplitSpec, TrainRequest
from core.runs.folder import create_run
from core.runs.history import append_record

CLASSES = ("disc", "vessels")
FoldCurves = Sequence[Mapping[str, Sequence[float | None]]]
"""For each fold, the Dice of each class over the epochs; None where the class is absent."""


def ask(
    title: str = "run",
    recipe_id: str = "s1",
    epochs: int = 4,
    folds: int | None = 2,
    experiment: str = "",
    plan: PlanChoice | None = None,
    dataset: DatasetSpec | None = None,
    **changes: object,
) -> TrainRequest:
    recipe = RecipeSpec.model_validate(
        {
            "id": recipe_id,
            "title": recipe_id,
            "model": ModelSpec(architecture="plain-unet"),
            "epochs": epochs,
            **changes,
        }
    )
    return TrainRequest(
        title=title,
        experiment=experiment,
        dataset=dataset or describe(),
        fingerprint="none",
        plan=plan,
        recipe=recipe,
        split=SplitSpec(folds=folds),
    )


def describe(root: Path = Path("/nowhere")) -> DatasetSpec:
    return DatasetSpec(
        name="retina",
        root=root,
        format="index",
        folders=(FolderPair(images="images", masks="masks"),),
        classes=tuple(ClassSpec(key=str(key), name=name) for key, name in enumerate(CLASSES, 1)),
    )


def write_run(request: TrainRequest, curves: FoldCurves, state: str = "finished") -> str:
    """A run that has said what `curves` say; returns its id."""
    folder = create_run("train", {"request": request.model_dump_json(), "device": "cpu"})
    done = sum(max((len(curve) for curve in fold.values()), default=0) for fold in curves)
    total = request.recipe.epochs * (request.split.folds or 1)
    for kind in ("started", state):
        folder.append(
            RunEvent.model_validate(
                {"time": 1000.0, "kind": kind, "done": done, "total": total, "message": "It said so."}
            )
        )
    for number, fold in enumerate(curves, start=1):
        append_record(folder, describe_fold(number, request.split.folds or 1, tuple(fold)))
        for epoch in range(max((len(curve) for curve in fold.values()), default=0)):
            dice = {name: curve[epoch] for name, curve in fold.items()}
            append_record(folder, describe_epoch(number, epoch + 1, request.recipe.epochs, dice))
    return folder.id


def describe_fold(number: int, folds: int, classes: tuple[str, ...] = CLASSES) -> FoldRecord:
    return FoldRecord(
        fold=number,
        folds=folds,
        classes=classes,
        head="multiclass",
        train_images=10,
        train_items=14,
        validation_images=5,
        duplicates=4,
        parameters=1000,
        weights="random weights",
        device="CPU",
        notes=("vessels occurs in 1 of the 3 groups only, so some part must lack it.",),
    )


def describe_epoch(fold: int, epoch: int, epochs: int, dice: Mapping[str, float | None]) -> EpochRecord:
    """Figures of the held-out part; those of the training part are a tenth better."""
    return EpochRecord(
        fold=fold,
        epoch=epoch,
        epochs=epochs,
        train=describe_metrics({k: None if v is None else min(1.0, v + 0.1) for k, v in dice.items()}),
        validation=describe_metrics(dice),
        lr=0.001,
        seconds=30.0,
        images_per_second=12.0,
        memory_bytes=10**9,
        time=1000.0 + epoch,
    )


def describe_metrics(dice: Mapping[str, float | None]) -> MetricsRecord:
    known = [value for value in dice.values() if value is not None]
    iou = {name: None if value is None else value / (2 - value) for name, value in dice.items()}
    overlaps = [value for value in iou.values() if value is not None]
    mean = math.fsum(known) / len(known) if known else None
    return MetricsRecord(
        loss=None if mean is None else 1 - mean,
        dice=dict(dice),
        iou=iou,
        precision=dict(dice),
        recall=dict(dice),
        dice_images=dict(dice),
        iou_images=iou,
        vdice=mean,
        vdice_images=mean,
        mean_iou=math.fsum(overlaps) / len(overlaps) if overlaps else None,
        iou_variance=0.0,
        accuracy=0.9,
    )
