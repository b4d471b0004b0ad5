"""Kept plans side by side: their figures, and what each makes of every class."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.plans.plan import BalancePlan
from core.services.balance.plans import PlanEntry

_SAME = 1e-9  # original shares closer than this are of the same state of the dataset


def plan_figures(entries: Sequence[PlanEntry]) -> pd.DataFrame:
    """One line a plan.

    `ess`, `worst_miss` and `relative_gap` are shares (of N, of the images, of the proved bound);
    `worst_miss` is of the whole copies, `distance` and `relative_gap` of the continuous solution.
    """
    return pd.DataFrame([_figures(entry.summary) for entry in entries])


def compute_worst_miss(plan: BalancePlan) -> float:
    """The largest |achieved − target| over the classes, in whole copies; a share."""
    return max((abs(item.achieved - item.target) for item in plan.classes), default=0.0)


def class_comparison(entries: Sequence[PlanEntry]) -> pd.DataFrame:
    """One line a class; for each plan `NAME target` and `NAME achieved`, then the differences, as shares.

    `NAME − FIRST` is how much more of the images hold the class by a later plan than by the first. There is
    one column `original`, or `NAME original` for each plan where plans are for different states of the
    dataset. NaN where a plan does not balance a class: presence and pixels are lines of their own.
    """
    names = list(dict.fromkeys(item.name for entry in entries for item in entry.summary.classes))
    columns = [_class_columns(entry.summary, names) for entry in entries]
    originals = np.array([column["original"] for column in columns])
    known = pd.DataFrame(originals).bfill().iloc[0].to_numpy() if len(columns) else np.zeros(0)
    same = bool((np.isnan(originals) | (np.abs(originals - known) <= _SAME)).all())
    frame = pd.DataFrame({"class": names})
    if same:
        frame["original"] = known
    for entry, column in zip(entries, columns, strict=True):
        for what in ("target", "achieved") if same else ("original", "target", "achieved"):
            frame[f"{entry.name} {what}"] = column[what]
    for entry, column in zip(entries[1:], columns[1:], strict=True):
        frame[f"{entry.name} − {entries[0].name}"] = column["achieved"] - columns[0]["achieved"]
    return frame


def _figures(plan: BalancePlan) -> dict[str, object]:
    spec = plan.spec
    return {
        "plan": plan.name,
        "created": plan.created,
        "images": plan.total,
        "duplicates": plan.duplicates,
        "dropped": plan.dropped,
        "max_copies": plan.max_copies,
        "ess": plan.ess,
        "worst_miss": compute_worst_miss(plan),
        "distance": plan.distance,
        "relative_gap": plan.certificate.relative_gap,
        "gamma": spec.drift.value,
        "gamma_means": spec.drift.strength,
        "drift": spec.drift.kind,
        "distance_kind": spec.distance,
        "cap": spec.bounds.max_copies,
        "originals_kept": spec.bounds.keep_originals,
        "quantity": spec.quantity,
        "seed": plan.seed,
    }


def _class_columns(plan: BalancePlan, names: Sequence[str]) -> dict[str, np.ndarray]:
    known = {item.name: item for item in plan.classes}
    return {
        what: np.array([getattr(known[name], what) if name in known else np.nan for name in names])
        for what in ("original", "target", "achieved")
    }
