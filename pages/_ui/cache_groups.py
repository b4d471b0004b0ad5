"""What the server remembers of groups and of images alone: `pages._ui.cache` for one tab.

Everything here is shared and must not be changed by whoever gets it.
"""

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import AppError
from core.services import datasets
from pages._ui import cache

if TYPE_CHECKING:
    import pandas as pd

    from core.domain.groups import GroupRule
    from core.services.groups import Suggestions
    from core.services.splits import SampleGroups

_QUICK_BYTES = 150_000_000  # image files that are compared at once, in about a second
_PICTURES = 240


def groups(dataset_id: str) -> "tuple[SampleGroups, bool]":
    """The groups of a dataset, and whether image files were compared: many bytes are left to a job.

    Raises:
        DatasetError: the dataset's group file cannot be used any more.
    """
    from core.services import splits

    return _groups(dataset_id, datasets.version(dataset_id), splits.hash_stamp(dataset_id))


def group_table(dataset_id: str) -> "pd.DataFrame":
    """`groups.group_table` of a dataset.

    Raises:
        DatasetError: the dataset's group file cannot be used any more.
    """
    from core.services import splits

    return _group_table(dataset_id, datasets.version(dataset_id), splits.hash_stamp(dataset_id))


def tried_groups(dataset_id: str, rule: "GroupRule") -> "SampleGroups":
    """`groups.try_rule` of a dataset.

    Raises:
        DatasetError: the pattern is no regular expression, or the column or file cannot be used.
        SplitError: the pattern matches no image name.
    """
    from core.services import splits

    return _tried_groups(dataset_id, datasets.version(dataset_id), splits.hash_stamp(dataset_id), rule)


def suggestions(dataset_id: str) -> "Suggestions":
    """`groups.suggest` of a dataset."""
    return _suggestions(dataset_id, datasets.version(dataset_id))


def picture(dataset_id: str, position: int, longest: int) -> bytes | str:
    """PNG of a sample without its classes; the sentence why where there is none."""
    return _picture(dataset_id, datasets.version(dataset_id), position, longest)


@st.cache_resource(max_entries=4, show_spinner="Comparing image files")
def _hashes(dataset_id: str, version: str, read: str) -> "list[str] | None":
    from core.services import splits

    dataset = cache.dataset(dataset_id)
    return None if splits.count_unread_bytes(dataset) > _QUICK_BYTES else splits.hash_images(dataset)


@st.cache_resource(max_entries=4, show_spinner="Finding the groups")
def _groups(dataset_id: str, version: str, read: str) -> "tuple[SampleGroups, bool]":
    from core.services import splits

    hashes = _hashes(dataset_id, version, read)
    return splits.find_groups_by_name(cache.dataset(dataset_id), None, hashes), hashes is not None


@st.cache_resource(max_entries=4, show_spinner=False)
def _group_table(dataset_id: str, version: str, read: str) -> "pd.DataFrame":
    from core.services import groups

    return groups.group_table(cache.dataset(dataset_id), _groups(dataset_id, version, read)[0])


@st.cache_resource(max_entries=16, show_spinner="Finding the groups")
def _tried_groups(dataset_id: str, version: str, read: str, rule: "GroupRule") -> "SampleGroups":
    from core.services import groups

    return groups.try_rule(cache.dataset(dataset_id), rule, _hashes(dataset_id, version, read))


@st.cache_resource(max_entries=4, show_spinner="Looking for names that repeat")
def _suggestions(dataset_id: str, version: str) -> "Suggestions":
    from core.services import groups

    return groups.suggest(cache.dataset(dataset_id))


@st.cache_resource(max_entries=_PICTURES, show_spinner=False)
def _picture(dataset_id: str, version: str, position: int, longest: int) -> bytes | str:
    from core.services import likeness

    try:
        return likeness.picture(cache.dataset(dataset_id), position, longest)
    except AppError as error:
        return str(error)
