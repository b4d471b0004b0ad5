"""What images look like in 320 bits, so that near duplicates can be found among many.

Medical images look alike: two fundus photographs or chest x-rays of different people share their layout, and
the usual 64-bit perceptual hash often takes them for one. Here that hash (pHash, 8 × 8 lowest frequencies)
only chooses candidates; a 256-bit one (16 × 16 frequencies of 64 × 64 grey pixels) decides. Images without
contrast have a hash of noise and are left out. docs/splitting.md has the measurements behind the limits.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from core.domain.dataset import DatasetSpec
from core.domain.scan import Sample
from core.errors import AppError, CancelledError
from core.formats.masks.registry import mask_roots
from core.formats.whole import read_display
from core.workspace.files import write_atomic
from core.workspace.guarded import FolderGuard

COARSE_LIMIT: Final = 12
"""Most bits of 64 that may differ: every copy that was measured differs by less."""
_LEAST_CONTRAST = 4.0  # standard deviation of grey levels; an image without content has less
_LONGEST = 256  # pixels a side are read; the hash sees 64
_MOST_THREADS = 8
_SIDE = 16

Entry = tuple[int, int, str, float]
"""Size in bytes, time of the last change in nanoseconds, both hashes in hexadecimal, contrast."""

_CACHE = TypeAdapter(dict[str, Entry])


@dataclass(frozen=True, slots=True)
class Likeness:
    """The hashes of the images that can be compared.

    Attributes:
        positions: `(M,)` intp which samples they are.
        coarse: `(M,)` uint64.
        fine: `(M, 4)` uint64.
        flat: Images that were left out for want of contrast.
        unread: Images that could not be read.
        slices: Samples that share their file with others, which are one group anyway and are not compared.
    """

    positions: NDArray[np.intp]
    coarse: NDArray[np.uint64]
    fine: NDArray[np.uint64]
    flat: int
    unread: int
    slices: int


def read_likeness(
    spec: DatasetSpec,
    samples: Sequence[Sample],
    cache: Path | None,
    on_progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> Likeness:
    """Hash the images of a dataset, several at a time; what has not changed is not read again.

    Args:
        spec: The dataset.
        samples: Its samples; those without an image are left out.
        cache: Where hashes are kept; None keeps nothing. A damaged one is like none.
        on_progress: Told (images done, images in all).
        should_stop: Asked after each image.

    Raises:
        CancelledError: `should_stop` said so; what was read is kept.
        WorkspaceError: The cache cannot be written.
    """
    shared = Counter(sample.image for sample in samples)
    single = [i for i, sample in enumerate(samples) if sample.image is not None and shared[sample.image] == 1]
    stamps = _find_stamps(spec, [samples[i] for i in single])
    known = _read_cache(cache)
    unread = [
        i
        for i in single
        if (stamp := stamps.get(samples[i].id)) and known.get(samples[i].id, ())[:2] != stamp
    ]
    finished = _read(spec, [samples[i] for i in unread], stamps, known, on_progress, should_stop)
    if cache is not None and unread:
        ids = {sample.id for sample in samples}
        write_atomic(cache, json.dumps({id_: entry for id_, entry in known.items() if id_ in ids}))
    if not finished:
        raise CancelledError("The search was cancelled. What was read is kept for the next time.")
    entries = {
        i: known[samples[i].id]
        for i in single
        if known.get(samples[i].id, ())[:2] == stamps.get(samples[i].id)
    }
    slices = sum(sample.image is not None for sample in samples) - len(single)
    return _pack(entries, len(single), slices)


def hash_picture(picture: NDArray[np.uint8]) -> tuple[str, float]:
    """Both hashes of an image in hexadecimal, 16 + 64 digits, and its contrast.

    Args:
        picture: `(H, W, 3)` uint8.
    """
    grey = Image.fromarray(picture).convert("L")
    coarse = np.packbits(imagehash.phash(grey).hash).tobytes()
    fine = np.packbits(imagehash.phash(grey, hash_size=_SIDE).hash).tobytes()
    return (coarse + fine).hex(), float(np.asarray(grey).std())


def _read(
    spec: DatasetSpec,
    samples: Sequence[Sample],
    stamps: dict[str, tuple[int, int]],
    known: dict[str, Entry],
    on_progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> bool:
    """Hash images into `known`; False when `should_stop` said so."""

    def look(sample: Sample) -> tuple[str, float] | None:
        try:
            return hash_picture(read_display(spec, sample, _LONGEST))
        except AppError:
            return None

    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
        for done, (sample, found) in enumerate(zip(samples, pool.map(look, samples), strict=True), start=1):
            if found is not None:
                known[sample.id] = (*stamps[sample.id], *found)
            on_progress(done, len(samples))
            if should_stop():
                pool.shutdown(wait=False, cancel_futures=True)
                return False
    return True


def _pack(entries: dict[int, Entry], compared: int, slices: int) -> Likeness:
    sharp = {place: entry[2] for place, entry in entries.items() if entry[3] >= _LEAST_CONTRAST}
    content = bytes.fromhex("".join(sharp.values()))
    words = np.frombuffer(content, dtype=np.uint64).reshape(len(sharp), 1 + _SIDE * _SIDE // 64)
    return Likeness(
        positions=np.array(list(sharp), dtype=np.intp),
        coarse=words[:, 0].copy(),
        fine=words[:, 1:].copy(),
        flat=len(entries) - len(sharp),
        unread=compared - len(entries),
        slices=slices,
    )


def _find_stamps(spec: DatasetSpec, samples: Sequence[Sample]) -> dict[str, tuple[int, int]]:
    guard, stamps = FolderGuard(mask_roots(spec)), {}
    for sample in samples:
        try:
            status = guard.check(spec.root / str(sample.image))
        except AppError:
            continue
        stamps[sample.id] = status.st_size, status.st_mtime_ns
    return stamps


def _read_cache(path: Path | None) -> dict[str, Entry]:
    if path is None:
        return {}
    try:
        return _CACHE.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return {}
