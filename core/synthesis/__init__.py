"""Synthetic fundus photographs with exact masks: the dataset that needs no download."""

from core.synthesis.fundus import draw_fundus
from core.synthesis.fundus_plan import FundusPlan, PlannedImage, plan_fundus
from core.synthesis.fundus_spec import DRAWING, FUNDUS_CLASSES, FundusSpec, presence_counts

__all__ = [
    "DRAWING",
    "FUNDUS_CLASSES",
    "FundusPlan",
    "FundusSpec",
    "PlannedImage",
    "draw_fundus",
    "plan_fundus",
    "presence_counts",
]
