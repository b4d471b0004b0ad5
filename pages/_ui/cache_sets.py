"""What is known of a balanced set before it is written; see `cache`, whose datasets it builds on."""

from typing import TYPE_CHECKING

import streamlit as st

from core.services import datasets
from pages._ui import cache

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.augmentation import MaterialiseSpec
    from core.services import balance, balanced_sets

_DISK_SECONDS = 5  # for so long what a disk holds is taken as known


def outlook(
    dataset_id: str, entry: "balance.PlanEntry", folder: "Path", spec: "MaterialiseSpec"
) -> "balanced_sets.Outlook":
    """`balanced_sets.look_ahead` of a kept plan; asked anew after a while, since disks change.

    Raises:
        PlanError: the folder cannot be used.
    """
    return _outlook(dataset_id, datasets.version(dataset_id), entry.id, entry.created, folder, spec)


def why_no_set(dataset_id: str) -> str:
    """`balanced_sets.say_why_none`; asked anew after a while, since images may be put beside their labels.

    Raises:
        DatasetError: the dataset's folder cannot be read.
    """
    return _why_no_set(dataset_id, datasets.version(dataset_id))


@st.cache_resource(max_entries=16, ttl=_DISK_SECONDS, show_spinner="Measuring")
def _outlook(
    dataset_id: str, version: str, plan_id: str, created: str, folder: "Path", spec: "MaterialiseSpec"
) -> "balanced_sets.Outlook":
    from core.services import balance, balanced_sets

    plan = balance.open_plan(dataset_id, plan_id)
    return balanced_sets.look_ahead(plan, cache.dataset(dataset_id), folder, spec)


@st.cache_resource(max_entries=4, ttl=_DISK_SECONDS, show_spinner="Looking for the images")
def _why_no_set(dataset_id: str, version: str) -> str:
    from core.services import balanced_sets

    return balanced_sets.say_why_none(cache.dataset(dataset_id))
