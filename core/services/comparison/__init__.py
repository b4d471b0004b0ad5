"""Runs side by side: curves, the tables of S1, S2 and S3, what differs, and what may be believed."""

from core.services.comparison.compared import (
    VDICE,
    ComparedRun,
    Figure,
    find_classes,
    label_runs,
    read_compared,
    read_runs,
)
from core.services.comparison.curves import (
    BestEpoch,
    Curve,
    build_curve,
    build_loss_curves,
    find_best_epoch,
)
from core.services.comparison.tables import find_differences, history_table, s1_table, s2_table, s3_table
from core.services.comparison.verdicts import Alarm, Verdict, find_alarms, judge

__all__ = [
    "VDICE",
    "Alarm",
    "BestEpoch",
    "ComparedRun",
    "Curve",
    "Figure",
    "Verdict",
    "build_curve",
    "build_loss_curves",
    "find_alarms",
    "find_best_epoch",
    "find_classes",
    "find_differences",
    "history_table",
    "judge",
    "label_runs",
    "read_compared",
    "read_runs",
    "s1_table",
    "s2_table",
    "s3_table",
]
