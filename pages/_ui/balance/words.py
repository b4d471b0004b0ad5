"""What the balance page says of a balance, in sentences, with the formula behind each number."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.balance import BalanceSpec, ClassTarget
from core.services.balance import WholeBalance
from pages._ui.balance.columns import pixel_points
from pages._ui.words import count, figure, share

_NO_MISS, _NO_PIXEL_MISS = 5e-4, 2e-5  # half the last digit shown; a lesion may cover little

HELP_ESS = (
    "Effective sample size: N / (1 + χ²), χ² = Σ (w − p)² / p over the label vectors (Kish). So many images "
    "without duplicates would teach as much. Of the continuous solution; of whole copies: (Σx)² / Σx²."
)
HELP_GAP = (
    "(F − proved bound) / proved bound. The bound comes from the dual problem: no balance can lie below it."
)
HELP_TOTAL = "B = Σ copies over all images, in whole copies."
HELP_DUPLICATES = "Σ max(copies − 1, 0): every copy beyond an image's first, in whole copies."
HELP_DROPPED = "Images with no copy at all, in whole copies."
HELP_MOST = "The largest number of copies of one image, in whole copies."
HELP_MISS = "The largest |share now − target| over the classes, in percentage points of the images."
HELP_PIXEL_MISS = (
    "The largest |share now − target| over the classes, in percentage points of an image’s pixels, in the "
    "mean over the images."
)


def gap(relative: float) -> str:
    """How far above the proved optimum.

    >>> gap(0.0031), gap(2e-7), gap(14.2)
    ('0.3 % above the best possible', 'at the best possible', '15 times the best possible')
    """
    if relative < 5e-4:
        return "at the best possible"
    if relative < 9:
        percent = 100 * relative
        return (
            f"{percent:.1f} % above the best possible"
            if percent < 100
            else (f"{percent:.0f} % above the best possible")
        )
    return f"{count(1 + relative)} times the best possible"


def miss(shares: NDArray[np.float64], spec: BalanceSpec) -> str:
    """The worst class's miss in percentage points; with both quantities, of each.

    >>> from core.domain.balance import ClassTarget
    >>> miss(np.array([0.5]), BalanceSpec(targets=(ClassTarget(name="disc", share=0.504),)))
    'disc misses its target most, by 0.4 percentage points'
    """
    first = {"presence": len(shares), "pixels": 0, "both": len(spec.targets)}[spec.quantity]
    of_images = _worst(shares[:first], spec.targets, _NO_MISS)
    of_pixels = _worst(shares[first:], spec.pixel_targets, _NO_PIXEL_MISS)
    said = []
    if first and of_images:
        said.append(f"{of_images[0]} misses its target most, by {100 * of_images[1]:.1f} percentage points")
    if first < len(shares) and of_pixels:
        name, off = of_pixels
        said.append(f"{name} misses its target of pixels most, by {pixel_points(off)} percentage points")
    return "; ".join(said) or "every class meets its target"


def _worst(
    shares: NDArray[np.float64], targets: Sequence[ClassTarget], least: float
) -> tuple[str, float] | None:
    """The class that is furthest from its target, and how far; None where nobody could see it."""
    if not len(shares):
        return None
    off = np.abs(shares - np.array([item.share for item in targets]))
    worst = int(off.argmax())
    return (targets[worst].name, float(off[worst])) if off[worst] >= least else None


def cost(shares: NDArray[np.float64], ess: float, spec: BalanceSpec, images: int) -> str:
    """What the dial costs: shares and effective sample size of the proved optimum."""
    return (
        f"At the optimum: effective sample {share(ess)} ({count(ess * images)} of {count(images)} images); "
        f"{miss(shares, spec)}."
    )


def numbers(
    whole: WholeBalance, ess: float, images: int, worst: float | None, worst_pixels: float | None
) -> list[dict[str, str]]:
    """The numbers under the state line, each with its formula.

    Args:
        whole: The whole copies.
        ess: Effective sample size of the continuous solution, share of N.
        images: N.
        worst: Largest miss of a class by the continuous solution, share of images; None where not balanced.
        worst_pixels: The same, share of pixels.
    """
    misses = []
    if worst is not None:
        misses.append({"value": f"{100 * worst:.1f} points", "label": "worst miss", "help": HELP_MISS})
    if worst_pixels is not None:
        value = f"{pixel_points(worst_pixels)} points"
        misses.append({"value": value, "label": "worst miss, pixels", "help": HELP_PIXEL_MISS})
    ess_words = f"{HELP_ESS} Now {share(ess)}; in whole copies {share(whole.ess)}."
    return [
        *misses,
        {"value": share(ess), "label": "effective sample", "help": ess_words},
        {
            "value": count(whole.total),
            "label": "images in all",
            "help": f"{HELP_TOTAL} Before: {count(images)}.",
        },
        {"value": count(whole.duplicates), "label": "duplicates", "help": HELP_DUPLICATES},
        {"value": count(whole.dropped), "label": "dropped", "help": HELP_DROPPED},
        {"value": count(whole.max_copies), "label": "most copies", "help": HELP_MOST},
    ]


def dial(value: float) -> str:
    """A setting of the dial as it is read out.

    >>> dial(0.0), dial(0.02)
    ('off', '0.02')
    """
    return "off" if value == 0 else figure(value)
