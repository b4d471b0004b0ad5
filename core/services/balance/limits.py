"""Settings as a person typed them: what breaks a rule is a sentence, whatever sent it."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from core.domain.balance import Bounds, DescentSettings, Drift
from core.errors import TargetError

_NAMES = {
    "total": "B, images in the balanced set",
    "max_copies": "M, most copies of one image",
    "lr": "lr, the learning rate",
    "beta1": "β₁",
    "beta2": "β₂",
    "eps": "ε",
    "steps": "The step limit",
    "start_constant": "The start factor",
    "value": "The price of drift",
}
# What `Drift.value` is called where it is a wish and no price.
_DIALS = {"min_ess": "The least effective sample", "max_copies": "M, most copies of one image"}
_RULES = {
    "greater_than": "above {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "below {lt:g}",
    "less_than_equal": "at most {le:,}",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "finite",
}
_MOST_WEIGHT = 1e9

Spec = TypeVar("Spec", Bounds, DescentSettings, Drift)


def read_bounds(values: Mapping[str, Any]) -> Bounds:
    """Size, cap and floor from `Bounds`' fields by name.

    Raises:
        TargetError: one of them breaks its rule.
    """
    return _read(Bounds, values)


def read_descent(values: Mapping[str, Any]) -> DescentSettings:
    """Adam's settings from `DescentSettings`' fields by name.

    Raises:
        TargetError: one of them breaks its rule.
    """
    return _read(DescentSettings, values)


def read_drift(values: Mapping[str, Any]) -> Drift:
    """How duplicates are held back, from `Drift`'s fields by name.

    Raises:
        TargetError: one of them breaks its rule.
    """
    return _read(Drift, values, _DIALS.get(str(values.get("strength"))))


def read_share(name: str, value: object) -> float:
    """A target as it was typed, already divided by a hundred.

    Raises:
        TargetError: it is no number from 0 to 1.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        what = f"is “{value}”, which is no number" if value else "is empty, or no finite number"
        raise TargetError(f"The target of {name} {what}. Type a percentage from 0 to 100.")
    if not 0 <= value <= 1:
        raise TargetError(
            f"The target of {name} is {100 * value:g} %; a share lies between 0 and 100 %. Correct it."
        )
    return float(value)


def read_weight(name: str, value: object) -> float:
    """A class weight as it was typed.

    Raises:
        TargetError: it is no number above 0.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _MOST_WEIGHT:
        raise TargetError(
            f"The weight of {name} is “{value}”; it is a number above 0 and at most {_MOST_WEIGHT:,.0f}. "
            "Correct it; 1 lets the class count as usual."
        )
    return float(value)


def _read(kind: Callable[..., Spec], values: Mapping[str, Any], dial: str | None = None) -> Spec:
    try:
        return kind(**values)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        name = (field == "value" and dial) or _NAMES.get(field, field)
        rule = _RULES.get(first["type"], "a number").format(**first.get("ctx", {}))
        raise TargetError(f"{name} is {first['input']}; it must be {rule}. Correct it.") from error
