"""Folds of a dataset: what ties images together, the split, and its check."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.scan import ScannedDataset
from core.errors import SplitError
from core.formats.group_pattern import build_group_finder
from core.formats.hashing import hash_files
from core.formats.masks.registry import mask_roots
from core.splitting import Split, check_no_leakage, join_groups, split_groups
from core.workspace.paths import dataset_id as id_of
from core.workspace.paths import workspace

_HASHES = "images.hashes.json"


@dataclass(frozen=True, slots=True)
class SampleGroups:
    """What ties the samples of a dataset together.

    Attributes:
        group: `(N,)` number of each sample's group, once all ties are taken together.
        names: `(N,)` group by name; empty where the name says nothing.
        hashes: `(N,)` content hash of the image file; empty where no other file can be equal.
        duplicates: Images that equal an earlier one byte by byte.
    """

    group: NDArray[np.intp]
    names: tuple[str, ...]
    hashes: tuple[str, ...]
    duplicates: int

    @property
    def count(self) -> int:
        """How many groups there are."""
        return int(self.group.max(initial=-1)) + 1


@dataclass(frozen=True, slots=True)
class DatasetSplit:
    """The folds of a dataset, and the groups that they keep whole."""

    split: Split
    groups: SampleGroups


def find_groups(
    dataset: ScannedDataset,
    pattern: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SampleGroups:
    """Find which samples belong together: by name, and by equal image files.

    Args:
        dataset: The scanned dataset.
        pattern: A regular expression, see `build_group_finder`; None takes the dataset's own groups.
        on_progress: Told (image files compared, image files to compare).
        should_stop: Asked after each file.

    Raises:
        DatasetError: The pattern is no regular expression.
        SplitError: A pattern was given, and no image's name matches it.
        CancelledError: `should_stop` said so.
    """
    names = _find_names(dataset, pattern)
    files = [str(sample.image) if sample.image else "" for sample in dataset.samples]
    cache = workspace().dataset(id_of(dataset.spec.root)) / _HASHES
    found = hash_files(
        mask_roots(dataset.spec), [file for file in files if file], cache, True, on_progress, should_stop
    )
    hashes = [found.get(file, "") for file in files]
    known = [digest for digest in hashes if digest]
    return SampleGroups(
        group=join_groups(len(files), names, hashes),
        names=tuple(names),
        hashes=tuple(hashes),
        duplicates=len(known) - len(set(known)),
    )


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


def _find_names(dataset: ScannedDataset, pattern: str | None) -> list[str]:
    if pattern is None:
        find = build_group_finder(dataset.spec.group_pattern)
        return [sample.group or find(sample.id) for sample in dataset.samples]
    find = build_group_finder(pattern)
    names = [find(sample.id) for sample in dataset.samples]
    if dataset.samples and not any(names):
        raise SplitError(
            f"The group pattern {pattern!r} matches no image name, so every image would be a group of its "
            f"own. Correct it, or leave it out; the first image is {dataset.samples[0].id}."
        )
    return names
