"""Pictures with labels as wholes: they stay where they lie, and the labels are told as the source tells them.

Class folders stay class folders, and names keep their class. Where that cannot be, and for label tables, a
table of 0 and 1 lies beside the pictures.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from core.data.copies import Drawn, SourceSample
from core.data.entries import Entry
from core.data.layouts.plain import find_kept_pattern
from core.data.layouts.protocol import INDEX_FILE, Files, WriteContext, write_image
from core.data.naming import COPY_MARK
from core.data.placing import encode_table, place_bytes
from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.scan import Sample
from core.formats.dataset_file import DATASET_FILE, write_dataset_file
from core.formats.folders.listing import is_picture
from core.formats.labels.label_sniffing import FLAGS
from core.formats.labels.picture_labels import find_classes

LABEL_FILE: Final = "labels.csv"
_ID_COLUMN: Final = "image"


class LabelledPictures:
    """Pictures under the paths of their source, duplicates beside them."""

    def settle(self, context: WriteContext, samples: Sequence[Sample]) -> WriteContext:
        """Each picture keeps its own file type."""
        del samples
        return context

    def name(self, name: str) -> str:
        """Sub-folders are kept: they may be the classes."""
        return name

    def write(self, context: WriteContext, source: SourceSample, drawn: Drawn | None, name: str) -> Files:
        """Write one picture."""
        return Files((write_image(context, source, drawn, name),), ())

    def finish(self, context: WriteContext, entries: Sequence[Entry]) -> None:
        """Write the `dataset.toml` that opens the set with its labels, and their table where it needs one."""
        spec = _find_path_spec(context, entries)
        if spec is None:
            columns = _name_columns(context.dataset.classes)
            place_bytes(context.folder / LABEL_FILE, encode_table(_list_rows(context, entries, columns)))
            spec = _describe_table(context, columns)
        groups = _describe_groups(context, entries)
        write_dataset_file(context.folder / DATASET_FILE, spec.model_copy(update=groups))


def _find_path_spec(context: WriteContext, entries: Sequence[Entry]) -> DatasetSpec | None:
    """The source's own rule, if by it the written paths still name every class; else None."""
    source = context.dataset.spec
    if not source.has_images:
        return None
    for pattern in _list_patterns(source.class_pattern):
        spec = DatasetSpec(
            name=context.title,
            root=Path(),
            format=source.format,
            class_pattern=pattern,
            classes=context.dataset.classes,
        )
        found = find_classes(spec, [entry.image for entry in entries])
        if all((found[entry.image],) == context.labels[entry.sample] for entry in entries):
            return spec
    return None


def _list_patterns(own: str | None) -> Iterator[str | None]:
    """The pattern of the source, and one that looks past the number of a duplicate."""
    yield own
    if own is not None and own.endswith("$"):
        yield f"{own[:-1]}(?:{re.escape(COPY_MARK)}\\d+_*)?$"


def _describe_table(context: WriteContext, columns: Sequence[str]) -> DatasetSpec:
    classes = tuple(
        item.model_copy(update={"key": column})
        for item, column in zip(context.dataset.classes, columns, strict=True)
    )
    return DatasetSpec(
        name=context.title, root=Path(LABEL_FILE), format="label_table", id_column=_ID_COLUMN, classes=classes
    )


def _list_rows(context: WriteContext, entries: Sequence[Entry], columns: Sequence[str]) -> list[list[object]]:
    """A header, then one row a picture with a column of 0 and 1 a class."""
    keys = [item.key for item in context.dataset.classes]
    rows: list[list[object]] = [[_ID_COLUMN, *columns]]
    for entry in entries:
        present = frozenset(context.labels[entry.sample])
        rows.append([entry.image, *(int(key in present) for key in keys)])
    return rows


def _name_columns(classes: Sequence[ClassSpec]) -> list[str]:
    """The key of each class, but for what would not be taken for the name of a column."""
    taken, columns = {_ID_COLUMN}, []
    for item in classes:
        plain = item.key.lower() not in FLAGS and not is_picture(item.key)
        column = item.key.strip() if plain else f"class {item.key}"
        while column in taken:
            column += "_"
        taken.add(column)
        columns.append(column)
    return columns


def _describe_groups(context: WriteContext, entries: Sequence[Entry]) -> dict[str, str]:
    """The index lists the groups, those of images alone with their duplicates too."""
    own = find_kept_pattern(context, entries)
    if own is not None:
        return {"group_pattern": own}
    return {"group_file": INDEX_FILE, "group_column": "group"}
