"""The settings of one recipe: the three that everybody changes, all others in a drawer."""

from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

import streamlit as st

from core.domain.recipe import HAND_BUILT, AugmentSpec, RecipeSpec
from core.domain.recipe_settings import find_field, read_setting, setting_description
from core.services import training
from pages._ui.words import figure

_FIRST: Final = ("epochs", "batch", "image_size")
_GROUPS: Final = {
    "Network": ("architecture", "encoder", "weights", "in_channels", "head"),
    "Images": ("tile", "epoch_share", "workers"),
    "Loss": ("loss", "class_weights"),
    "Steps": (
        "optimiser", "lr", "weight_decay", "schedule", "patience",
        "early_stopping", "accumulate", "clip_norm",
    ),
    "Arithmetic": ("precision", "seed", "deterministic"),
}  # fmt: skip
_LABELS: Final = {
    "batch": "Batch", "image_size": "Side, px", "tile": "Tile side, px",
    "epoch_share": "Share of an epoch", "in_channels": "Input channels", "lr": "Learning rate",
    "clip_norm": "Clip gradients at", "early_stopping": "Stop early after",
    "accumulate": "Accumulate, batches",
    "optimiser": "Optimiser", "weights": "First weights", "workers": "Loader processes",
    "patience": "Patience, epochs",
}  # fmt: skip
_NO_VALUE: Final = {
    "in_channels": "auto",
    "tile": "not cut",
    "early_stopping": "never",
    "clip_norm": "no",
}
_LOSSES: Final = ("bce", "focal", "jaccard", "dice")
_ENCODERS: Final = (
    "resnet18", "resnet34", "resnet50", "efficientnet-b0", "efficientnet-b3", "efficientnet-b4",
    "mobilenet_v2", "densenet121", "tu-xception65", "tu-convnext_tiny", "mit_b0", "mit_b2",
)  # fmt: skip
_AUGMENT: Final = "augment."


def draw(recipe: RecipeSpec) -> list[str]:
    """The fields of a recipe; returns the settings that differ from it, as `apply_settings` takes them."""
    changed: dict[str, str] = {}
    for cell, key in zip(st.columns(3), _FIRST, strict=True):
        with cell:
            changed |= _ask(recipe, key)
    held = st.session_state.get(f"train.{recipe.id}.drawer_title", "Advanced")
    with st.expander(held, key=f"train.{recipe.id}.drawer"):
        for title, keys in _GROUPS.items():
            st.caption(title)
            for pair in [keys[start : start + 2] for start in range(0, len(keys), 2)]:
                for cell, key in zip(st.columns(2), pair, strict=False):
                    with cell:
                        changed |= _ask(recipe, key, changed)
        st.caption("Augmentation of every training image")
        changed |= _ask_augmentation(recipe)
    _keep_title(recipe, changed)
    return [f"{key}={value}" for key, value in changed.items()]


def _keep_title(recipe: RecipeSpec, changed: dict[str, str]) -> None:
    """The drawer's title says what in it differs; a title that has changed shows at once."""
    inside = [f"{key.removeprefix(_AUGMENT).replace('_', ' ')} {value}" for key, value in changed.items()]
    inside = [words for key, words in zip(changed, inside, strict=True) if key not in _FIRST]
    title = " · ".join(["Advanced", *inside])
    if st.session_state.get(f"train.{recipe.id}.drawer_title", "Advanced") != title:
        st.session_state[f"train.{recipe.id}.drawer_title"] = title
        st.rerun()


def _ask(recipe: RecipeSpec, key: str, changed: dict[str, str] | None = None) -> dict[str, str]:
    """One field; empty where it is as the recipe has it."""
    if key == "encoder":
        return _ask_encoder(recipe, (changed or {}).get("architecture", recipe.model.architecture))
    if key == "weights":
        return _ask_weights(recipe)
    if key == "loss":
        return _ask_loss(recipe)
    before = read_setting(recipe, key)
    value = _field(recipe, key, before)
    return {} if value == before else {key: _spell(value)}


def _field(recipe: RecipeSpec, key: str, before: Any) -> Any:
    """A widget that fits the field's type and bounds."""
    found = find_field(key)
    kinds = _kinds(found.annotation)
    shared: dict[str, Any] = {"key": f"train.{recipe.id}.{key}", "persist_state": "session"}
    label = _LABELS.get(key, key.removeprefix(_AUGMENT).replace("_", " ").capitalize())
    hint = f"{found.description}."
    if bool in kinds:
        return st.checkbox(label, before, help=hint, **shared)
    if not {int, float} & kinds.keys():
        options = [choice for choice in kinds if choice != "given" or before == "given"]
        return st.selectbox(label, options, options.index(before), help=hint, **shared)
    number: type[int] | type[float] = float if float in kinds else int
    least = next((number(rule.ge) for rule in found.metadata if hasattr(rule, "ge")), None)
    most = next((number(rule.le) for rule in found.metadata if hasattr(rule, "le")), None)
    return st.number_input(
        label,
        least,
        most,
        value=before,
        step=1 if number is int else _step(before),
        format=None if number is int else "%g",
        placeholder=_NO_VALUE.get(key),
        help=hint,
        **shared,
    )


def _kinds(annotation: Any) -> dict[Any, None]:
    """Types and literal choices of a field, in order; None left out."""
    if get_origin(annotation) is Literal:
        return dict.fromkeys(get_args(annotation))
    if inner := get_args(annotation):
        return {kind: None for part in inner for kind in _kinds(part) if kind is not NoneType}
    return {annotation: None}


def _step(before: float | None) -> float:
    """A tenth of the value's own power of ten: 0.001 for 0.008."""
    return 10.0 ** int(f"{before:e}".partition("e")[2]) if before else 0.01


def _ask_encoder(recipe: RecipeSpec, architecture: str) -> dict[str, str]:
    before = recipe.model.encoder
    if architecture in HAND_BUILT:
        return {"encoder": "none"} if before else {}
    options = list(dict.fromkeys([*([before] if before else []), *_ENCODERS, *training.list_encoders()]))
    value = st.selectbox(
        "Encoder",
        options,
        index=0 if before else options.index("resnet34"),
        key=f"train.{recipe.id}.encoder",
        accept_new_options=True,
        help="smp's names, or timm's after “tu-”; type any. A name that nobody knows is refused before the "
        "start, with the likeliest instead.",
        persist_state="session",
    )
    return {} if value == before else {"encoder": value}


def _ask_weights(recipe: RecipeSpec) -> dict[str, str]:
    kinds = {"imagenet": "ImageNet", "none": "Random", "file": "A file"}
    before = recipe.model.weights
    value = st.selectbox(
        _LABELS["weights"],
        list(kinds),
        index=list(kinds).index(before),
        format_func=kinds.__getitem__,
        key=f"train.{recipe.id}.weights",
        help="ImageNet weights come from the Hugging Face hub, once. Without a way to it choose random ones, "
        "or a file: safetensors, or a PyTorch file of tensors alone.",
        persist_state="session",
    )
    if value != "file":
        return {} if value == before else {"weights": value}
    path = st.text_input("Weights file", key=f"train.{recipe.id}.weights_file", persist_state="session")
    return {"weights": path} if path else {}


def _ask_loss(recipe: RecipeSpec) -> dict[str, str]:
    before = [term.kind for term in recipe.loss.terms]
    value = st.multiselect(
        "Loss, summed",
        _LOSSES,
        default=before,
        key=f"train.{recipe.id}.loss",
        help=f"{setting_description('loss')}. Formulas are in docs/metrics.md.",
        persist_state="session",
    )
    return {} if set(value) == set(before) or not value else {"loss": "+".join(value)}


def _ask_augmentation(recipe: RecipeSpec) -> dict[str, str]:
    changed: dict[str, str] = {}
    names = list(AugmentSpec.model_fields)
    for pair in [names[start : start + 2] for start in range(0, len(names), 2)]:
        for cell, name in zip(st.columns(2, vertical_alignment="bottom"), pair, strict=False):
            with cell:
                changed |= _ask(recipe, f"{_AUGMENT}{name}")
    return changed


def _spell(value: Any) -> str:
    """A value as `key=value` has it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return figure(value) if isinstance(value, float) and float(figure(value)) == value else str(value)
