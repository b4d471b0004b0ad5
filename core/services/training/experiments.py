"""The papers' experiments: several runs that are started, queued and compared together."""

import time
from collections.abc import Sequence
from uuid import uuid4

from core.domain.recipe import AugmentSpec, RecipeSpec
from core.domain.scan import ScannedDataset
from core.domain.training import PlanChoice, SplitSpec, TrainRequest
from core.errors import TrainingError
from core.models.recipes import RECIPES
from core.services.training.requests import build_request

S2_RECIPES = ("s2-unet1", "s2-unet2", "s2-unet3", "s2-linknet", "s2-unet4")
S3_RECIPES = ("s3-unet", "s3-efficientunet-b0", "s3-efficientunet-b4")


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
    chosen = recipes or [RECIPES[name] for name in S2_RECIPES]
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
    chosen = list(recipes or [RECIPES[name] for name in S3_RECIPES])
    bare = chosen[0].model_copy(update={"augment": AugmentSpec()})
    titles = [(f"{chosen[0].title}, no augmentation", bare), *((item.title, item) for item in chosen)]
    return [
        build_request(dataset, recipe, split, plan, device, f"S3 · {title}", experiment)
        for title, recipe in titles
    ]


def _name_experiment(kind: str) -> str:
    return f"{kind}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{uuid4().hex[:4]}"
