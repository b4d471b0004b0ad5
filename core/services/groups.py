"""The groups of a dataset on its page: how they are named, tried, changed, and what they hold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from core.domain.dataset import DatasetSpec
from core.domain.groups import GroupRule
from core.domain.scan import ScannedDataset
from core.formats.dataset_groups import SampleGroups, find_groups_by_name
from core.formats.group_file import read_group_table
from core.formats.group_names import group_file_path
from core.formats.group_suggestions import (
    PatternSuggestion,
    TableSuggestion,
    list_tables,
    suggest_patterns,
    suggest_tables,
)
from core.formats.labels.label_groups import group_columns
from core.services import datasets

_MOST = 0.5  # share of the images in one group from which k folds cannot be even


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Ways to name groups, the likeliest first; `files` are all tables beside the images."""

    patterns: tuple[PatternSuggestion, ...]
    tables: tuple[TableSuggestion, ...]
    files: tuple[str, ...]


def rule_of(dataset: ScannedDataset) -> GroupRule:
    """How the groups of a dataset are named now."""
    return GroupRule.of(dataset.spec)


def try_rule(dataset: ScannedDataset, rule: GroupRule, hashes: Sequence[str] | None = None) -> SampleGroups:
    """The groups that a rule would make; nothing is kept, and no image is read.

    Args:
        dataset: The scanned dataset.
        rule: How groups would be named.
        hashes: What `hash_images` has found; None: equal files under different names stay apart.

    Raises:
        DatasetError: The pattern is no regular expression, or the column or file cannot be used.
        SplitError: The pattern matches no image name.
    """
    return find_groups_by_name(dataset, rule, hashes)


def change_rule(dataset_id: str, rule: GroupRule) -> None:
    """Name the groups of a scanned dataset anew; no mask is read again.

    Raises:
        DatasetError: As `try_rule`, or the dataset must be scanned first.
        SplitError: The pattern matches no image name.
    """
    dataset = datasets.open_dataset(dataset_id)
    try_rule(dataset, rule)
    datasets.edit_groups(dataset_id, rule, dataset.spec.same_group)


def suggest(dataset: ScannedDataset) -> Suggestions:
    """Patterns that fit the names, and tables beside the images with a column that repeats."""
    ids = [sample.id for sample in dataset.samples]
    classes = {text for item in dataset.classes for text in (item.key, item.name)}
    tables = suggest_tables(dataset.spec, dataset.samples)
    return Suggestions(suggest_patterns(ids, classes), tables, tuple(list_tables(dataset.spec)))


def note_tables(dataset: ScannedDataset, groups: SampleGroups) -> list[str]:
    """Tables that may name groups, a sentence each, where nothing names any yet; a person decides."""
    if any(groups.origins):
        return []
    return [
        f"{item.file} has a column {item.column!r} that repeats: {item.groups} values in {item.images} "
        f"images. If they are patients, flights or videos, group by it (--group-file {item.file} "
        f"--group-column {item.column})."
        for item in suggest_tables(dataset.spec, dataset.samples)
    ]


def list_columns(spec: DatasetSpec, file: str | None) -> tuple[str, ...]:
    """The columns that may name groups: of a group file, or of the label table itself.

    Raises:
        DatasetError: The file cannot be read.
    """
    path = group_file_path(spec.model_copy(update={"group_file": file}))
    return read_group_table(path).columns if path is not None else group_columns(spec)


def group_table(dataset: ScannedDataset, groups: SampleGroups) -> pd.DataFrame:
    """One line a group of several images, the largest first.

    Group, images, share, and for each class its share of the group. A group without a name is called by its
    first image. Shares are in [0, 1]. Images alone in their group are left out: a million of them would fill
    a gigabyte, and say nothing that the class table does not.
    """
    sizes = np.bincount(groups.group, minlength=groups.count)
    several = np.flatnonzero(sizes > 1)
    line_of = np.full(groups.count, -1, dtype=np.intp)
    line_of[several] = np.arange(several.size)
    line = line_of[groups.group]
    names, images = name_each(dataset, groups), sizes[several]
    columns: dict[str, object] = {
        "group": [names[group] for group in several.tolist()],
        "images": images,
        "share": images / max(len(dataset.samples), 1),
    }
    shares = {
        dataset.classes[column].name: np.bincount(
            line[dataset.presence[:, column] & (line >= 0)], minlength=several.size
        )
        / images
        for column in dataset.balanced_columns
    }
    table = pd.concat([pd.DataFrame(columns), pd.DataFrame(shares)], axis=1)
    return table.sort_values("images", ascending=False, kind="stable", ignore_index=True)


def name_each(dataset: ScannedDataset, groups: SampleGroups) -> list[str]:
    """`(G,)` what each group is called: all names that are joined in it, or else its first image."""
    first: dict[int, str] = {}
    named: dict[int, dict[str, None]] = {}
    for number, name, sample in zip(groups.group.tolist(), groups.names, dataset.samples, strict=True):
        first.setdefault(number, sample.id)
        if name:
            named.setdefault(number, {})[name] = None
    return [" + ".join(named.get(number, (first[number],))) for number in range(groups.count)]


def image_groups(dataset: ScannedDataset, groups: SampleGroups) -> pd.DataFrame:
    """One line an image: image, group, and how the group was found."""
    names = np.array(name_each(dataset, groups), dtype=object)
    return pd.DataFrame(
        {
            "image": [str(sample.image or sample.id) for sample in dataset.samples],
            "group": names[groups.group] if groups.count else [],
            "how": [ORIGINS[origin] for origin in groups.origins],
        }
    )


ORIGINS: Final[dict[str, str]] = {
    "": "alone unless its file equals another",
    "file": "by the group file",
    "column": "by the table's column",
    "pattern": "by the pattern",
    "format": "by what the files say",
    "tie": "tied by hand",
}


def count_origins(groups: SampleGroups) -> dict[str, int]:
    """How many images have their group's name from where, the commonest first."""
    return dict(Counter(origin for origin in groups.origins if origin).most_common())


def describe_origins(counts: Mapping[str, int]) -> list[str]:
    """`count_origins` in words.

    >>> describe_origins({"pattern": 74})
    ['74 images by the pattern']
    """
    return [
        f"{images:,} {'image' if images == 1 else 'images'} {ORIGINS[origin]}"
        for origin, images in counts.items()
    ]


def caution_groups(dataset: ScannedDataset, groups: SampleGroups) -> list[str]:
    """What makes a fair split hard: one group with most images, classes that live in one group only."""
    if not dataset.samples:
        return []
    sizes = np.bincount(groups.group)
    if groups.count == 1:
        return ["All images are one group, which no split may divide. Name groups in another way to split."]
    sentences = []
    largest = int(sizes.argmax())
    lonely = _lonely_classes(dataset, groups)
    uneven = sizes[largest] > _MOST * len(dataset.samples)
    names = name_each(dataset, groups) if lonely or uneven else []  # a second for a million images
    if uneven:
        share = 100 * sizes[largest] / len(dataset.samples)
        sentences.append(
            f"The group {names[largest]} holds {share:.1f} % of the images, so folds by group are of very "
            "uneven size."
        )
    if lonely:
        listed = ", ".join(f"{name} (in {names[group]})" for name, group in lonely[:4])
        more = f" and {len(lonely) - 4} more" if len(lonely) > 4 else ""
        sentences.append(
            f"Only one group holds {listed}{more}: a split by group leaves the class out of training, or out "
            "of the test."
        )
    return sentences


def _lonely_classes(dataset: ScannedDataset, groups: SampleGroups) -> list[tuple[str, int]]:
    """Classes with several images that all lie in one group, and which one."""
    found = []
    for column in dataset.balanced_columns:
        holders = groups.group[dataset.presence[:, column]]
        if holders.size > 1 and holders.min() == holders.max():
            found.append((dataset.classes[column].name, int(holders[0])))
    return found
