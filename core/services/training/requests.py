"""What a training run is asked: dataset, recipe, folds, plan, device, checked before anything starts."""

from pathlib import Path

from core.domain.recipe import RecipeSpec
from core.domain.scan import ScannedDataset
from core.domain.training import PlanChoice, SplitSpec, TrainRequest
from core.errors import TrainingError
from core.plans.plan import BalancePlan, read_plan
from core.services import settings


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
    if dataset.depths is not None:
        raise TrainingError(
            f"{dataset.spec.name} is opened as whole volumes, but models here learn from slices; open it "
            "again with slices as samples."
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
