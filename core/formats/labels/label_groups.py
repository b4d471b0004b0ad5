"""Groups from a label table: a column that names the patient, flight or video of each row."""

from dataclasses import replace

from core.domain.dataset import DatasetSpec
from core.errors import DatasetError
from core.formats.labels.label_rows import name_rows, read_rows
from core.formats.labels.label_sniffing import TableShape, sniff_table


def read_label_groups(spec: DatasetSpec, column: str) -> dict[str, str]:
    """The group of each image of a label table; rows with an empty cell are left out.

    Raises:
        DatasetError: The file cannot be read, or has no such column, or the column holds labels.
    """
    shape = sniff_table(spec.root, spec.id_column, spec.separator)
    if column not in shape.names:
        raise DatasetError(
            f"{spec.root.name} has no column {column!r} to group by; its columns are "
            f"{', '.join(shape.names[:12])}."
        )
    if column == shape.words:
        raise DatasetError(
            f"{spec.root.name}: the column {column!r} holds the labels, so it cannot name groups as well; "
            "choose another column."
        )
    text = [column] if shape.id_column in (None, column) else [column, str(shape.id_column)]
    groups: dict[str, str] = {}
    for rows in read_rows(spec.root, shape.names, shape.delimiter, text, text, shape.skip, []):
        cells = rows.table[column].fillna("").str.strip()
        for name, cell in zip(name_rows(rows, shape.id_column, shape.skip), cells, strict=True):
            if cell:
                groups.setdefault(name, cell)
    return groups


def group_columns(spec: DatasetSpec) -> tuple[str, ...]:
    """The columns of a label table that could name groups: neither labels nor the name of the image.

    Raises:
        DatasetError: The file cannot be read or is no label table.
    """
    shape = leave_out_group(sniff_table(spec.root, spec.id_column, spec.separator), spec)
    taken = {shape.id_column, shape.words, *shape.flags}
    return tuple(name for name in shape.names if name not in taken)


def leave_out_group(shape: TableShape, spec: DatasetSpec) -> TableShape:
    """A table's shape without the group column among its classes: a site may well be called 0 or 1."""
    if spec.group_file is not None or spec.group_column not in shape.flags:
        return shape
    return replace(shape, flags=tuple(name for name in shape.flags if name != spec.group_column))
