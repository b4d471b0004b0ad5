"""What is said of training runs: states, how far, what they were asked."""

from typing import TYPE_CHECKING, Final

from core.domain.training import StepRecord, TrainRequest
from core.services import comparison
from core.services.comparison import ComparedRun
from core.services.training import TrainingRun, WatchedRun
from pages._ui import tables
from pages._ui.words import count, counted, duration, figure

if TYPE_CHECKING:
    from core.services.runs import RunProgress

ICONS: Final = {
    "queued": ":material/schedule:",
    "running": ":material/play_circle:",
    "finished": ":material/check_circle:",
    "failed": ":material/error:",
    "cancelled": ":material/stop_circle:",
    "interrupted": ":material/power_off:",
}
_STATES: Final = {
    "queued": "Waiting",
    "running": "At work",
    "finished": "Finished",
    "failed": "Failed",
    "cancelled": "Stopped",
    "interrupted": "Interrupted",
}
_STAGES: Final = {
    "preparing": "preparing",
    "training": "training",
    "validating": "validating",
    "predicting": "predicting the held-out images",
}


def name_state(run: TrainingRun, *, short: bool = False) -> str:
    """The state in a word or two; a waiting run says its place and, unless `short`, what it waits for."""
    words = _STATES[run.progress.state]
    if run.progress.state != "queued" or not run.place:
        return words
    where = "" if short else f" in the queue for {name_device(run.request.device)}"
    return f"{words}, number {run.place}{where}"


def name_device(device: str) -> str:
    """A device in words.

    >>> name_device("cpu"), name_device("cuda"), name_device("cuda:1")
    ('the CPU', 'the GPU', 'GPU 1')
    """
    return {"cpu": "the CPU", "cuda": "the GPU"}.get(device, f"GPU {device.rpartition(':')[2]}")


def count_epochs(progress: "RunProgress") -> str:
    """How many epochs of all folds are done, once that is known."""
    return f"{count(progress.done)} of {counted(progress.total, 'epoch')}" if progress.total else ""


def describe_step(step: StepRecord) -> str:
    """Where a run is.

    >>> describe_step(StepRecord(
    ...     fold=1, folds=3, epoch=2, epochs=10, step=4, steps=19, stage="training", images_per_second=8.0,
    ...     loss=0.4, lr=0.008, memory_bytes=10, device="CPU", time=0.0))
    'Fold 1 of 3 · epoch 2 of 10 · training, step 4 of 19'
    """
    where = f"Fold {step.fold} of {step.folds} · epoch {step.epoch} of {step.epochs}"
    if step.stage == "preparing":
        return f"{where} · preparing"
    return f"{where} · {_STAGES[step.stage]}, step {count(step.step)} of {count(step.steps)}"


def step_figures(step: StepRecord | None) -> dict[str, str]:
    """The live figures by name; a dash where there is none just now."""
    known = step is not None and step.stage != "preparing"
    if step is None or not known:
        return dict.fromkeys(("Images/s", "Time left", "Memory", "Loss", "Learning rate"), "–")
    return {
        "Images/s": figure(step.images_per_second),
        "Time left": duration(step.eta) if step.eta is not None else "–",
        "Memory": tables.file_size(step.memory_bytes) if step.memory_bytes else "–",
        "Loss": figure(step.loss) if step.loss is not None else "–",
        "Learning rate": f"{step.lr:.3g}" if step.lr else "–",
    }


def run_figures(seen: WatchedRun) -> dict[str, str]:
    """The figures of a run that is over, by name."""
    epochs = seen.history.epochs
    best = comparison.find_best_epoch(ComparedRun(seen.run.id, seen.run.request, seen.history))
    figures = dict.fromkeys(("Best vDice", "At epoch", "Images/s", "Peak memory", "Trained for"), "–")
    if best is not None:
        figures |= {"Best vDice": f"{best.value:.3f}", "At epoch": count(best.epoch)}
    if epochs:
        speed = sum(record.images_per_second for record in epochs) / len(epochs)
        figures["Images/s"] = figure(speed)
        figures["Peak memory"] = tables.file_size(max(record.memory_bytes for record in epochs))
        figures["Trained for"] = duration(sum(record.seconds for record in epochs))
    return figures


def describe_request(request: TrainRequest) -> list[str]:
    """What was asked, a line each."""
    recipe, split = request.recipe, request.split
    model = recipe.model
    network = f"{model.architecture} on {model.encoder}" if model.encoder else model.architecture
    sides = f"{recipe.image_size} px" + (f" in tiles of {recipe.tile} px" if recipe.tile else "")
    folds = f"{split.folds} folds" if split.folds else f"{100 * split.holdout:g} % held out"
    return [
        f"Dataset {request.dataset.name}, {request.plan.name if request.plan else 'the images as they are'}",
        f"{recipe.title} ({recipe.id}): {network}, {model.weights} weights, {sides}, batch {recipe.batch}, "
        f"{counted(recipe.epochs, 'epoch')}",
        f"Loss {recipe.loss.title}; {recipe.optimiser.kind}, learning rate {recipe.optimiser.lr:g}, "
        f"{recipe.schedule.kind}",
        f"{folds}, split seed {split.seed}, recipe seed {recipe.seed}; on {name_device(request.device)}",
    ]


def button_start(runs: int) -> str:
    """What the primary button says.

    >>> button_start(1), button_start(3)
    ('Start 1 run', 'Start 3 runs')
    """
    return f"Start {counted(runs, 'run')}"
