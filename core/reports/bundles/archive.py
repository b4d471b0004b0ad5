"""Zip files that come from somebody else: every rule is checked before a byte is unpacked.

Nothing is ever unpacked under the name that the archive gives: names are looked up, not followed.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.errors import ReviewError, UnsafeFileError

MOST_ENTRIES = 1_000_000
MOST_BYTES = 256 << 30  # of all files together
_CHUNK = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_MOST_RATIO = 1032  # what deflate can reach at best (zlib's technical notes); more is a lie
_READING_ERRORS = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError,
    OverflowError,
)  # fmt: skip


class Archive:
    """An opened zip file whose table of contents has been checked.

    Args:
        archive: The zip file.
        name: Said in errors.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive, self._name = archive, name
        self._entries = {info.filename: info for info in archive.infolist()}

    @property
    def names(self) -> list[str]:
        """The names of all files, as the archive says them; never use one as a path."""
        return list(self._entries)

    @property
    def nbytes(self) -> int:
        """Bytes of all files together once they are unpacked."""
        return sum(info.file_size for info in self._entries.values())

    def size(self, entry: str) -> int | None:
        """Bytes that one file promises; None where there is no such file."""
        info = self._entries.get(entry)
        return None if info is None else info.file_size

    def read(self, entry: str, most: int) -> bytes:
        """The content of one file.

        Args:
            entry: Its name.
            most: Bytes that are read at most.

        Raises:
            ReviewError: There is no such file, or it is damaged.
            UnsafeFileError: It is larger than `most`.
        """
        info = self._entries.get(entry)
        if info is None:
            raise ReviewError(f"{self._name}: {entry} is missing; ask the sender to write the file again.")
        if info.file_size > most:
            raise UnsafeFileError(
                f"{self._name}: {entry} promises {info.file_size:,} bytes, more than the {most:,} that it "
                "may have."
            )
        try:
            with self._archive.open(info) as file:
                return self._drain(file, info.file_size)
        except _READING_ERRORS as error:
            raise _damaged(self._name, error) from error

    def _drain(self, file: IO[bytes], size: int) -> bytes:
        """What an entry holds, and no byte more than it promised."""
        parts: list[bytes] = []
        left = size
        while left > 0 and (part := file.read(min(_CHUNK, left))):
            parts.append(part)
            left -= len(part)
        if left or file.read(1):
            raise ValueError("an entry is not as long as it promises")
        return b"".join(parts)


@contextmanager
def open_archive(file: Path | IO[bytes], name: str) -> Iterator[Archive]:
    """Open a zip file that may be anything.

    Args:
        file: A path, or an open file such as an upload.
        name: Said in errors.

    Raises:
        ReviewError: It is no zip file, cut short, or damaged.
        UnsafeFileError: It is a bomb, or holds links, names that lead elsewhere, or one name twice.
    """
    try:
        archive = zipfile.ZipFile(file)
    except FileNotFoundError as error:
        raise ReviewError(f"{name}: there is no such file; check the path.") from error
    except _READING_ERRORS as error:
        raise ReviewError(
            f"{name} is no review bundle, or it was cut short on its way ({_say(error)}); copy it again from "
            "its source."
        ) from error
    with archive:
        _check_entries(archive, name)
        yield Archive(archive, name)


def _check_entries(archive: zipfile.ZipFile, name: str) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise UnsafeFileError(f"{name} holds {len(entries):,} files, more than any bundle; do not open it.")
    seen: set[str] = set()
    for info in entries:
        _check_entry(info, name)
        if info.filename.casefold() in seen:
            raise UnsafeFileError(
                f"{name} holds {info.filename[:100]!r} twice; no bundle does. Do not open it."
            )
        seen.add(info.filename.casefold())
    total = sum(info.file_size for info in entries)
    packed = sum(info.compress_size for info in entries)
    # Entries that lie over one another let a small file unpack to petabytes
    if total > MOST_BYTES or packed > _find_size(archive):
        raise UnsafeFileError(
            f"{name} promises {total / 2**30:,.1f} GiB in {packed:,} packed bytes, as only a decompression "
            "bomb does; do not open it."
        )


def _check_entry(info: zipfile.ZipInfo, name: str) -> None:
    # As the archive spells it: ZipInfo itself cuts names at a NUL and turns the system's separators
    said = info.orig_filename
    parts = said.split("/")
    if "\\" in said or "\0" in said or ":" in said or any(part in ("", ".", "..") for part in parts):
        raise UnsafeFileError(
            f"{name} holds the name {said[:100]!r}, which could lead out of its folder; no bundle does that. "
            "Do not open it."
        )
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise UnsafeFileError(f"{name}: {said[:100]} is a link or no ordinary file; do not open the bundle.")
    if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
        raise ReviewError(
            f"{name}: {said[:100]} is encrypted or packed in a way that bundles are not; ask the sender to "
            "write the file with this program."
        )
    if info.file_size > _MOST_RATIO * info.compress_size + _CHUNK:
        raise UnsafeFileError(
            f"{name}: {said[:100]} promises {info.file_size:,} bytes in {info.compress_size:,} packed ones, "
            "as only a decompression bomb does; do not open it."
        )


def _find_size(archive: zipfile.ZipFile) -> int:
    file = archive.fp
    if file is None:
        return 0
    place = file.tell()
    size = file.seek(0, 2)
    file.seek(place)
    return size


def _damaged(name: str, error: Exception) -> ReviewError:
    return ReviewError(f"{name} is damaged or cut short ({_say(error)}); copy it again from its source.")


def _say(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
