"""What ties the samples of a dataset together, whoever asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.groups import GroupOrigin, GroupRule
from core.domain.scan import ScannedDataset
from core.errors import SplitError
from core.formats.group_names import NamedGroups, name_groups
from core.formats.hashing import IMAGE_HASHES, hash_files
from core.formats.masks.registry import mask_roots
from core.splitting import join_groups
from core.workspace.paths import dataset_id as id_of
from core.workspace.paths import workspace


@dataclass(frozen=True, slots=True)
class SampleGroups:
    """What ties the samples of a dataset together.

    Attributes:
        group: `(N,)` number of each sample's group, once all ties are taken together.
        names: `(N,)` group by name, what a person tied included; empty where nothing names one.
        hashes: `(N,)` content hash of the image file; empty where no other file can be equal.
        duplicates: Images that equal an earlier one byte by byte.
        origins: `(N,)` where each name comes from.
        notes: What a person should know of a group file: a sentence each.
    """

    group: NDArray[np.intp]
    names: tuple[str, ...]
    hashes: tuple[str, ...]
    duplicates: int
    origins: tuple[GroupOrigin, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many groups there are."""
        return int(self.group.max(initial=-1)) + 1


def find_groups(
    dataset: ScannedDataset,
    pattern: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SampleGroups:
    """Find which samples belong together: by name, by a person's ties, and by equal image files.

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
    named = name_dataset(dataset, None if pattern is None else GroupRule(pattern=pattern))
    return _join(dataset, named, hash_images(dataset, on_progress, should_stop))


def find_groups_by_name(
    dataset: ScannedDataset, rule: GroupRule | None = None, hashes: Sequence[str] | None = None
) -> SampleGroups:
    """`find_groups` without a look into the images.

    Args:
        dataset: The scanned dataset.
        rule: Another way to name the groups; None takes the dataset's own.
        hashes: What `hash_images` has found before; None: equal files under different names stay apart.

    Raises:
        DatasetError: As `find_groups`.
        SplitError: A pattern was given, and no image's name matches it.
    """
    return _join(dataset, name_dataset(dataset, rule), hashes or [""] * len(dataset.samples))


def hash_images(
    dataset: ScannedDataset,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[str]:
    """`(N,)` content hash of each sample's image file; empty where no other file can be equal.

    Args:
        dataset: The scanned dataset.
        on_progress: Told (image files compared, image files to compare).
        should_stop: Asked after each file.

    Raises:
        CancelledError: `should_stop` said so.
    """
    files = list_image_files(dataset)
    cache = workspace().dataset(id_of(dataset.spec.root)) / IMAGE_HASHES
    named = [file for file in files if file]
    found = hash_files(mask_roots(dataset.spec), named, cache, True, on_progress, should_stop)
    return [found.get(file, "") for file in files]


def _join(dataset: ScannedDataset, named: NamedGroups, hashes: Sequence[str]) -> SampleGroups:
    """Number the groups that names, files and contents make together; a file's slices are one group."""
    files = list_image_files(dataset)
    known = {file: digest for file, digest in zip(files, hashes, strict=True) if digest}
    return SampleGroups(
        group=join_groups(len(files), named.names, hashes, files),
        names=named.names,
        hashes=tuple(hashes),
        duplicates=len(known) - len(set(known.values())),
        origins=named.origins,
        notes=named.notes,
    )


def name_dataset(dataset: ScannedDataset, rule: GroupRule | None = None) -> NamedGroups:
    """The groups of a dataset by name: those of its scan, or by another rule if one is given.

    Raises:
        DatasetError: The pattern is no regular expression, or the column or file cannot be used.
        SplitError: A pattern was given, and no image's name matches it.
    """
    if rule is None and dataset.group_origins is not None:
        names = tuple(sample.group for sample in dataset.samples)
        return NamedGroups(names, dataset.group_origins, dataset.group_notes)
    spec = dataset.spec if rule is None else rule.put_into(dataset.spec)
    own = dataset.own_groups
    if own is None:  # as a format gives it: what the samples say is the format's
        own = tuple(sample.group for sample in dataset.samples)
    named = name_groups(spec, dataset.samples, own)
    pattern = None if rule is None else rule.pattern
    if pattern is not None and dataset.samples and "pattern" not in named.origins:
        raise SplitError(
            f"The group pattern {pattern!r} matches no image name, so every image would be a group of its "
            f"own. Correct it, or leave it out; the first image is {dataset.samples[0].id}."
        )
    return named


def list_image_files(dataset: ScannedDataset) -> list[str]:
    """`(N,)` image file of each sample, relative to the root; empty where there is none."""
    return [str(sample.image) if sample.image else "" for sample in dataset.samples]
