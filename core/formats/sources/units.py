"""Counting files that hold one or many samples, several at a time, with a cache between scans."""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.domain.scan import Problem, Sample
from core.errors import AppError, CancelledError
from core.formats.sources.protocol import Counted, SampleCounts
from core.formats.wording import describe_error
from core.workspace.files import write_atomic
from core.workspace.guarded import FolderGuard

_VERSION = 2  # raise it whenever counts of the same file would differ
_MOST_THREADS = 8


@dataclass(frozen=True, slots=True)
class CountUnit:
    """Files that are read together, and the samples that come of them.

    Attributes:
        name: Its name in the cache; another way to count the same files has another name.
        files: The files, POSIX and relative to the root; the first one is blamed for what goes wrong.
        samples: The samples.
        count: Reads the files; one result a sample, in order.
    """

    name: str
    files: tuple[str, ...]
    samples: tuple[Sample, ...]
    count: Callable[[], Sequence[SampleCounts]]


def count_units(
    roots: Sequence[Path],
    units: Sequence[CountUnit],
    cache: Path | None,
    on_progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> Counted:
    """Count units in threads: the libraries that decode let go of the interpreter while they work.

    Args:
        roots: Folders inside which files may lie; paths are relative to the first.
        units: What to read.
        cache: Where counts are kept; None keeps nothing. A damaged one is like none.
        on_progress: Told (samples done, samples in all).
        should_stop: Asked after each unit.

    Raises:
        CancelledError: `should_stop` said so; what was read is kept.
        WorkspaceError: The cache cannot be written.
    """
    known = _read_cache(cache)
    stamps, problems = _find_stamps(roots, units)
    results: dict[str, tuple[SampleCounts, ...]] = {}
    for unit in units:
        kept = _restore(known.get(unit.name), stamps.get(unit.name), unit)
        if kept is not None:
            results[unit.name] = kept
    unread = [unit for unit in units if unit.name in stamps and unit.name not in results]
    total = sum(len(unit.samples) for unit in units)
    done = total - sum(len(unit.samples) for unit in unread)
    on_progress(done, total)
    finished = True
    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
        waiting = {pool.submit(unit.count): unit for unit in unread}
        for future in as_completed(waiting):
            unit = waiting[future]
            try:
                results[unit.name] = tuple(future.result())
                known[unit.name] = _pack(stamps[unit.name], results[unit.name])
            except AppError as error:
                problems.append(describe_error(unit.files[0], str(error)))
            done += len(unit.samples)
            on_progress(done, total)
            if should_stop():
                finished = False
                pool.shutdown(cancel_futures=True)
                break
    if cache is not None and unread:
        write_atomic(cache, json.dumps({"version": _VERSION, "units": known}))
    if not finished:
        raise CancelledError(
            "The scan was cancelled. What was read is kept; the next scan goes on from there."
        )
    counted = tuple(item for unit in units for item in results.get(unit.name, ()))
    problems.sort(key=lambda item: item.file)  # threads end in any order
    return Counted(counted, tuple(problems))


def _find_stamps(
    roots: Sequence[Path], units: Sequence[CountUnit]
) -> tuple[dict[str, list[list[int]]], list[Problem]]:
    """Size and time of change of every file; units with a file that is missing or refused become problems."""
    guard, stamps, problems = FolderGuard(list(roots)), {}, []
    for unit in units:
        try:
            stats = [guard.check(roots[0] / file) for file in unit.files]
        except AppError as error:
            problems.append(describe_error(unit.files[0], str(error)))
            continue
        stamps[unit.name] = [[stat.st_size, stat.st_mtime_ns] for stat in stats]
    return stamps, problems


def _pack(stamp: list[list[int]], counts: Sequence[SampleCounts]) -> dict[str, Any]:
    rows = [{key: value for key, value in asdict(item).items() if key != "sample"} for item in counts]
    return {"stamp": stamp, "rows": rows}


def _restore(kept: Any, stamp: list[list[int]] | None, unit: CountUnit) -> tuple[SampleCounts, ...] | None:
    """The kept counts of a unit; None where a file has changed, or what is kept makes no sense."""
    try:
        if stamp is None or kept["stamp"] != stamp or len(kept["rows"]) != len(unit.samples):
            return None
        pairs = zip(unit.samples, kept["rows"], strict=True)
        return tuple(
            SampleCounts(sample, **{**row, "spacing": tuple(row["spacing"]) if row["spacing"] else None})
            for sample, row in pairs
        )
    except (TypeError, KeyError):
        return None


def _read_cache(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        content = json.loads(path.read_bytes())
        return dict(content["units"]) if content["version"] == _VERSION else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}
