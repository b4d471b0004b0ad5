"""S1's data as numbers: 115 × 8 label vectors with the published marginals, and its two balanced rows."""

import numpy as np

from core.balancing import group_label_vectors
from core.domain.balance import BalanceSpec, Bounds, ClassTarget, Drift
from core.domain.label_table import LabelTable

NAMES = ("disc", "macula", "vessels", "hard", "soft", "fresh", "pigmented", "haemorrhage")
COUNTS = (115, 112, 115, 104, 43, 8, 12, 110)
ROW_ZERO = (1.00, 0.98, 1.00, 0.81, 0.56, 0.31, 0.44, 0.95)
ROW_RL = (1.00, 0.98, 1.00, 0.93, 0.36, 0.16, 0.20, 0.97)


def s1_presence() -> np.ndarray:
    """`(115, 8)` uint8 with S1's counts; lesions are laid out so that many combinations occur."""
    presence = np.zeros((115, 8), np.uint8)
    starts = (0, 3, 0, 0, 61, 97, 84, 2)
    for column, (start, count) in enumerate(zip(starts, COUNTS, strict=True)):
        presence[(start + np.arange(count)) % 115, column] = 1
    return presence


def s1_table() -> LabelTable:
    return group_label_vectors(s1_presence(), NAMES, [f"image{i:03}" for i in range(115)])


def make_spec(table: LabelTable, shares: object, drift: Drift | None = None, **bounds: object) -> BalanceSpec:
    targets = tuple(
        ClassTarget(name=name, share=float(share))
        for name, share in zip(table.class_names, shares, strict=True)  # type: ignore[call-overload]
    )
    return BalanceSpec(targets=targets, drift=drift or Drift(), bounds=Bounds(**bounds))  # type: ignore[arg-type]
