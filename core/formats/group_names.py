"""The one place where images get their groups, whatever the format, and where each group comes from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.domain.dataset import DatasetSpec
from core.domain.groups import GroupOrigin
from core.domain.scan import Sample, ScannedDataset
from core.errors import DatasetError
from core.formats.group_file import match_groups, read_group_table
from core.formats.group_pattern import build_group_finder
from core.formats.labels.label_groups import read_label_groups
from core.splitting import tie_names


@dataclass(frozen=True, slots=True)
class NamedGroups:
    """The groups of N samples by name.

    Attributes:
        names: `(N,)` group of each sample; empty where nothing names one.
        origins: `(N,)` where each name comes from.
        notes: What a person should know of a group file: a sentence each.
    """

    names: tuple[str, ...]
    origins: tuple[GroupOrigin, ...]
    notes: tuple[str, ...] = ()


def name_groups(spec: DatasetSpec, samples: Sequence[Sample], own: Sequence[str] = ()) -> NamedGroups:
    """Name the group of each sample, and say where the name comes from.

    A column comes first (of the group file, or of the label table), then the pattern, then what the format
    itself says. On top of the names, samples that a person has tied together are one group.

    Args:
        spec: The dataset.
        samples: The N samples.
        own: `(N,)` groups that the format names, empty texts for none; `()` where it names none at all.

    Raises:
        DatasetError: The pattern is no regular expression, or the column or file cannot be used.
    """
    given, kind, notes = _read_given(spec, samples)
    find = build_group_finder(spec.group_pattern)
    nothing = [""] * len(samples)
    names: list[str] = []
    origins: list[GroupOrigin] = []
    for sample, cell, ours in zip(samples, given or nothing, own or nothing, strict=True):
        name, origin = _choose(find(sample.id), cell, kind, ours)
        names.append(name)
        origins.append(origin)
    if spec.same_group:
        tied = tie_names(names, [sample.id for sample in samples], spec.same_group)
        origins = ["tie" if a != b else o for a, b, o in zip(names, tied, origins, strict=True)]
        names = tied
    return NamedGroups(tuple(names), tuple(origins), notes)


def _choose(matched: str, cell: str, kind: GroupOrigin, own: str) -> tuple[str, GroupOrigin]:
    if cell:
        return cell, kind
    if matched:
        return matched, "pattern"
    return own, "format" if own else ""


def apply_groups(dataset: ScannedDataset, spec: DatasetSpec | None = None) -> ScannedDataset:
    """A scanned dataset whose samples know their groups.

    Args:
        dataset: As formats give it, or one that knows its groups already.
        spec: Its answers with another rule or other ties; None: those it was scanned with.

    Raises:
        DatasetError: As `name_groups`.
    """
    answers = spec or dataset.spec
    own = dataset.own_groups
    if own is None:  # straight from the format
        own = tuple(sample.group for sample in dataset.samples)
    if dataset.own_groups is None and not _names_groups(answers):
        return replace(dataset, spec=answers, own_groups=own)
    named = name_groups(answers, dataset.samples, own)
    samples = tuple(
        sample if sample.group == name else replace(sample, group=name)
        for sample, name in zip(dataset.samples, named.names, strict=True)
    )
    return replace(
        dataset,
        spec=answers,
        samples=samples,
        own_groups=own,
        group_origins=named.origins,
        group_notes=named.notes,
    )


def _names_groups(spec: DatasetSpec) -> bool:
    """Whether the answers say anything of groups: without that a million samples stay as they are."""
    return bool(spec.group_pattern or spec.group_column or spec.group_file or spec.same_group)


def group_file_path(spec: DatasetSpec) -> Path | None:
    """Where the group file lies."""
    if spec.group_file is None:
        return None
    folder = spec.root if spec.root.is_dir() else spec.root.parent
    return folder / spec.group_file


def _read_given(
    spec: DatasetSpec, samples: Sequence[Sample]
) -> tuple[Sequence[str], GroupOrigin, tuple[str, ...]]:
    """What a column says: `(N,)` names or nothing, which kind of column it is, and notes."""
    path = group_file_path(spec)
    if path is not None:
        table = read_group_table(path)
        if spec.group_column is None:
            raise DatasetError(
                f"Which column of {path.name} names the group is not said; choose one of "
                f"{', '.join(table.columns[:12])}."
            )
        found = match_groups(table, spec.group_column, samples)
        how = f"{path.name}: the column {found.image_column!r} names the images, {found.matched_by}."
        return found.names, "file", (how, *found.notes)
    if spec.group_column is None:
        return (), "", ()
    if spec.format != "label_table":
        raise DatasetError(
            f"The group column {spec.group_column!r} needs a file: this dataset is no label table. Name the "
            "CSV file that holds the column."
        )
    groups = read_label_groups(spec, spec.group_column)
    return [groups.get(sample.id, "") for sample in samples], "column", ()
