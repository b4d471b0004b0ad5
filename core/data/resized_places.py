"""Where images at training size lie in the workspace, and for how long."""

import os
import shutil
import time
from hashlib import blake2b
from pathlib import Path

from core.data.copies import describe_source
from core.data.resized import ResizedStore
from core.domain.scan import ScannedDataset
from core.workspace.paths import workspace

_SPARE = 2 * 2**30  # bytes of disk that a store leaves free
_UNUSED_SECONDS = 14 * 24 * 3600  # a store that no run has opened for so long is removed


def open_store(dataset: ScannedDataset, size: int, bands: int) -> ResizedStore:
    """The dataset at training size, shared by all runs; where the disk is too full, nothing is kept.

    Args:
        dataset: The scan.
        size: Pixels a side.
        bands: 1 or 3.
    """
    source = describe_source(dataset)
    folder = workspace().home / "resized" / _name(dataset, size, bands)
    _remove_unused(folder.parent)
    store = ResizedStore(folder, source, dataset.samples, size, bands)
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    if is_new and shutil.disk_usage(folder).free < store.count_bytes() + _SPARE:
        folder.rmdir()
        return ResizedStore(None, source, dataset.samples, size, bands)
    os.utime(folder)
    return store


def _name(dataset: ScannedDataset, size: int, bands: int) -> str:
    """Of all that pixels depend on: samples in their order, their files as they are, and the classes."""
    content = blake2b(digest_size=12)
    content.update(f"{dataset.fingerprint} {size} {bands}".encode())
    for sample in dataset.samples:
        files = [sample.image, *(file for _, file in sample.masks)]
        stamps = [_stamp(dataset.spec.root / file) for file in files if file is not None]
        content.update(repr((sample.id, sample.part, stamps)).encode("utf-8", "surrogateescape"))
    return f"{content.hexdigest()}-{size}"


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0  # reading it will say what is wrong
    return status.st_size, status.st_mtime_ns


def _remove_unused(root: Path) -> None:
    for folder in root.glob("*"):
        if folder.is_dir() and time.time() - folder.stat().st_mtime > _UNUSED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
