"""Putting files in place: whole or not at all, and never through a hard link into the source."""

import csv
import io
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from core.domain.augmentation import LinkMode
from core.errors import WorkspaceError

_UNFINISHED = ".part"


def place_bytes(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, then put it in place.

    Unlike `core.workspace.files.write_atomic` it does not wait for the disk, which would take as long as
    making the image: the manifest knows each file's size, and a file lost in a power cut is made again.

    Raises:
        WorkspaceError: The folder cannot be written, or the disk is full.
    """
    with _replacing(path) as temporary:
        temporary.write_bytes(content)


def encode_table(rows: Sequence[Sequence[object]]) -> bytes:
    """Rows as CSV; bytes of file names that are no text stay as they are."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogateescape")


def place_file(source: Path, path: Path, link: LinkMode) -> None:
    """Put a file of the dataset in place: linked where asked for and possible, else copied.

    Raises:
        WorkspaceError: The folder cannot be written, the disk is full, or the source is gone.
    """
    with _replacing(path) as temporary:
        if link == "hard" and _link(source, temporary):
            return
        shutil.copyfile(source, temporary)


def remove_leftovers(folder: Path) -> None:
    """Remove what a process that was killed left unfinished."""
    for path in folder.rglob(f".*{_UNFINISHED}"):
        path.unlink(missing_ok=True)


def _link(source: Path, path: Path) -> bool:
    try:
        os.link(os.path.realpath(source), path)  # the file itself, should the source be a symbolic link
    except OSError:  # another disk, too many links, a file system without links: a copy serves as well
        return False
    return True


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    temporary = path.with_name(f".{uuid4().hex}{_UNFINISHED}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise WorkspaceError(
            f"Cannot write {path}: {error.strerror or error}. Check that the folder may be written to and "
            "that the disk is not full, then start again: what is written is kept."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
