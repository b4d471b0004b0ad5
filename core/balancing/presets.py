"""Target vectors to begin with, and what S1 advises about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.balance import ClassTarget, PixelPresetName, PresetName
from core.domain.label_table import LabelTable

RARE_STEP = 0.125
RARE_REGULARISED = 0.95
_COSTLY_ESS = 0.6


@dataclass(frozen=True, slots=True)
class Preset:
    """A way to choose T: its `title` and `explanation` for people, and `build` from a table to targets."""

    title: str
    explanation: str
    build: Callable[[LabelTable], tuple[ClassTarget, ...]]


def find_rare(table: LabelTable) -> NDArray[np.bool_]:
    """`(C,)` which classes are rare: they occur, in fewer than half as many images as the median class does.

    The median is taken over the classes that occur. With the marginals of S1 these are soft exudate, fresh
    coagulates and pigmented coagulates, the three that its authors raise.
    """
    shares = table.shares
    occurs = shares > 0
    if not occurs.any():
        return occurs
    return occurs & (shares < 0.5 * float(np.median(shares[occurs])))


def target_advice(table: LabelTable, targets: Sequence[ClassTarget]) -> list[str]:
    """S1's advice on how far a share can be moved, in sentences; empty where all targets are near enough.

    To bring a share from p to T, whatever the other classes do, costs at least `χ² = (T−p)²/(p(1−p))`, so
    that at most `1/(1+χ²)` of the images remain as effective sample size. That is a bound for each class
    alone: classes moved together cost more.
    """
    original = dict(zip(table.class_names, table.shares, strict=True))
    return [
        sentence
        for item in targets
        if item.name in original
        and (sentence := _advise(item.name, float(original[item.name]), item.share)) is not None
    ]


def bound_ess(original: float, target: float) -> float:
    """Greatest effective sample size, as a share of N, at which one class's share can be `target`."""
    if original in (0.0, 1.0):
        return 1.0 if target == original else 0.0
    return 1.0 / (1.0 + (target - original) ** 2 / (original * (1.0 - original)))


def _advise(name: str, original: float, target: float) -> str | None:
    if original in (0.0, 1.0) or bound_ess(original, target) >= _COSTLY_ESS:
        return None
    up = target > original
    copies = target / original if up else (1.0 - target) / (1.0 - original)
    gentle = _find_gentle(original, up)
    return (
        f"{'Raising' if up else 'Lowering'} '{name}' from {100 * original:.1f} % to {100 * target:.1f} % "
        f"takes {copies:.1f} copies of each image {'with' if up else 'without'} it on average, and leaves at "
        f"most {100 * bound_ess(original, target):.1f} % of the effective sample size. "
        f"{'Up' if up else 'Down'} to about {100 * gentle:.1f} % usually takes few duplicates."
    )


def _find_gentle(original: float, up: bool) -> float:
    """The share that S1 calls reachable: 12.5 points away, or less where even that would be costly."""
    reach = min(RARE_STEP, float(np.sqrt((1.0 / _COSTLY_ESS - 1.0) * original * (1.0 - original))))
    return original + reach if up else original - reach


def _build(table: LabelTable, shares: NDArray[np.float64]) -> tuple[ClassTarget, ...]:
    """Targets for all classes; one that never occurs can only stay at 0."""
    reachable = np.where(table.shares > 0, np.clip(shares, 0.0, 1.0), 0.0)
    return tuple(
        ClassTarget(name=name, share=float(share))
        for name, share in zip(table.class_names, reachable, strict=True)
    )


def _build_rare(table: LabelTable, raised: NDArray[np.float64]) -> tuple[ClassTarget, ...]:
    return _build(table, np.where(find_rare(table), raised, table.shares))


PRESETS: dict[PresetName, Preset] = {
    "ones": Preset(
        "All ones",
        "Every class in every image. Seldom reachable; the balance then comes as near as the images allow.",
        lambda table: _build(table, np.ones(len(table.class_names))),
    ),
    "original": Preset(
        "Original shares",
        "Every class as often as now: nothing changes until you move a target.",
        lambda table: _build(table, table.shares),
    ),
    "rare-up": Preset(
        "Rare up",
        "Rare classes 12.5 percentage points above their original share, the rest as now. For little drift.",
        lambda table: _build_rare(table, table.shares + RARE_STEP),
    ),
    "rare-up-regularised": Preset(
        "Rare up, with drift",
        "Rare classes pulled towards 95 %, the rest as now. For a price of drift that keeps duplicates few.",
        lambda table: _build_rare(table, np.maximum(table.shares, RARE_REGULARISED)),
    ),
}


def _build_rare_pixels(table: LabelTable, factor: float) -> tuple[ClassTarget, ...]:
    return _build(table, np.where(find_rare(table), factor * table.shares, table.shares))


PIXEL_PRESETS: dict[PixelPresetName, Preset] = {
    "original": Preset(
        "Original shares",
        "Every class as many pixels as now: nothing changes until you move a target.",
        lambda table: _build(table, table.shares),
    ),
    "rare-half-more": Preset(
        "Rare, half as much again",
        "Classes of few pixels at 1.5 times their original share, the rest as now. For little drift.",
        lambda table: _build_rare_pixels(table, 1.5),
    ),
    "rare-doubled": Preset(
        "Rare doubled",
        "Classes of few pixels at twice their original share, the rest as now.",
        lambda table: _build_rare_pixels(table, 2.0),
    ),
}
"""A pixel share is raised by a factor: steps in percentage points mean something else for each class."""
