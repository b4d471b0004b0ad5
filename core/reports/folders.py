"""New folders that appear whole or not at all, where there is room for them and nothing of anybody else."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from core.data.space import find_existing
from core.errors import ReviewError, WorkspaceError

_RESERVE = 64 << 20  # left for others on the same disk


def check_folder(folder: Path, dataset_root: Path | None = None) -> None:
    """Raise unless a folder is new or empty, and lies outside of the dataset.

    Raises:
        ReviewError: Something of somebody lies there.
    """
    if folder.exists() and not folder.is_dir():
        raise ReviewError(f"{folder} is a file; name a new or an empty folder.")
    if folder.is_dir() and any(folder.iterdir()):
        raise ReviewError(
            f"{folder} holds files already, so nothing was written; choose a new or an empty folder."
        )
    if dataset_root is not None and folder.resolve().is_relative_to(dataset_root.resolve()):
        raise ReviewError(
            f"{folder} lies inside the dataset {dataset_root}, where nothing is ever written; choose a "
            "folder beside it."
        )


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder beside `folder`, which takes its place on a clean exit and else is removed.

    Raises:
        ReviewError: Something lies at `folder`.
        WorkspaceError: The folder cannot be written.
    """
    check_folder(folder)
    temporary = folder.with_name(f".{folder.name[:64]}-{uuid4().hex}")
    try:
        temporary.mkdir(parents=True)
        yield temporary
        check_folder(folder)  # Somebody may have been quicker
        if folder.is_dir():
            folder.rmdir()
        temporary.replace(folder)
    except OSError as error:
        raise WorkspaceError(
            f"Cannot write {folder}: {error.strerror or error}. Check that the folder may be written to and "
            "that the disk is not full."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_room(place: Path, needed: int) -> None:
    """Raise unless the disk has room.

    Args:
        place: A folder or file that is to be written.
        needed: Bytes, rather too many than too few.

    Raises:
        WorkspaceError: It has not; the sentence says how much is needed and how much is free.
    """
    existing = find_existing(place)
    free = shutil.disk_usage(existing).free
    if needed + _RESERVE > free:
        raise WorkspaceError(
            f"About {_say_bytes(needed)} are needed, but {existing} has only {_say_bytes(free)} free. Free "
            "some space, or choose a place on another disk."
        )


def _say_bytes(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{max(count, 1 << 20) / 2**20:.0f} MiB"
