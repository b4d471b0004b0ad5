"""Atomic writes: a reader finds the old file or the new one, never half of one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from core.errors import WorkspaceError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside `path`; on a clean exit it takes the place of `path`.

    Raises:
        WorkspaceError: the folder cannot be written, or the disk is full.
    """
    temporary = path.with_name(f".{path.stem[:64]}-{uuid4().hex}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not tempfile: its files are private, and what is written here is as open as the folder it lies in.
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())  # the data before the name, or a power cut leaves an empty file
        temporary.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write the whole content under a temporary name, then put it in place; text is UTF-8.

    Raises:
        WorkspaceError: the folder cannot be written, or the disk is full.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def cut_half_line(path: Path) -> None:
    """Cut off what follows the last line break of an append-only file: a killed writer's last words."""
    try:
        with path.open("r+b") as file:
            file.truncate(file.read().rfind(b"\n") + 1)
    except FileNotFoundError:
        return


def _cannot_write(path: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        f"Cannot write {path}: {error.strerror or error}. Check that the folder exists, may be written to, "
        "and that the disk is not full; COUNTERPOISE_HOME chooses another workspace."
    )
