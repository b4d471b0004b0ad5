"""S1's data as numbers: 115 × 8 label vectors with the published marginals, and its two balanced rows."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.balancing import group_label_vectors
from core.domain.balance import BalanceSpec, Bounds, ClassTarget, Distance, Drift
from core.domain.label_table import LabelTable

NAMES = ("disc", "macula", "vessels", "hard", "soft", "fresh", "pigmented", "haemorrhage")
COUNTS = (115, 112, 115, 104, 43, 8, 12, 110)
ROW_ZERO = (1.00, 0.98, 1.00, 0.81, 0.56, 0.31, 0.44, 0.95)
ROW_RL = (1.00, 0.98, 1.00, 0.93, 0.36, 0.16, 0.20, 0.97)


def make_s1_presence() -> NDArray[np.uint8]:
    """`(115, 8)` with S1's counts; each class fills a run of images, so that several combinations occur."""
    presence = np.zeros((115, 8), np.uint8)
    starts = (0, 3, 0, 0, 61, 97, 84, 2)
    for column, (start, count) in enumerate(zip(starts, COUNTS, strict=True)):
        presence[(start + np.arange(count)) % 115, column] = 1
    return presence


def make_table(presence: Iterable[Iterable[int]], names: Iterable[str] | None = None) -> LabelTable:
    rows = np.asarray(list(presence), dtype=np.uint8)
    names = [f"c{column}" for column in range(rows.shape[1])] if names is None else list(names)
    return group_label_vectors(rows, names, [f"image{row}" for row in range(len(rows))])


def make_s1_table() -> LabelTable:
    return make_table(make_s1_presence(), NAMES)


def make_random_table(seed: int, images: int = 60, classes: int = 5) -> LabelTable:
    rng = np.random.default_rng(seed)
    return make_table(rng.random((images, classes)) < rng.random(classes))


def make_spec(
    table: LabelTable,
    shares: Iterable[float],
    drift: Drift | None = None,
    distance: Distance = "squared",
    bounds: Bounds | None = None,
    weights: Iterable[float] | None = None,
) -> BalanceSpec:
    weights = np.ones(len(table.class_names)) if weights is None else weights
    targets = tuple(
        ClassTarget(name=name, share=float(share), weight=float(weight))
        for name, share, weight in zip(table.class_names, shares, weights, strict=True)
    )
    return BalanceSpec(targets=targets, drift=drift or Drift(), distance=distance, bounds=bounds or Bounds())


def make_raw(value: float, kind: str = "chi2") -> Drift:
    return Drift.model_validate({"kind": kind, "strength": "raw", "value": value})
