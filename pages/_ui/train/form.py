"""What is trained: one recipe on some plans, or one of the papers' experiments."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.recipe_settings import apply_settings
from core.domain.training import TrainRequest
from core.errors import TrainingError
from core.services import training
from pages._ui import cache
from pages._ui.train import device as train_device
from pages._ui.train import settings, shared
from pages._ui.train import split as train_split
from pages._ui.words import escaped

if TYPE_CHECKING:
    from core.domain.recipe import RecipeSpec
    from core.domain.scan import ScannedDataset
    from core.domain.training import PlanChoice
    from core.services.balance import PlanEntry

_ONE, _S1, _S2, _S3 = "one", "s1", "s2", "s3"
_KINDS: Final = {
    _ONE: "One recipe",
    _S1: "S1: original against balanced, three sets",
    _S2: "S2: five models",
    _S3: "S3: four models",
}
_AS_THEY_ARE: Final = ""  # in place of a plan's id
_PLANS, _PLAN = "train.plans", "train.plan"


def draw(dataset_id: str) -> list[TrainRequest]:
    """The fields; returns what would be started.

    Raises:
        AppError: It cannot be trained as asked.
    """
    dataset = cache.dataset(dataset_id)
    entries = {entry.id: entry for entry in cache.plans(dataset_id)}
    _take_asked_plan(entries)
    kind = st.selectbox(
        "What to train",
        list(_KINDS),
        format_func=_KINDS.__getitem__,
        key="train.kind",
        persist_state="session",
    )
    if kind == _ONE:
        return _one(dataset_id, dataset, entries)
    if kind == _S1:
        return _s1(dataset_id, dataset, entries)
    return _models(dataset_id, dataset, entries, kind)


def _take_asked_plan(entries: "dict[str, PlanEntry]") -> None:
    """The plan that the address asks for (`?plan=`, from the Balance page); others that are gone go."""
    asked = st.query_params.pop("plan", None)
    if asked in entries:
        st.session_state[_PLANS] = [asked]
        st.session_state[_PLAN] = asked
    elif held := st.session_state.get(_PLANS):
        st.session_state[_PLANS] = [plan for plan in held if plan in entries or plan == _AS_THEY_ARE]


def _one(dataset_id: str, dataset: "ScannedDataset", entries: "dict[str, PlanEntry]") -> list[TrainRequest]:
    chosen = st.multiselect(
        "Trained on",
        [_AS_THEY_ARE, *entries],
        default=[_AS_THEY_ARE],
        format_func=lambda plan: _name_plan(entries, plan),
        key=_PLANS,
        help="One run a plan. The plan's settings are solved anew on each fold's training part.",
        placeholder="Choose a plan, or the images as they are",
        persist_state="session",
    )
    recipe = _choose_recipe(_ONE)
    split = train_split.draw(dataset_id, _ONE, crossed=False)
    device = train_device.draw()
    if not chosen:
        raise TrainingError("Choose at least one plan, or “the images as they are”.")
    return [
        training.build_request(dataset, recipe, split, _find_plan(dataset, entries, plan), device)
        for plan in chosen
    ]


def _s1(dataset_id: str, dataset: "ScannedDataset", entries: "dict[str, PlanEntry]") -> list[TrainRequest]:
    st.caption("The images as they are, balanced with γ = 0, and balanced with the plan's own γ: three runs.")
    with_drift = [key for key, entry in entries.items() if entry.summary.spec.drift.value > 0]
    if not with_drift:
        raise TrainingError(
            "The S1 experiment needs a kept plan with γ above 0; keep one on the Balance page first."
        )
    plan = st.selectbox(
        "Plan",
        with_drift,
        format_func=lambda key: _name_plan(entries, key),
        key=_PLAN,
        persist_state="session",
    )
    recipe = _choose_recipe(_S1)
    split = train_split.draw(dataset_id, _S1, crossed=True)
    device = train_device.draw()
    chosen = _find_plan(dataset, entries, plan)
    return training.build_s1(dataset, chosen, recipe, split, device) if chosen else []


def _models(
    dataset_id: str, dataset: "ScannedDataset", entries: "dict[str, PlanEntry]", kind: str
) -> list[TrainRequest]:
    names = training.S2_RECIPES if kind == _S2 else training.S3_RECIPES
    plan = st.selectbox(
        "Trained on",
        [_AS_THEY_ARE, *entries],
        format_func=lambda key: _name_plan(entries, key),
        key=_PLAN,
        persist_state="session",
    )
    recipes = shared.draw(kind, [training.RECIPES[name] for name in names])
    split = train_split.draw(dataset_id, kind, crossed=False)
    device = train_device.draw()
    build = training.build_s2 if kind == _S2 else training.build_s3
    return build(dataset, split, _find_plan(dataset, entries, plan), device, recipes)


def _choose_recipe(kind: str) -> "RecipeSpec":
    """A recipe of the papers with its settings; what it says of itself folds away."""
    names: Sequence[str] = list(training.RECIPES)
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    name = left.selectbox(
        "Recipe",
        names,
        format_func=lambda key: f"{training.RECIPES[key].title} ({key})",
        key=f"train.{kind}.recipe",
        persist_state="session",
    )
    recipe = training.RECIPES[name]
    with right.popover("About", type="tertiary"):
        st.markdown(f"**{escaped(recipe.title)}**  \n{escaped(recipe.paper)}")
        st.markdown("What the paper leaves open, and what is taken:")
        st.markdown("\n".join(f"- {escaped(item)}" for item in recipe.assumptions))
    return apply_settings(recipe, settings.draw(recipe))


def _name_plan(entries: "dict[str, PlanEntry]", plan: str) -> str:
    return entries[plan].name if plan in entries else "The images as they are"


def _find_plan(dataset: "ScannedDataset", entries: "dict[str, PlanEntry]", plan: str) -> "PlanChoice | None":
    return training.choose_plan(entries[plan].summary, dataset) if plan in entries else None
