"""Changing a recipe by `key=value`, as the command line and the page's form do."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from core.domain.recipe import AugmentSpec, RecipeSpec
from core.errors import RecipeError

SETTINGS: dict[str, str] = {
    "epochs": "epochs",
    "batch": "batch",
    "image_size": "image_size",
    "tile": "tile",
    "epoch_share": "epoch_share",
    "architecture": "model.architecture",
    "encoder": "model.encoder",
    "weights": "model.weights",
    "in_channels": "model.in_channels",
    "head": "head",
    "loss": "loss.terms",
    "class_weights": "loss.class_weights.kind",
    "lr": "optimiser.lr",
    "optimiser": "optimiser.kind",
    "weight_decay": "optimiser.weight_decay",
    "schedule": "schedule.kind",
    "patience": "schedule.patience",
    "augment": "augment",
    "early_stopping": "early_stopping",
    "accumulate": "accumulate",
    "clip_norm": "clip_norm",
    "precision": "precision",
    "seed": "seed",
    "deterministic": "deterministic",
    "workers": "workers",
}
"""Short keys and the fields they stand for; the fields' own dotted names (`optimiser.beta1`) may be used."""

_FIXED = ("id", "title", "paper", "assumptions", "model.weights_file")
_NONE = "none"
_NONE_IS_A_CHOICE = ("model.norm", "loss.class_weights.kind")  # elsewhere it empties the field
_LISTS = ("model.decoder_channels", "model.channels", "loss.class_weights.values")


def apply_settings(recipe: RecipeSpec, settings: Sequence[str]) -> RecipeSpec:
    """A recipe with some of its fields changed.

    Args:
        recipe: The recipe to start from.
        settings: `key=value` each; keys are those of `SETTINGS`, or dotted field names. `none` empties a
            field that may be empty. `weights` takes `imagenet`, `none` or a file, `loss` a sum of kinds
            (`bce+dice`), `augment` only `none`.

    Raises:
        RecipeError: A setting is not of that form, its key is unknown, or the recipe would break a rule.
    """
    content = recipe.model_dump()
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator or not value.strip():
            raise RecipeError(f"“{setting}” is not a setting; write key=value, e.g. epochs=20.")
        _put(content, key.strip(), value.strip())
    try:
        changed = RecipeSpec.model_validate(content)
    except ValidationError as error:
        raise RecipeError(_describe(recipe.id, error)) from error
    return _rename(changed, recipe)


def _rename(changed: RecipeSpec, before: RecipeSpec) -> RecipeSpec:
    """A title names the network; that of another network would mislead."""
    model = changed.model
    if (model.architecture, model.encoder) == (before.model.architecture, before.model.encoder):
        return changed
    network = f"{model.architecture} on {model.encoder}" if model.encoder else model.architecture
    return changed.model_copy(update={"title": network[:120]})


def setting_description(key: str) -> str:
    """What a key of `SETTINGS` stands for, in the words of its field.

    >>> setting_description("batch")
    'Images (or tiles) a step'
    """
    return find_field(key).description or ""


def find_field(key: str) -> FieldInfo:
    """The field that a key of `SETTINGS`, or a dotted name, stands for: its type, bounds and description."""
    *parents, name = SETTINGS.get(key, key).split(".")
    model: type[BaseModel] = RecipeSpec
    for parent in parents:
        model = _field_model(model, parent)
    return model.model_fields[name]


def read_setting(recipe: RecipeSpec, key: str) -> Any:
    """The value of a recipe under a key of `SETTINGS`, or a dotted name.

    >>> from core.domain.recipe import ModelSpec
    >>> read_setting(RecipeSpec(id="a", title="a", model=ModelSpec(architecture="plain-unet")), "lr")
    0.001
    """
    value: Any = recipe
    for name in SETTINGS.get(key, key).split("."):
        value = getattr(value, name)
    return value


def _field_model(model: type[BaseModel], name: str) -> type[BaseModel]:
    annotation = model.model_fields[name].annotation
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        raise KeyError(name)
    return annotation


def _put(content: dict[str, Any], key: str, value: str) -> None:
    path = SETTINGS.get(key, key)
    known = {*_leaves(content), *SETTINGS.values()}
    if path not in known or path in _FIXED:
        raise RecipeError(_describe_unknown(key, known))
    if path == "model.weights":
        content["model"] |= _read_weights(value)
        return
    *parents, name = path.split(".")
    for parent in parents:
        content = content[parent]
    content[name] = _read_value(path, value)


def _read_value(path: str, value: str) -> Any:
    if path == "loss.terms":
        return [{"kind": kind.strip()} for kind in value.split("+")]
    if path == "augment":
        if value != _NONE:
            raise RecipeError(
                "augment takes only “none”, which turns it off; its parts are set one by one, e.g. "
                "augment.horizontal_flip=true."
            )
        return AugmentSpec().model_dump()
    if path in _LISTS and value != _NONE:
        return value.split(",")
    return None if value == _NONE and path not in _NONE_IS_A_CHOICE else value


def _read_weights(value: str) -> dict[str, object]:
    if value in ("imagenet", _NONE):
        return {"weights": value, "weights_file": None}
    return {"weights": "file", "weights_file": Path(value).expanduser().absolute()}


def _leaves(content: dict[str, Any], prefix: str = "") -> list[str]:
    names = []
    for name, value in content.items():
        names += _leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else [f"{prefix}{name}"]
    return names


def _describe_unknown(key: str, known: set[str]) -> str:
    near = get_close_matches(key, [*SETTINGS, *sorted(known - set(_FIXED))], n=1)
    hint = f" Did you mean “{near[0]}”?" if near else ""
    return f"A recipe has no setting “{key}”.{hint} The settings are {', '.join(SETTINGS)}."


def _describe(recipe_id: str, error: ValidationError) -> str:
    names = {path: key for key, path in SETTINGS.items()}
    sentences = []
    for fault in error.errors():
        path = ".".join(str(part) for part in fault["loc"] if not isinstance(part, int))
        reason = fault["msg"].removeprefix("Value error, ")
        reason = reason[0].lower() + reason[1:]
        if fault["type"] == "value_error":  # a rule of our own, which names the fields itself
            sentences.append(reason)
            continue
        given = "none" if fault["input"] is None else fault["input"]
        sentences.append(f"{names.get(path, path)}={given}: {reason}")
    return f"The recipe {recipe_id} cannot be changed so: {'; '.join(sentences)}."
