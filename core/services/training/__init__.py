"""Training from the outside: what is asked, the papers' experiments, and the runs. No torch here."""

from core.models.recipes import RECIPES, find_recipe
from core.services.training.estimates import (
    find_estimate_run,
    find_estimates,
    list_encoders,
    start_estimate,
)
from core.services.training.experiments import S2_RECIPES, S3_RECIPES, build_s1, build_s2, build_s3
from core.services.training.requests import build_request, choose_device, choose_plan
from core.services.training.runs import (
    TrainingRun,
    WatchedRun,
    delete,
    find_places,
    list_training,
    read_run,
    read_stamps,
    resume,
    start,
    stop,
    watch,
)

__all__ = [
    "RECIPES",
    "S2_RECIPES",
    "S3_RECIPES",
    "TrainingRun",
    "WatchedRun",
    "build_request",
    "build_s1",
    "build_s2",
    "build_s3",
    "choose_device",
    "choose_plan",
    "delete",
    "find_estimate_run",
    "find_estimates",
    "find_places",
    "find_recipe",
    "list_encoders",
    "list_training",
    "read_run",
    "read_stamps",
    "resume",
    "start",
    "start_estimate",
    "stop",
    "watch",
]
