"""What the balance page says of a balance, in sentences, with the formula behind each number."""

import numpy as np
from numpy.typing import NDArray

from core.domain.balance import BalanceSpec
from core.services.balance import WholeBalance
from pages._ui.words import count, figure, share

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
    """The worst class's miss in percentage points.

    >>> from core.domain.balance import ClassTarget
    >>> miss(np.array([0.5]), BalanceSpec(targets=(ClassTarget(name="disc", share=0.504),)))
    'disc misses its target most, by 0.4 percentage points'
    """
    target = np.array([item.share for item in spec.targets])
    off = np.abs(shares - target)
    worst = int(off.argmax())
    if off[worst] < 5e-4:
        return "every class meets its target"
    return f"{spec.targets[worst].name} misses its target most, by {100 * off[worst]:.1f} percentage points"


def cost(shares: NDArray[np.float64], ess: float, spec: BalanceSpec, images: int) -> str:
    """What the dial costs: shares and effective sample size of the proved optimum."""
    return (
        f"At the optimum: effective sample {share(ess)} ({count(ess * images)} of {count(images)} images); "
        f"{miss(shares, spec)}."
    )


def numbers(whole: WholeBalance, ess: float, images: int, worst: float) -> list[dict[str, str]]:
    """The six numbers under the state line, each with its formula.

    Args:
        whole: The whole copies.
        ess: Effective sample size of the continuous solution, share of N.
        images: N.
        worst: Largest miss of a class by the continuous solution, share of images.
    """
    ess_words = f"{HELP_ESS} Now {share(ess)}; in whole copies {share(whole.ess)}."
    return [
        {"value": f"{100 * worst:.1f} points", "label": "worst miss", "help": HELP_MISS},
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
