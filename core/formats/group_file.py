"""Groups from a CSV file: one column names the image, another its patient, flight or video.

Which column names the image is found by content: the one whose cells are the dataset's own names, as whole
paths, as file names, or without their suffixes. A name that fits two images is refused, never guessed.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.domain.scan import Sample
from core.errors import DatasetError

_MAX_BYTES = 500_000_000
_MOST_COLUMNS = 2000  # each is compared with the images' names
_NAMED = 3
_VOLUME_ENDING = ".nii"


@dataclass(frozen=True, slots=True)
class GroupTable:
    """The cells of a CSV file.

    Attributes:
        path: The file.
        columns: The header.
        rows: The cells of each row, stripped; as many as there are columns.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def cells(self, column: str) -> list[str]:
        """The cells of one column."""
        place = self.columns.index(column)
        return [row[place] for row in self.rows]


@dataclass(frozen=True, slots=True)
class FileGroups:
    """What a group file says of a dataset.

    Attributes:
        names: `(N,)` group of each sample; empty where no row speaks of it.
        image_column: The column that names the images.
        matched_by: How its cells name them, in words.
        notes: Rows without an image, images without a row: a sentence each.
    """

    names: tuple[str, ...]
    image_column: str
    matched_by: str
    notes: tuple[str, ...]


def read_group_table(path: Path) -> GroupTable:
    """Read a CSV file with a header; commas, semicolons or tabs, whichever the header has most of.

    Raises:
        DatasetError: The file is missing, too large, no text in UTF-8, or has no row below its header.
    """
    text = _read_text(path)
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    try:
        lines = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as error:
        raise DatasetError(f"{path} is no table ({error}); save it as CSV again.") from error
    filled = [row for row in lines if any(row)]
    if len(filled) < 2:
        raise DatasetError(f"{path} has no row below its header; choose a file that names images and groups.")
    columns, width = filled[0], len(filled[0])
    if width > _MOST_COLUMNS:
        raise DatasetError(
            f"{path} has {width:,} columns, more than the {_MOST_COLUMNS:,} that a table of groups may have; "
            "save the columns of image and group alone."
        )
    if len(set(columns)) < width:
        twice = next(name for name in columns if columns.count(name) > 1)
        raise DatasetError(f"{path}: two columns are called {twice!r}; rename one of them.")
    rows = tuple(tuple((row + [""] * width)[:width]) for row in filled[1:])
    return GroupTable(path, tuple(columns), rows)


def match_groups(table: GroupTable, column: str, samples: Sequence[Sample]) -> FileGroups:
    """Find the group of each sample in a table.

    Args:
        table: The group file.
        column: The column that names the group.
        samples: The N samples.

    Raises:
        DatasetError: There is no such column, no column names the images, a name fits several images, or two
            rows put one image into different groups.
    """
    check_column(table, column)
    match = _find_best(table, column, samples)
    groups = _read_rows(table, match, table.cells(column))
    # (image files) -> (samples): the slices of a volume are named by its file
    names = tuple(groups.get(_file_of(sample), "") for sample in samples)
    return FileGroups(names, match.column, _MATCHES[match.how], _describe(table, match, groups, samples))


def check_column(table: GroupTable, column: str) -> None:
    """Refuse a column that the table does not have.

    Raises:
        DatasetError: Naming the columns that there are.
    """
    if column not in table.columns:
        raise DatasetError(
            f"{table.path.name} has no column {column!r}; its columns are {', '.join(table.columns[:12])}."
        )


def file_stem(name: str) -> str:
    """A file's name without folders and suffix; of `scan.nii.gz` both endings go.

    >>> file_stem("a/b/eye_01.png"), file_stem("scan.nii.gz"), file_stem("plain")
    ('eye_01', 'scan', 'plain')
    """
    base = name.rpartition("/")[2]
    stem = base.rpartition(".")[0] or base
    return stem.removesuffix(_VOLUME_ENDING)


@dataclass(frozen=True, slots=True)
class _Match:
    """A column whose cells name images.

    Attributes:
        column: Its name.
        how: A key of `_MATCHES`.
        keys: The key of each row.
        files: Key to the image files that it fits.
        found: How many rows fit an image.
    """

    column: str
    how: str
    keys: tuple[str, ...]
    files: Mapping[str, tuple[str, ...]]
    found: int


def _base_name(name: str) -> str:
    return name.rpartition("/")[2]


def _whole(name: str) -> str:
    return name


_MATCHES: Final = {
    "path": "by the whole path below the dataset's folder",
    "name": "by the file name",
    "stem": "by the file name without its suffix",
}
_KEYS: Final[dict[str, Callable[[str], str]]] = {"path": _whole, "name": _base_name, "stem": file_stem}


def _file_of(sample: Sample) -> str:
    return str(sample.image) if sample.image else sample.id


def _find_best(table: GroupTable, column: str, samples: Sequence[Sample]) -> _Match:
    """The column and the strictest way that fit most rows."""
    files = list(dict.fromkeys(_file_of(sample) for sample in samples))
    others = [name for name in table.columns if name != column] or [column]
    best: _Match | None = None
    for how, key_of in _KEYS.items():
        known = _index(files, key_of)
        for name in others:
            keys = tuple(key_of(_as_path(cell)) for cell in table.cells(name))
            found = sum(key in known for key in keys)
            if best is None or found > best.found:
                best = _Match(name, how, keys, known, found)
    if best is None or best.found == 0:
        first = files[0] if files else "none"
        raise DatasetError(
            f"No column of {table.path.name} names the images of this dataset: the first image is {first}, "
            f"the first row {', '.join(table.rows[0][:6])}. One column must hold the images' paths, file "
            "names, or file names without suffix."
        )
    return best


def _index(files: Sequence[str], key_of: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {}
    for file in files:
        key = key_of(file)
        known[key] = (*known.get(key, ()), file)
    return known


def _as_path(cell: str) -> str:
    return cell.replace("\\", "/").removeprefix("./")


def _read_rows(table: GroupTable, match: _Match, cells: Sequence[str]) -> dict[str, str]:
    """Image file to group; empty cells say nothing."""
    groups: dict[str, str] = {}
    for line, (key, group) in enumerate(zip(match.keys, cells, strict=True), start=2):
        files = match.files.get(key, ())
        if len(files) > 1:
            raise DatasetError(
                f"{table.path.name}, row {line}: {key!r} fits {len(files)} images ({files[0]}, {files[1]}), "
                "so its group cannot be told. Write the path below the dataset's folder into the column "
                f"{match.column!r}."
            )
        if not files or not group:
            continue
        if groups.setdefault(files[0], group) != group:
            raise DatasetError(
                f"{table.path.name}, row {line}: {files[0]} is in the group {group!r} here and in "
                f"{groups[files[0]]!r} further up. Correct one of the two rows."
            )
    return groups


def _describe(
    table: GroupTable, match: _Match, groups: Mapping[str, str], samples: Sequence[Sample]
) -> tuple[str, ...]:
    """What does not fit, a sentence each."""
    lost = list(dict.fromkeys(key for key in match.keys if key not in match.files))
    alone = list(dict.fromkeys(file for sample in samples if (file := _file_of(sample)) not in groups))
    notes = []
    if lost:
        rows = "1 row names" if len(lost) == 1 else f"{len(lost):,} rows name"
        notes.append(f"{table.path.name}: {rows} no image of this dataset ({_few(lost)}).")
    if alone:
        images = "1 image has" if len(alone) == 1 else f"{len(alone):,} images have"
        notes.append(
            f"{table.path.name}: {images} no group in it ({_few(alone)}); add what is missing, or "
            "each stays alone."
        )
    return tuple(notes)


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DatasetError(f"{path} is larger than 500 MB, so it is no table of groups; choose another.")
        text = path.read_text(encoding="utf-8-sig")
        if "\0" in text:
            raise DatasetError(
                f"{path} holds NUL characters, so it is no table of text; save it as CSV again."
            )
        return text
    except FileNotFoundError as error:
        raise DatasetError(
            f"The group file {path} is not there; put it back, or choose another way to find the groups."
        ) from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); check its permissions.") from error
