"""Heights and widths of pictures from their headers, read by several threads and kept between scans.

A header that cannot be read is the cheapest sign of a broken picture. What was read is kept by path, size and
time of change in one JSON file, replaced as a whole; a damaged one is like none.
"""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core.errors import AppError, CancelledError
from core.formats.pixels.images import read_size
from core.workspace.files import write_atomic
from core.workspace.guarded import FolderGuard

_MOST_THREADS = 8

Size = tuple[int, int]
Stamp = tuple[int, int]
Entry = tuple[int, int, int, int]
"""Bytes, time of the last change in nanoseconds, height, width."""

_CACHE = TypeAdapter(dict[str, Entry])


@dataclass(frozen=True, slots=True)
class Headers:
    """What the headers say.

    Attributes:
        sizes: Height and width of each picture that can be read.
        faults: The sentence why another one cannot.
    """

    sizes: dict[str, Size]
    faults: dict[str, str]


def read_headers(
    root: Path,
    files: Sequence[str],
    cache: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Headers:
    """Read the header of each picture.

    Args:
        root: The dataset's root: links must stay inside it.
        files: Paths, POSIX, relative to the root.
        cache: Where sizes are kept; None keeps nothing.
        on_progress: Told (pictures done, pictures in all).
        should_stop: Asked after each picture that is read.

    Raises:
        CancelledError: `should_stop` said so; what was read is kept.
        WorkspaceError: The cache cannot be written.
    """
    known = _read_cache(cache)
    stamps, faults = _find_stamps(root, files)
    unread = [file for file, stamp in stamps.items() if known.get(file, ())[:2] != stamp]
    done, stopped = len(files) - len(unread), False
    with ThreadPoolExecutor(min(_MOST_THREADS, 2 * (os.cpu_count() or 1))) as pool:
        results = pool.map(lambda file: _read(root / file), unread)
        for number, (file, result) in enumerate(zip(unread, results, strict=True), start=1):
            if isinstance(result, str):
                faults[file] = result
            else:
                known[file] = (*stamps[file], *result)
            if on_progress is not None:
                on_progress(done + number, len(files))
            if should_stop is not None and should_stop():
                pool.shutdown(wait=False, cancel_futures=True)
                stopped = True
                break
    if cache is not None and unread:
        write_atomic(cache, json.dumps(known))
    if stopped:
        raise CancelledError(
            "The scan was cancelled. What was read is kept; the next scan goes on from there."
        )
    return Headers({file: known[file][2:] for file in stamps if file not in faults}, faults)


def _find_stamps(root: Path, files: Sequence[str]) -> tuple[dict[str, Stamp], dict[str, str]]:
    """Size and time of change of each file, and why another one is refused before it is read."""
    guard = FolderGuard([root])
    stamps: dict[str, Stamp] = {}
    faults: dict[str, str] = {}
    for file in files:
        try:
            status = guard.check(root / file)
        except AppError as error:
            faults[file] = str(error)
            continue
        stamps[file] = status.st_size, status.st_mtime_ns
    return stamps, faults


def _read(path: Path) -> Size | str:
    try:
        return read_size(path)
    except AppError as error:
        return str(error)


def _read_cache(path: Path | None) -> dict[str, Entry]:
    if path is None:
        return {}
    try:
        return _CACHE.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return {}
