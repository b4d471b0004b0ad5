"""Folds of a dataset: what ties images together, the split, and its check."""

from dataclasses import dataclass

from core.domain.scan import ScannedDataset
from core.formats.dataset_groups import (
    SampleGroups,
    find_groups,
    find_groups_by_name,
    hash_images,
    list_image_files,
)
from core.formats.hashing import IMAGE_HASHES, find_unread
from core.formats.masks.registry import mask_roots
from core.jobs.submit import submit
from core.runs.folder import create_run
from core.splitting import Split, check_no_leakage, split_groups
from core.workspace.paths import dataset_id as id_of
from core.workspace.paths import workspace

# Pages speak to services only, so what they ask of groups stands here too.
__all__ = [
    "DatasetSplit",
    "SampleGroups",
    "count_unread_bytes",
    "find_groups",
    "find_groups_by_name",
    "hash_images",
    "hash_stamp",
    "split_dataset",
    "start_comparison",
]


@dataclass(frozen=True, slots=True)
class DatasetSplit:
    """The folds of a dataset, and the groups that they keep whole."""

    split: Split
    groups: SampleGroups


def count_unread_bytes(dataset: ScannedDataset) -> int:
    """How many bytes `find_groups` would read: of files that have an equal size and were not read before."""
    cache = workspace().dataset(id_of(dataset.spec.root)) / IMAGE_HASHES
    files = [file for file in list_image_files(dataset) if file]
    return sum(size for size, _ in find_unread(mask_roots(dataset.spec), files, cache).values())


def start_comparison(dataset_id: str) -> str:
    """Read in the background what `find_groups` would have to read; returns the run's id.

    Raises:
        RunError: The process cannot be started.
    """
    run = create_run("hashes", {"dataset": dataset_id})
    submit(run)
    return run.id


def hash_stamp(dataset_id: str) -> str:
    """A text that changes whenever image files have been read: a part of the key of cached groups."""
    try:
        stat = (workspace().dataset(dataset_id) / IMAGE_HASHES).stat()
    except FileNotFoundError:
        return "unread"
    return f"{stat.st_mtime_ns}.{stat.st_size}"


def split_dataset(dataset: ScannedDataset, groups: SampleGroups, folds: int, seed: int = 0) -> DatasetSplit:
    """Split into k folds by group, and check that nothing leaks.

    Raises:
        SplitError: The groups cannot fill so many folds.
    """
    columns = dataset.balanced_columns
    names = [dataset.classes[column].name for column in columns]
    split = split_groups(dataset.presence[:, columns], names, groups.group, folds, seed)
    check_no_leakage(groups.names, groups.hashes, split.fold)
    return DatasetSplit(split, groups)
