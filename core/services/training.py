"""Training runs: started, queued, watched, stopped, resumed, deleted. No torch here: workers have it."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from core.domain.recipe import AugmentSpec, RecipeSpec
from core.domain.scan import ScannedDataset
from core.domain.training import PlanChoice, SplitSpec, StepRecord, TrainRequest
from core.errors import RunError, TrainingError
from core.jobs import queue
from core.models.recipes import RECIPES, find_recipe
from core.plans.plan import BalancePlan, read_plan
from core.runs.folder import RunFolder, create_run, find_run, list_runs
from core.runs.history import RunHistory, read_history, read_request, read_step
from core.runs.progress import RunProgress, read_progress
from core.services import settings

__all__ = ["RECIPES", "find_recipe"]

_S2 = ("s2-unet1", "s2-unet2", "s2-unet3", "s2-linknet", "s2-unet4")
_S3 = ("s3-unet", "s3-efficientunet-b0", "s3-efficientunet-b4")
_FRESH = 30.0  # seconds after which a step is no news any more


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One run as lists show it.

    Attributes:
        id: Its id.
        request: What was asked.
        progress: State, message, result.
        created: Seconds since the epoch.
        place: Place in the queue, from 1; 0 for a run that does not wait.
    """

    id: str
    request: TrainRequest
    progress: RunProgress
    created: float
    place: int = 0


@dataclass(frozen=True, slots=True)
class WatchedRun:
    """Everything that a page shows of one run.

    Attributes:
        run: As in lists.
        history: Folds and epochs so far.
        step: The latest step of a run at work; None for others.
        pid: Its process; None where none works.
        folder: Its folder.
    """

    run: TrainingRun
    history: RunHistory
    step: StepRecord | None
    pid: int | None
    folder: Path


def build_request(
    dataset: ScannedDataset,
    recipe: RecipeSpec,
    split: SplitSpec,
    plan: PlanChoice | None = None,
    device: str = "auto",
    title: str = "",
    experiment: str = "",
) -> TrainRequest:
    """A request that can be started.

    Args:
        dataset: The scan.
        recipe: How to train.
        split: Folds, or a hold-out.
        plan: The plan; None trains on the images as they are.
        device: `auto`, `cpu`, `cuda` (all GPUs) or `cuda:N`.
        title: Shown in lists; made of recipe and plan when empty.
        experiment: Shared by runs that belong together.

    Raises:
        TrainingError: The dataset has no masks, or there is no such device.
    """
    if dataset.pixels is None or all(sample.image is None for sample in dataset.samples):
        raise TrainingError(
            f"{dataset.spec.name} has no masks beside images, so a segmentation model cannot learn from it; "
            "open a dataset with images and masks."
        )
    return TrainRequest(
        title=(title or f"{recipe.title} · {plan.name if plan else 'original'}")[:160],
        experiment=experiment,
        dataset=dataset.spec,
        fingerprint=dataset.fingerprint,
        plan=plan,
        recipe=recipe,
        split=split,
        device=choose_device(device),
    )


def choose_device(wish: str) -> str:
    """The device that a wish stands for.

    Raises:
        TrainingError: There is no such device here.
    """
    found = settings.devices()
    gpus = len(found.gpus) if found is not None else None
    if wish == "auto":
        seen = gpus if gpus is not None else int(Path("/proc/driver/nvidia/version").exists())
        return "cuda" if seen else "cpu"
    kind, _, number = wish.partition(":")
    if kind not in ("cpu", "cuda") or (number and not (kind == "cuda" and number.isdigit())):
        raise TrainingError(f"There is no device “{wish}”; choose auto, cpu, cuda or cuda:0.")
    if kind == "cuda" and gpus is not None and int(number or 0) >= gpus:
        raise TrainingError(
            f"There is no {wish} here: {gpus} GPUs were found. Choose cpu, or look for devices again on the "
            "Settings page."
        )
    return wish


def choose_plan(plan: BalancePlan | Path | None, dataset: ScannedDataset) -> PlanChoice | None:
    """A kept plan as a run uses it: its spec alone, which is solved anew for each fold.

    Raises:
        PlanError: The plan cannot be read.
        TrainingError: It was made for another dataset, and names classes that this one lacks.
    """
    if plan is None:
        return None
    found = read_plan(plan) if isinstance(plan, Path) else plan
    names = {item.name for item in dataset.classes}
    missing = [item.name for item in found.spec.targets if item.name not in names]
    if missing:
        raise TrainingError(
            f"The plan “{found.name}” speaks of {missing[0]}, which is no class of {dataset.spec.name}; "
            "choose a plan of this dataset."
        )
    return PlanChoice(name=found.name, spec=found.spec)


def start(request: TrainRequest) -> str:
    """Queue a run, and start it at once if its device is free; returns its id.

    Raises:
        RunError: The queue cannot be reached.
        WorkspaceError: The workspace cannot be written.
    """
    run = create_run("train", {"request": request.model_dump_json(), "device": request.device})
    queue.enqueue(run)
    return run.id


def build_s1(
    dataset: ScannedDataset, plan: PlanChoice, recipe: RecipeSpec, split: SplitSpec, device: str = "auto"
) -> list[TrainRequest]:
    """S1's experiment: the original set, the set balanced with γ = 0, and the set balanced with RL.

    Args:
        dataset: The scan.
        plan: Names T, and γ of the third run.
        recipe: The recipe of all three.
        split: The folds of all three.
        device: As `build_request`.

    Raises:
        TrainingError: As `build_request`, or the plan has γ = 0 itself.
    """
    if plan.spec.drift.value == 0:
        raise TrainingError(
            f"The plan “{plan.name}” has γ = 0, so two of the three sets would be the same; choose a plan "
            "with γ above 0."
        )
    free = plan.spec.drift.model_copy(update={"value": 0.0})
    if free.strength == "min_ess":
        free = free.model_copy(update={"strength": "relative"})
    unheld = PlanChoice(name=f"{plan.name}, γ = 0", spec=plan.spec.model_copy(update={"drift": free}))
    experiment = _name_experiment("s1")
    sets = {"original": None, "balanced, γ = 0": unheld, "balanced with RL": plan}
    return [
        build_request(dataset, recipe, split, choice, device, f"S1 · {title}", experiment)
        for title, choice in sets.items()
    ]


def build_s2(
    dataset: ScannedDataset,
    split: SplitSpec,
    plan: PlanChoice | None = None,
    device: str = "auto",
    recipes: Sequence[RecipeSpec] | None = None,
) -> list[TrainRequest]:
    """S2's comparison: five models on one dataset.

    Raises:
        TrainingError: As `build_request`.
    """
    experiment = _name_experiment("s2")
    chosen = recipes or [RECIPES[name] for name in _S2]
    return [
        build_request(dataset, recipe, split, plan, device, f"S2 · {recipe.title}", experiment)
        for recipe in chosen
    ]


def build_s3(
    dataset: ScannedDataset,
    split: SplitSpec,
    plan: PlanChoice | None = None,
    device: str = "auto",
    recipes: Sequence[RecipeSpec] | None = None,
) -> list[TrainRequest]:
    """S3's comparison: U-Net without and with augmentation, EfficientUNet-b0 and -b4.

    Raises:
        TrainingError: As `build_request`.
    """
    experiment = _name_experiment("s3")
    chosen = list(recipes or [RECIPES[name] for name in _S3])
    bare = chosen[0].model_copy(update={"augment": AugmentSpec()})
    titles = [(f"{chosen[0].title}, no augmentation", bare), *((item.title, item) for item in chosen)]
    return [
        build_request(dataset, recipe, split, plan, device, f"S3 · {title}", experiment)
        for title, recipe in titles
    ]


def list_training() -> list[TrainingRun]:
    """All training runs, the latest first; a damaged one is left out. Moves the queue on where it can."""
    queue.start_waiting()
    places = {run.id: place for place, run in enumerate(queue.list_waiting(), start=1)}
    found = []
    for folder in list_runs("train"):
        try:
            found.append(_describe(folder, places.get(folder.id, 0)))
        except RunError:
            continue
    return sorted(found, key=lambda run: run.created, reverse=True)


def watch(run_id: str) -> WatchedRun:
    """Everything of one run. Moves the queue on where it can.

    Raises:
        RunError: There is no such run.
        WorkspaceError: The id is not one that this program gives.
    """
    queue.start_waiting()
    folder = find_run(run_id)
    places = {run.id: place for place, run in enumerate(queue.list_waiting(), start=1)}
    run = _describe(folder, places.get(run_id, 0))
    step = read_step(folder)
    at_work = run.progress.state == "running"
    worker = folder.find_worker()
    return WatchedRun(
        run=run,
        history=read_history(folder),
        step=step if step is not None and at_work and time.time() - step.time < _FRESH else None,
        pid=worker.pid if worker is not None and at_work else None,
        folder=folder.path,
    )


def stop(run_id: str) -> None:
    """Take a run out of the queue, or ask it to stop after the present batch; its checkpoint is kept.

    Raises:
        RunError: There is no such run.
    """
    queue.cancel(find_run(run_id))


def resume(run_id: str) -> None:
    """Let a run go on from its last checkpoint, when its device is free.

    Raises:
        RunError: There is no such run, it is at work, or it has finished.
    """
    folder = find_run(run_id)
    if read_progress(folder).state == "finished":
        raise RunError(f"The run {run_id} has finished; there is nothing to go on with.")
    queue.enqueue(folder)


def delete(run_id: str) -> None:
    """Remove a run with its checkpoints and predictions.

    Raises:
        RunError: There is no such run, or it is at work.
    """
    folder = find_run(run_id)
    if read_progress(folder).state == "running":
        raise RunError(f"The run {run_id} is at work; stop it first.")
    folder.leave_queue()
    shutil.rmtree(folder.path, ignore_errors=True)


def _describe(folder: RunFolder, place: int) -> TrainingRun:
    spec = folder.read_spec()
    return TrainingRun(folder.id, read_request(folder), read_progress(folder), spec.created, place)


def _name_experiment(kind: str) -> str:
    return f"{kind}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{uuid4().hex[:4]}"
