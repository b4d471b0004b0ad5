"""Atomic writes: a reader finds the old file or the new one, never half of one."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import WorkspaceError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside `path`; on a clean exit it takes the place of `path`.

    Raises:
        WorkspaceError: the folder cannot be written, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
        os.close(handle)
    except OSError as error:
        raise _cannot_write(path, error) from error
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())  # the data before the name, or a power cut leaves an empty file
        # mkstemp makes private files; what is written here is as open as the folder that it lies in.
        temporary.chmod(0o666 & ~_umask())
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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot_write(path: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        f"Cannot write {path}: {error.strerror or error}. Check that the folder exists, may be written to, "
        "and that the disk is not full; COUNTERPOISE_HOME chooses another workspace."
    )
