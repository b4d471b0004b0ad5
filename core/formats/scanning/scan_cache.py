"""What a scan has read, kept between scans: raw counts by file, size and time of change.

Counts do not depend on classes, roles, void or threshold: any of these may change without a file being read
again. The cache is one npz file of plain arrays, replaced as a whole; a damaged one is like none.
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.pixels.counting import ValueCounts
from core.formats.scanning.counting_tasks import pack_counts, pack_json, unpack_counts, unpack_json
from core.workspace.files import replacing

# Raise it whenever counts of the same file would differ: older caches are then read anew.
_VERSION = 2

Stamp = tuple[int, int]
"""Size in bytes and time of the last change in nanoseconds."""


@dataclass(slots=True)
class ScanCache:
    """Counts of masks, sizes of images, and unions over the masks of an image, each with its stamp.

    Keys are paths relative to the dataset's root; a union's is `name_union`.
    """

    counts: dict[str, tuple[Stamp, ValueCounts]] = field(default_factory=dict)
    sizes: dict[str, tuple[Stamp, tuple[int, int]]] = field(default_factory=dict)
    unions: dict[str, ValueCounts] = field(default_factory=dict)

    def find_counts(self, file: str, stamp: Stamp) -> ValueCounts | None:
        """The counts of a mask that has not changed since."""
        kept = self.counts.get(file)
        return kept[1] if kept is not None and kept[0] == stamp else None

    def find_size(self, file: str, stamp: Stamp) -> tuple[int, int] | None:
        """The size of an image that has not changed since."""
        kept = self.sizes.get(file)
        return kept[1] if kept is not None and kept[0] == stamp else None


def name_union(image: tuple[str, Stamp] | None, masks: Sequence[tuple[str, str, Stamp]]) -> str:
    """The key of the union of an image's masks: any change to one of the files makes it another union."""
    content = repr((image, sorted(masks))).encode("utf-8", "surrogateescape")
    return blake2b(content, digest_size=16).hexdigest()


def read_cache(path: Path | None) -> ScanCache:
    """Return what a cache file holds; nothing if there is none or it is damaged."""
    if path is None or not path.exists():
        return ScanCache()
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _restore({name: arrays[name] for name in arrays.files})
    except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, zipfile.BadZipFile):
        return ScanCache()


def write_cache(path: Path, cache: ScanCache) -> None:
    """Write a cache file.

    Raises:
        WorkspaceError: The folder cannot be written, or the disk is full.
    """
    counts = [counts for _, counts in cache.counts.values()]
    arrays: dict[str, NDArray[Any]] = {
        "names": pack_json([_VERSION, list(cache.counts), list(cache.sizes), list(cache.unions)]),
        "stamps": _table([stamp for stamp, _ in (*cache.counts.values(), *cache.sizes.values())]),
        "sizes": _table([size for _, size in cache.sizes.values()]),
        **pack_counts([*counts, *cache.unions.values()]),
    }
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def _restore(arrays: dict[str, NDArray[Any]]) -> ScanCache:
    version, masks, images, unions = unpack_json(arrays["names"])
    if version != _VERSION:
        return ScanCache()
    stamps = [(size, time) for size, time in arrays["stamps"].tolist()]
    sizes = [(height, width) for height, width in arrays["sizes"].tolist()]
    counts = unpack_counts(arrays)
    mask_stamps, image_stamps = stamps[: len(masks)], stamps[len(masks) :]
    return ScanCache(
        dict(zip(masks, zip(mask_stamps, counts[: len(masks)], strict=True), strict=True)),
        dict(zip(images, zip(image_stamps, sizes, strict=True), strict=True)),
        dict(zip(unions, counts[len(masks) :], strict=True)),
    )


def _table(pairs: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    return np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
