"""Content hashes of image files, so that equal images are known for what they are.

Digests are kept between runs by path, size and time of change; a file that has not changed is not read
again. The cache is one JSON file, replaced as a whole; a damaged one is like none.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b, file_digest
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core.errors import AppError, CancelledError
from core.workspace.files import write_atomic
from core.workspace.guarded import FolderGuard

IMAGE_HASHES = "images.hashes.json"  # in the dataset's folder of the workspace
_DIGEST_BYTES = 16
_MOST_THREADS = 8

Entry = tuple[int, int, str]
"""Size in bytes, time of the last change in nanoseconds, hexadecimal digest."""

_CACHE = TypeAdapter(dict[str, Entry])


def hash_files(
    roots: Sequence[Path],
    files: Sequence[str],
    cache: Path | None = None,
    only_equal_sizes: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> dict[str, str]:
    """The content hash of each file (BLAKE2b, 128 bits), read by several threads.

    Args:
        roots: Folders inside which files may lie, links followed; paths are relative to the first.
        files: Paths, POSIX.
        cache: Where digests are kept; None keeps nothing.
        only_equal_sizes: Leave out the files whose size no other file has. They equal none, so that finding
            equal files reads next to nothing where images are compressed.
        on_progress: Told (files done, files to read).
        should_stop: Asked after each file.

    Returns:
        Digest by file. Files that are missing, empty, refused or unreadable are left out: the scan names
        them among its problems.

    Raises:
        CancelledError: `should_stop` said so; what was read is kept.
        WorkspaceError: The cache cannot be written.
    """
    stamps = _find_stamps(roots, files)
    if only_equal_sizes:
        stamps = _keep_equal_sizes(stamps)
    known = _read_cache(cache)
    unread = [file for file, stamp in stamps.items() if known.get(file, ())[:2] != stamp]
    finished = _read_files(roots[0], unread, stamps, known, on_progress or _ignore, should_stop or _never)
    if cache is not None and unread:
        write_atomic(cache, json.dumps(known))
    if not finished:
        raise CancelledError("Comparing the images was cancelled. What was read is kept for the next time.")
    return {file: known[file][2] for file, stamp in stamps.items() if known.get(file, ())[:2] == stamp}


def shorten_digests(digests: Sequence[str]) -> int:
    """One number of 64 bits for what several digests say together, in their order.

    >>> shorten_digests(["a", "b"]) == shorten_digests(["ab"])
    False
    """
    content = "\0".join(digests).encode("utf-8", "surrogateescape")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big")


def find_unread(roots: Sequence[Path], files: Sequence[str], cache: Path) -> dict[str, tuple[int, int]]:
    """The files that `hash_files` would read where only equal sizes count, with size and time of change."""
    stamps = _keep_equal_sizes(_find_stamps(roots, files))
    known = _read_cache(cache)
    return {file: stamp for file, stamp in stamps.items() if known.get(file, ())[:2] != stamp}


def _keep_equal_sizes(stamps: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    sizes = Counter(size for size, _ in stamps.values())
    return {file: stamp for file, stamp in stamps.items() if sizes[stamp[0]] > 1}


def _find_stamps(roots: Sequence[Path], files: Sequence[str]) -> dict[str, tuple[int, int]]:
    guard = FolderGuard(list(roots))
    stamps = {}
    for file in files:
        try:
            status = guard.check(roots[0] / file)
        except AppError:
            continue
        stamps[file] = status.st_size, status.st_mtime_ns
    return stamps


def _read_files(
    root: Path,
    files: Sequence[str],
    stamps: dict[str, tuple[int, int]],
    known: dict[str, Entry],
    on_progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> bool:
    """Read files into `known`; False when `should_stop` said so."""
    threads = min(_MOST_THREADS, 2 * (os.cpu_count() or 1))
    with ThreadPoolExecutor(threads) as pool:
        digests = pool.map(lambda file: _digest(root / file), files)
        for done, (file, digest) in enumerate(zip(files, digests, strict=True), start=1):
            if digest:
                known[file] = (*stamps[file], digest)
            on_progress(done, len(files))
            if should_stop():
                pool.shutdown(wait=False, cancel_futures=True)
                return False
    return True


def _digest(path: Path) -> str:
    """The digest of a file; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file_digest(file, lambda: blake2b(digest_size=_DIGEST_BYTES)).hexdigest()
    except OSError:
        return ""


def _read_cache(path: Path | None) -> dict[str, Entry]:
    if path is None:
        return {}
    try:
        return _CACHE.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return {}


def _ignore(done: int, total: int) -> None:
    """Report to nobody."""


def _never() -> bool:
    return False
