"""What is said of a kept plan."""

import math

from core.domain.balance import BalanceSpec
from core.services import balance
from pages._ui.balance import words as balance_words
from pages._ui.words import count, counted, figure, share

_QUANTITIES = {"presence": "images with the class", "pixels": "share of pixels", "both": "images and pixels"}
_FINE = 0.0005  # pixel shares are small: below this, one decimal of a point says nothing
_DISTANCES = {"squared": "squared", "euclidean": "Euclidean"}


def line(entry: balance.PlanEntry) -> str:
    """A plan in one line."""
    plan = entry.summary
    return " · ".join(
        [
            counted(plan.total, "image"),
            counted(plan.duplicates, "duplicate"),
            f"{count(plan.dropped)} dropped",
            f"effective sample {share(plan.ess)}",
            f"worst miss {points(balance.compute_worst_miss(plan))}",
            f"{moment(plan.created)} UTC",
        ]
    )


def moment(created: str) -> str:
    """A time stamp to the minute.

    >>> moment("2026-11-21T00:40:12+00:00")
    '2026-11-21 00:40'
    """
    return created[:16].replace("T", " ")


def points(value: float) -> str:
    """A difference of shares in percentage points.

    >>> points(0.0042), points(0.00012), points(0.0), points(float("nan"))
    ('0.4 points', '0.012 points', '0 points', 'n/a')
    """
    if not math.isfinite(value):
        return "n/a"
    return f"{100 * value:.1f} points" if value >= _FINE else f"{100 * value:.2g} points"


def rows(entry: balance.PlanEntry) -> dict[str, str]:
    """A plan's figures by their names, for the column of a comparison."""
    plan, spec = entry.summary, entry.summary.spec
    gap = plan.certificate.relative_gap
    return {
        "Images, B": count(plan.total),
        "Duplicates": count(plan.duplicates),
        "Dropped": count(plan.dropped),
        "Most copies of one": count(plan.max_copies),
        "Effective sample": share(plan.ess),
        "Worst miss, whole copies": points(balance.compute_worst_miss(plan)),
        "Distance L": f"{figure(plan.distance)} ({_DISTANCES[spec.distance]})",
        "Gap": balance_words.gap(gap) if math.isfinite(gap) else "n/a",
        "γ": gamma(spec),
        "Caps": caps(spec),
        "Balanced": _QUANTITIES[spec.quantity],
        "Seed": str(plan.seed),
        "Kept, UTC": moment(plan.created),
    }


def gamma(spec: BalanceSpec) -> str:
    """The dial as it was set.

    >>> gamma(BalanceSpec(targets=()))
    'γ̂ 0.02'
    """
    drift = spec.drift
    words = {
        "relative": f"γ̂ {balance_words.dial(drift.value)}",
        "raw": f"γ {balance_words.dial(drift.value)}",
        "min_ess": f"least effective sample {share(drift.value)}",
        "max_copies": f"at most {counted(drift.value, 'copy', 'copies')}",
    }[drift.strength]
    return words if drift.kind == "chi2" else f"{words}, RL as published"


def caps(spec: BalanceSpec) -> str:
    """The bounds on whole copies.

    >>> caps(BalanceSpec(targets=()))
    'none'
    """
    bounds = spec.bounds
    parts = [f"at most {counted(bounds.max_copies, 'copy', 'copies')}"] if bounds.max_copies else []
    parts += ["every original kept"] if bounds.keep_originals else []
    return ", ".join(parts) or "none"
