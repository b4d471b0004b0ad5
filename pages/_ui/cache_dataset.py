"""What the dataset page works out once for all sessions; see `cache`, whose datasets it builds on.

Everything here is shared and must not be changed by whoever gets it.
"""

from typing import TYPE_CHECKING

import streamlit as st

from core.services import datasets
from pages._ui import cache

if TYPE_CHECKING:
    from core.services.corrections import ProblemKind
    from core.services.dataset_comparison import Comparison
    from core.services.distributions import Distributions
    from core.services.versions import VersionChanges


def problem_kinds(dataset_id: str) -> "list[ProblemKind]":
    """`corrections.problem_kinds` of a dataset."""
    return _problem_kinds(dataset_id, datasets.version(dataset_id))


def distributions(dataset_id: str) -> "Distributions":
    """`distributions.describe` of a dataset."""
    return _distributions(dataset_id, datasets.version(dataset_id))


def comparison(dataset_id: str, other_id: str) -> "Comparison":
    """`dataset_comparison.compare` of two datasets.

    Raises:
        DatasetError: one of them is not in this workspace, or must be scanned first.
    """
    return _comparison(dataset_id, datasets.version(dataset_id), other_id, datasets.version(other_id))


@st.cache_resource(max_entries=4, show_spinner="Comparing the versions")
def version_changes(dataset_id: str, before: str, after: str) -> "VersionChanges":
    """`versions.compare` of a dataset; a version never changes once it is kept.

    Args:
        dataset_id: The dataset.
        before: Fingerprint of the earlier version.
        after: Fingerprint of the later one.

    Raises:
        PlanError: one of them is not kept any more, or is damaged.
    """
    from core.services import versions

    return versions.compare(dataset_id, before, after)


@st.cache_resource(max_entries=8, show_spinner=False)
def _problem_kinds(dataset_id: str, version: str) -> "list[ProblemKind]":
    from core.services import corrections

    return corrections.problem_kinds(cache.dataset(dataset_id))


@st.cache_resource(max_entries=4, show_spinner="Measuring sizes")
def _distributions(dataset_id: str, version: str) -> "Distributions":
    from core.services import distributions as sizes

    return sizes.describe(cache.dataset(dataset_id))


@st.cache_resource(max_entries=4, show_spinner="Comparing the datasets")
def _comparison(dataset_id: str, version: str, other_id: str, other_version: str) -> "Comparison":
    from core.services import dataset_comparison

    return dataset_comparison.compare(cache.dataset(dataset_id), cache.dataset(other_id))
