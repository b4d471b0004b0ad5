"""Settings that all models of an experiment take over; what is left empty stays as each recipe has it."""

from collections.abc import Sequence

import streamlit as st

from core.domain.recipe import RecipeSpec
from core.domain.recipe_settings import apply_settings
from core.services import training
from pages._ui.words import listed

_OWN = "each its own"


def draw(kind: str, recipes: Sequence[RecipeSpec]) -> list[RecipeSpec]:
    """The fields; returns the recipes as they would be trained.

    Args:
        kind: Of the experiment, for the keys.
        recipes: The recipes of the papers.

    Raises:
        RecipeError: A recipe would break a rule.
    """
    first, second, third = st.columns(3)
    with first:
        epochs = _number(kind, "epochs", "Epochs", 1, 10_000)
    with second:
        batch = _number(kind, "batch", "Batch", 1, 4096)
    with third:
        side = _number(kind, "image_size", "Side, px", 16, 8192)
    left, right = st.columns(2)
    with left:
        encoder = _encoder(kind, recipes)
    with right:
        random = st.selectbox(
            "First weights",
            [False, True],
            format_func=lambda value: "Random" if value else "Each its own",
            key=f"train.{kind}.random",
            help="ImageNet weights come from the Hugging Face hub, once.",
            persist_state="session",
        )
    settings = [f"{key}={value}" for key, value in (("epochs", epochs), ("batch", batch)) if value]
    return [_adapt(recipe, settings, side, encoder, bool(random)) for recipe in recipes]


def _number(kind: str, key: str, label: str, least: int, most: int) -> int | None:
    return st.number_input(
        label,
        least,
        most,
        value=None,
        step=1,
        placeholder=_OWN,
        key=f"train.{kind}.{key}",
        persist_state="session",
    )


def _encoder(kind: str, recipes: Sequence[RecipeSpec]) -> str | None:
    own = list(dict.fromkeys(recipe.model.encoder for recipe in recipes if recipe.model.encoder))
    return st.selectbox(
        "Encoder",
        list(dict.fromkeys([*own, "resnet18", "resnet34", *training.list_encoders()])),
        index=None,
        placeholder=_OWN,
        key=f"train.{kind}.encoder",
        accept_new_options=True,
        help=f"For the models that have one, in place of {listed(own)}. The hand-built networks have none.",
        persist_state="session",
    )


def _adapt(
    recipe: RecipeSpec, settings: Sequence[str], side: int | None, encoder: str | None, random: bool
) -> RecipeSpec:
    changes = list(settings)
    if side:
        changes.append(f"image_size={side}")
        if recipe.tile:  # as many tiles as the paper has
            changes.append(f"tile={max(16, side * recipe.tile // recipe.image_size)}")
    if encoder and recipe.model.encoder:
        changes.append(f"encoder={encoder}")
    if random and recipe.model.weights != "none":
        changes.append("weights=none")
    return apply_settings(recipe, changes)
