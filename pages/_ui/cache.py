"""What the server remembers for all sessions, by dataset id and version: the one file with caches.

Everything here is shared and must not be changed by whoever gets it.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.errors import AppError
from core.services import datasets

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from core.domain.augmentation import AugmentationSpec
    from core.domain.balance import BalanceSpec, Quantity
    from core.services import balance, splits

_READERS = 4  # threads that draw thumbnails: decoding leaves Python's lock, more gain nothing on two cores
_PICTURES = 240  # thumbnails kept a dataset: twenty pages, some 70 MB


def forget() -> None:
    """Read every dataset anew; call it when answers were kept without a scan."""
    _dataset.clear()


def dataset(dataset_id: str) -> ScannedDataset:
    """A scanned dataset.

    Raises:
        DatasetError: it is not in this workspace, or must be scanned first.
    """
    return _dataset(dataset_id, datasets.version(dataset_id))


def label_table(dataset_id: str) -> LabelTable:
    """`overview.label_table` of a dataset."""
    return _label_table(dataset_id, datasets.version(dataset_id))


def quantity_table(dataset_id: str, quantity: "Quantity") -> LabelTable:
    """`balance.quantity_table` of a dataset.

    Raises:
        TargetError: pixels are asked for, and the dataset has none.
    """
    if quantity == "presence":
        return label_table(dataset_id)
    return _quantity_table(dataset_id, datasets.version(dataset_id), quantity)


def pixel_table(dataset_id: str) -> LabelTable:
    """`balance.pixel_table` of a dataset.

    Raises:
        TargetError: the dataset has labels only.
    """
    return _pixel_table(dataset_id, datasets.version(dataset_id))


def tradeoff(dataset_id: str, spec: "BalanceSpec") -> "balance.Tradeoff":
    """`balance.compute_tradeoff`, whatever the spec's own price of drift is.

    Raises:
        TargetError: the target or a setting breaks a rule.
    """
    from core.services import balance

    return _tradeoff(dataset_id, datasets.version(dataset_id), balance.without_dial(spec))


def class_table(dataset_id: str) -> "pd.DataFrame":
    """`overview.class_table` of a dataset."""
    return _class_table(dataset_id, datasets.version(dataset_id))


def combination_table(dataset_id: str) -> "pd.DataFrame":
    """`overview.combination_table` of a dataset."""
    return _combination_table(dataset_id, datasets.version(dataset_id))


def cooccurrence(dataset_id: str) -> "tuple[list[str], NDArray[np.int64], NDArray[np.float64]]":
    """`overview.cooccurrence` of a dataset."""
    return _cooccurrence(dataset_id, datasets.version(dataset_id))


def samples_with(dataset_id: str, classes: tuple[str, ...], combination: int | None) -> list[int]:
    """`overview.samples_with` of a dataset."""
    return _samples_with(dataset_id, datasets.version(dataset_id), classes, combination)


def version(dataset_id: str) -> str:
    """`datasets.version`: what is made from a dataset is made anew when this changes."""
    return datasets.version(dataset_id)


def named_groups(dataset_id: str, pattern: str | None) -> "splits.SampleGroups":
    """`splits.find_groups_by_name` of a dataset.

    Raises:
        DatasetError: the pattern is no regular expression, or the dataset's group file cannot be used.
        SplitError: the pattern matches no image name.
    """
    return _named_groups(dataset_id, datasets.version(dataset_id), pattern)


def plans(dataset_id: str) -> "list[balance.PlanEntry]":
    """`balance.list_plans` of a dataset; each plan is read once, however often the page is drawn."""
    from core.services import balance

    stamps = balance.plan_stamps(dataset_id)
    found = (_plan(dataset_id, plan_id, stamp) for plan_id, stamp in stamps.items())
    return balance.sort_plans(entry for entry in found if entry is not None)


def plan_changes(dataset_id: str, entry: "balance.PlanEntry") -> "balance.DatasetChanges | None":
    """`balance.find_plan_changes` of a kept plan and its dataset."""
    opened = dataset(dataset_id)
    if entry.summary.dataset.fingerprint == opened.fingerprint:
        return None
    return _plan_changes(dataset_id, datasets.version(dataset_id), entry.id, entry.created)


def preview_key(dataset_id: str, entry: "balance.PlanEntry", augmentation: "AugmentationSpec") -> str:
    """`materialise.preview_key` of a kept plan."""
    return _preview_key(dataset_id, entry.id, entry.created, augmentation)


def overlays(dataset_id: str, positions: Sequence[int], longest: int) -> "Iterator[bytes | str]":
    """Overlays of some samples as PNG, each as soon as it is drawn; the sentence why where there is none."""
    draw = _painter(dataset_id, datasets.version(dataset_id))
    readers = ThreadPoolExecutor(_READERS)
    try:
        yield from readers.map(lambda position: draw(position, longest), positions)
    finally:  # a person who turns the page does not wait for the pictures of the last one
        readers.shutdown(wait=False, cancel_futures=True)


@st.cache_resource(max_entries=4, show_spinner="Opening the dataset")
def _dataset(dataset_id: str, version: str) -> ScannedDataset:
    return datasets.open_dataset(dataset_id)


@st.cache_resource(max_entries=4, show_spinner="Grouping equal label vectors")
def _label_table(dataset_id: str, version: str) -> LabelTable:
    from core.services import overview

    return overview.label_table(_dataset(dataset_id, version))


@st.cache_resource(max_entries=4, show_spinner="Reading pixel shares")
def _quantity_table(dataset_id: str, version: str, quantity: "Quantity") -> LabelTable:
    from core.services import balance

    return balance.quantity_table(_dataset(dataset_id, version), quantity)


@st.cache_resource(max_entries=4, show_spinner="Reading pixel shares")
def _pixel_table(dataset_id: str, version: str) -> LabelTable:
    from core.services import balance

    return balance.pixel_table(_dataset(dataset_id, version))


@st.cache_resource(max_entries=32, show_spinner="Tracing the trade-off", show_time=True)
def _tradeoff(dataset_id: str, version: str, spec: "BalanceSpec") -> "balance.Tradeoff":
    from core.services import balance

    if spec.quantity == "presence":
        return balance.compute_tradeoff(_label_table(dataset_id, version), spec)
    return balance.compute_tradeoff(_quantity_table(dataset_id, version, spec.quantity), spec)


@st.cache_resource(max_entries=8, show_spinner=False)
def _class_table(dataset_id: str, version: str) -> "pd.DataFrame":
    from core.services import overview

    return overview.class_table(_dataset(dataset_id, version))


@st.cache_resource(max_entries=4, show_spinner="Listing the combinations")
def _combination_table(dataset_id: str, version: str) -> "pd.DataFrame":
    from core.services import overview

    return overview.combination_table(_dataset(dataset_id, version))


@st.cache_resource(max_entries=4, show_spinner="Counting classes that occur together")
def _cooccurrence(
    dataset_id: str, version: str
) -> "tuple[list[str], NDArray[np.int64], NDArray[np.float64]]":
    from core.services import overview

    return overview.cooccurrence(_label_table(dataset_id, version))


@st.cache_resource(max_entries=32, show_spinner=False)
def _samples_with(
    dataset_id: str, version: str, classes: tuple[str, ...], combination: int | None
) -> list[int]:
    from core.services import overview

    return overview.samples_with(_dataset(dataset_id, version), classes, combination)


@st.cache_resource(max_entries=4, show_spinner="Finding the groups")
def _named_groups(dataset_id: str, version: str, pattern: str | None) -> "splits.SampleGroups":
    from core.domain.groups import GroupRule
    from core.services import splits

    rule = None if pattern is None else GroupRule(pattern=pattern)
    return splits.find_groups_by_name(_dataset(dataset_id, version), rule)


@st.cache_resource(max_entries=64, show_spinner="Reading the plan")
def _plan(dataset_id: str, plan_id: str, stamp: str) -> "balance.PlanEntry | None":
    from core.services import balance

    try:
        return balance.read_entry(dataset_id, plan_id)
    except AppError:  # damaged, or deleted this moment: not there
        return None


@st.cache_resource(max_entries=64, show_spinner=False)
def _preview_key(dataset_id: str, plan_id: str, created: str, augmentation: "AugmentationSpec") -> str:
    from core.services import balance, materialise

    return materialise.preview_key(balance.open_plan(dataset_id, plan_id), augmentation)


@st.cache_resource(max_entries=64, show_spinner="Comparing the plan with the dataset")
def _plan_changes(
    dataset_id: str, version: str, plan_id: str, created: str
) -> "balance.DatasetChanges | None":
    from core.services import balance

    return balance.find_plan_changes(dataset_id, plan_id, _dataset(dataset_id, version))


@st.cache_resource(max_entries=4, show_spinner=False)
def _painter(dataset_id: str, version: str) -> "Callable[[int, int], bytes | str]":
    from core.services import pictures

    opened = _dataset(dataset_id, version)

    @lru_cache(maxsize=_PICTURES)
    def draw(position: int, longest: int) -> bytes | str:
        try:
            return pictures.overlay(opened, position, longest)
        except AppError as error:
            return str(error)

    return draw
