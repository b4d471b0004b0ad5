"""What `recipes`, `runs`, `show` and `compare` answer: as plain objects, and as text."""

import math
import time
from collections.abc import Sequence
from typing import Any

from core.domain.training import EpochRecord, FoldRecord, TrainRequest
from core.errors import RunError
from core.models.recipes import RECIPES
from core.services import comparison, training
from core.services.comparison import VDICE, ComparedRun
from core.services.training import TrainingRun, WatchedRun


def recipes_report() -> list[dict[str, Any]]:
    """`recipes --json`: every recipe whole, with its paper and what that leaves open."""
    return [recipe.model_dump(mode="json") for recipe in RECIPES.values()]


def recipes_text() -> str:
    """A line a recipe."""
    width = max(map(len, RECIPES))
    return "\n".join(
        f"{recipe.id:<{width}}  {recipe.title}: {recipe.loss.title}, {recipe.optimiser.kind} "
        f"{recipe.optimiser.lr:g}, {recipe.epochs} epochs, batch {recipe.batch}, {recipe.image_size} px"
        for recipe in RECIPES.values()
    )


def run_report(run: TrainingRun) -> dict[str, Any]:
    """One line of `runs --json`; times are seconds since the epoch, UTC."""
    request = run.request
    return {
        "id": run.id,
        "title": request.title,
        "state": run.progress.state,
        "message": run.progress.message,
        "dataset": request.dataset.name,
        "plan": request.plan.name if request.plan else None,
        "recipe": request.recipe.id,
        "device": request.device,
        "experiment": request.experiment or None,
        "created": run.created,
        "place_in_queue": run.place or None,
    }


def runs_text(runs: Sequence[TrainingRun]) -> str:
    """A line a run, the latest first."""
    if not runs:
        return "No training run yet. Start one: counterpoise train DATASET --recipe s1"
    return "\n".join(
        f"{run.id}  {run.progress.state:<11}  {time.strftime('%Y-%m-%d %H:%M', time.gmtime(run.created))} UTC"
        f"  {run.request.title}"
        for run in runs
    )


def show_report(seen: WatchedRun) -> dict[str, Any]:
    """`show --json`: state, and every epoch of every fold; a class that is absent has null figures."""
    epochs = seen.history.epochs
    last = epochs[-1] if epochs else None
    return {
        **run_report(seen.run),
        "pid": seen.pid,
        "fold": seen.step.fold if seen.step else (last.fold if last else None),
        "epoch": seen.step.epoch if seen.step else (last.epoch if last else None),
        "epochs": seen.run.request.recipe.epochs,
        "folds": seen.run.request.split.folds or 1,
        "step": seen.step.model_dump() if seen.step else None,
        "seconds": seen.run.progress.seconds,
        "folder": str(seen.folder),
        "log_tail": seen.run.progress.log_tail,
        "parts": [_describe_fold(record) for record in seen.history.folds],
        "history": [_describe_epoch(record) for record in epochs],
        "request": seen.run.request.model_dump(mode="json"),
    }


def show_text(seen: WatchedRun) -> str:
    """A run in a few lines."""
    run, epochs = seen.run, seen.history.epochs
    lines = [f"{run.request.title} ({run.id}): {run.progress.state}"]
    if run.progress.message:
        lines.append(run.progress.message)
    if seen.step is not None:
        step = seen.step
        lines.append(
            f"fold {step.fold} of {step.folds}, epoch {step.epoch} of {step.epochs}, step {step.step} of "
            f"{step.steps}, {step.images_per_second:.3g} images/s on {step.device}"
        )
    if epochs:
        last = epochs[-1]
        scores = ", ".join(f"{name} {_percent(value)}" for name, value in last.validation.dice.items())
        lines.append(
            f"fold {last.fold}, epoch {last.epoch}: vDice {_percent(last.validation.vdice)} ({scores}), loss "
            f"{_number(last.train.loss)} on training images, {_number(last.validation.loss)} held out"
        )
    return "\n".join(lines)


def compare_report(runs: Sequence[ComparedRun]) -> dict[str, Any]:
    """`compare --json`: best vDice and Dice per class of each run, differences of specs, and verdicts."""
    classes = comparison.find_classes(runs)
    pairs = [(runs[0], other) for other in runs[1:]]
    verdicts = [verdict for one, other in pairs if (verdict := comparison.judge(one, other)) is not None]
    return {
        "runs": [
            {
                "id": run.id,
                "title": run.title,
                "best": {name: _describe_best(run, name) for name in (VDICE, *classes)},
            }
            for run in runs
        ],
        "differences": _records(comparison.find_differences({run.id: run.request for run in runs})),
        "verdicts": [
            {
                "difference": verdict.difference,
                "spread": verdict.spread,
                "certain": verdict.certain,
                "sentence": verdict.sentence,
            }
            for verdict in verdicts
        ],
        "alarms": [
            {
                "run": alarm.run,
                "class": alarm.name,
                "fold": alarm.fold,
                "best": alarm.collapse.best,
                "best_epoch": alarm.collapse.best_epoch + 1,
                "last": alarm.collapse.last,
            }
            for alarm in comparison.find_alarms(runs)
        ],
        "s1": _records(comparison.s1_table(runs)),
        "s2": _records(comparison.s2_table(runs)),
        "s3": _records(comparison.s3_table(runs)),
    }


def compare_text(runs: Sequence[ComparedRun]) -> str:
    """The best Dice of each class, and what may be said of the differences."""
    table = comparison.s1_table(runs)
    report = compare_report(runs)
    lines = [table.to_string(index=False, float_format=lambda value: f"{value:.4f}", na_rep="n/a")]
    lines += [verdict["sentence"] for verdict in report["verdicts"]]
    lines += [
        f"{alarm['class']} collapsed in fold {alarm['fold']} of {alarm['run']}: best {alarm['best']:.3f} at "
        f"epoch {alarm['best_epoch']}, {alarm['last']:.3f} at the end. Take the weights of its best epoch."
        for alarm in report["alarms"]
    ]
    return "\n".join(lines)


def read_spec_file(text: str, where: str) -> TrainRequest:
    """The request in a JSON file.

    Raises:
        RunError: It is no such file, and why.
    """
    try:
        return TrainRequest.model_validate_json(text)
    except ValueError as error:
        first = str(error).splitlines()
        raise RunError(
            f"{where} is no training spec ({first[0]}); `counterpoise show RUN --json` prints one under "
            "request."
        ) from error


def follow_line(run_id: str) -> tuple[str, bool]:
    """One line on a run at work, and whether it is over."""
    seen = training.watch(run_id)
    return f"{run_id}: {show_text(seen).splitlines()[-1]}", seen.run.progress.over


def _describe_fold(record: FoldRecord) -> dict[str, Any]:
    return record.model_dump(exclude={"kind"})


def _describe_epoch(record: EpochRecord) -> dict[str, Any]:
    return {
        "fold": record.fold,
        "epoch": record.epoch,
        "train_loss": record.train.loss,
        "val_loss": record.validation.loss,
        "vdice": record.validation.vdice,
        "dice": record.validation.dice,
        "iou": record.validation.iou,
        "lr": record.lr,
        "seconds": record.seconds,
        "images_per_second": record.images_per_second,
        "train": record.train.model_dump(),
        "validation": record.validation.model_dump(),
    }


def _describe_best(run: ComparedRun, name: str) -> dict[str, Any] | None:
    best = comparison.find_best_epoch(run, name)
    if best is None:
        return None
    return {"value": best.value, "epoch": best.epoch, "spread": best.spread, "folds": best.folds}


def _records(table: Any) -> list[dict[str, Any]]:
    """A table as JSON objects; what is missing is null."""
    return [
        {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
        for row in table.to_dict(orient="records")
    ]


def _percent(share: float | None) -> str:
    return "n/a" if share is None else f"{100 * share:.1f} %"


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3g}"
