"""How the command line names groups: options, read and checked."""

from pathlib import Path

from core.domain.dataset import DatasetSpec
from core.domain.groups import GroupRule
from core.errors import DatasetError
from core.formats.group_file import read_group_table
from core.formats.group_suggestions import find_group_columns


def choose_groups(
    spec: DatasetSpec, pattern: str | None = None, column: str | None = None, file: Path | None = None
) -> DatasetSpec:
    """A dataset whose groups are named as options say; as it is where they say nothing.

    Args:
        spec: The dataset.
        pattern: `--group`, a regular expression.
        column: `--group-column`, of the group file or of the label table.
        file: `--group-file`, relative to the working folder or to the dataset; it may lie anywhere.

    Raises:
        DatasetError: A pattern and a column are asked for, there is no such file, or it is not said which of
            its columns names the group.
    """
    if pattern is None and column is None and file is None:
        return spec
    if pattern is not None and (column is not None or file is not None):
        raise DatasetError(
            "Groups come from --group, or from --group-column and --group-file, not from both; leave out one."
        )
    if file is None:
        return GroupRule(pattern=pattern, column=column).put_into(spec)
    place = find_group_file(spec, file)
    return GroupRule(column=column or _find_column(spec, place), file=place).put_into(spec)


def find_group_file(spec: DatasetSpec, file: Path) -> str:
    """A group file as a dataset names it: below its folder, or else absolute.

    Raises:
        DatasetError: There is no such file.
    """
    folder = spec.root if spec.root.is_dir() else spec.root.parent
    typed = file.expanduser()
    found = next((place for place in (typed.absolute(), folder / typed) if place.is_file()), None)
    if found is None:
        raise DatasetError(
            f"There is no file {file}, neither here nor in {folder}; give the path of a CSV file with a "
            "column for the image and one for its group."
        )
    inside = found.is_relative_to(folder)
    return found.relative_to(folder).as_posix() if inside else found.as_posix()


def _find_column(spec: DatasetSpec, file: str) -> str:
    """The only column that is called like a group."""
    folder = spec.root if spec.root.is_dir() else spec.root.parent
    table = read_group_table(folder / file)
    found = find_group_columns(table)
    if len(found) != 1:
        raise DatasetError(
            f"Which column of {file} names the group cannot be told; choose it with --group-column, one of "
            f"{', '.join(found or table.columns[:12])}."
        )
    return found[0]
