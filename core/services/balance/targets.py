"""The target vector: defaults, presets, files, and what speaks against it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core import balancing
from core.domain.balance import BalanceSpec, ClassTarget, PixelPresetName, PresetName
from core.domain.label_table import LabelTable
from core.errors import AppError, TargetError


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready-made target vector with the reason to choose it."""

    title: str
    explanation: str
    targets: tuple[ClassTarget, ...]


def presets(table: LabelTable) -> dict[PresetName, Preset]:
    """S1's target vectors for this dataset."""
    return {
        name: Preset(preset.title, preset.explanation, tuple(preset.build(table)))
        for name, preset in balancing.PRESETS.items()
    }


def pixel_presets(pixels: LabelTable) -> dict[PixelPresetName, Preset]:
    """Targets of pixel shares to begin with."""
    return {
        name: Preset(preset.title, preset.explanation, tuple(preset.build(pixels)))
        for name, preset in balancing.PIXEL_PRESETS.items()
    }


def default_spec(table: LabelTable) -> BalanceSpec:
    """Where a person starts: rare classes up, χ² drift, γ̂ = 0.02, as many images as now."""
    return BalanceSpec(targets=presets(table)["rare-up"].targets)


def find_refusals(table: LabelTable, spec: BalanceSpec) -> list[str]:
    """Why the balancer would refuse, as sentences; empty when it would not."""
    try:
        balancing.check_spec(table, spec)
    except AppError as error:
        return [str(error)]
    return []


def find_warnings(table: LabelTable, spec: BalanceSpec) -> list[str]:
    """What can be solved, and is likely not what was meant, as sentences."""
    return balancing.find_warnings(table, spec)


def advice(table: LabelTable, spec: BalanceSpec) -> list[str]:
    """S1's advice on the chosen target, as sentences."""
    return balancing.target_advice(table, spec.targets)


def write_target(spec: BalanceSpec) -> str:
    """The target vector as JSON, class name → share; with the weight where it is not 1.

    For both quantities it is an object with such an object under "presence" and "pixels".
    """
    presence, pixels = _describe(spec.targets), _describe(spec.pixel_targets)
    parts = {"presence": presence, "pixels": pixels, "both": {"presence": presence, "pixels": pixels}}
    return json.dumps(parts[spec.quantity], indent=2, ensure_ascii=False)


def _describe(targets: Sequence[ClassTarget]) -> dict[str, object]:
    return {
        item.name: item.share if item.weight == 1 else {"share": item.share, "weight": item.weight}
        for item in targets
    }


def read_target(text: str, table: LabelTable) -> tuple[ClassTarget, ...]:
    """Read a target vector: JSON, class name → share in [0, 1]; a class left out keeps its original share.

    In the place of a share may stand `{"share": 0.4, "weight": 10}`: the class's squared miss then counts ten
    times.

    Raises:
        TargetError: it is not such an object, names an unknown class, a share is no number from 0 to 1, or a
            weight no number above 0.
    """
    try:
        shares = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TargetError(f"The target is not JSON ({error}); write it as {_example(table)}.") from error
    if not isinstance(shares, Mapping):
        raise TargetError(f"The target must be one JSON object, class name → share: {_example(table)}.")
    unknown = [name for name in shares if name not in table.class_names]
    if unknown:
        raise TargetError(
            f"The target names {_quote(unknown)}, which this dataset does not have; its classes are "
            f"{_quote(table.class_names)}."
        )
    original = dict(zip(table.class_names, table.shares.tolist(), strict=True))
    return tuple(_read_target(name, shares.get(name, original[name])) for name in table.class_names)


def _read_target(name: str, value: object) -> ClassTarget:
    if not isinstance(value, Mapping):
        return ClassTarget(name=name, share=_read_share(name, value))
    if "share" not in value or not set(value) <= {"share", "weight"}:
        raise TargetError(
            f'The target of {name!r} is {dict(value)!r}; write a share, or {{"share": 0.4, "weight": 10}}.'
        )
    weight = value.get("weight", 1.0)
    is_number = isinstance(weight, int | float) and not isinstance(weight, bool)
    if not (is_number and math.isfinite(weight) and weight > 0):
        raise TargetError(f"The weight of {name!r} is {weight!r}; it must be a number above 0.")
    return ClassTarget(name=name, share=_read_share(name, value["share"]), weight=weight)


def _read_share(name: str, share: object) -> float:
    if isinstance(share, bool) or not isinstance(share, int | float) or not math.isfinite(share):
        raise TargetError(f"The target of {name!r} is {share!r}; it must be a number from 0 to 1.")
    if not 0 <= share <= 1:
        hint = f" If {share:g} % was meant, write {share / 100:g}." if 1 < share <= 100 else ""
        raise TargetError(
            f"The target of {name!r} is {share:g}; a share of images lies between 0 and 1.{hint}"
        )
    return float(share)


def _example(table: LabelTable) -> str:
    return json.dumps({table.class_names[0] if table.class_names else "class": 0.4}, ensure_ascii=False)


def _quote(names: Sequence[str]) -> str:
    listed = [repr(name) for name in names]
    return ", ".join(listed[:20]) + (f" and {len(listed) - 20} more" if len(listed) > 20 else "")
