"""Images that two datasets share, byte for byte: the report of a search, and the search."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core.domain.dataset import DatasetSpec
from core.domain.scan import ScannedDataset
from core.errors import AppError
from core.formats.hashing import hash_files
from core.formats.masks.registry import mask_roots
from core.workspace.files import write_atomic
from core.workspace.guarded import FolderGuard


@dataclass(frozen=True, slots=True)
class EqualImages:
    """What a comparison of two datasets' image files found.

    Attributes:
        fingerprint: Of the first dataset when it was compared.
        other_fingerprint: Of the second.
        files: Image files of the first.
        other_files: Image files of the second.
        pairs: A file of the first and one of the second with equal bytes; a file may occur more than once.
    """

    fingerprint: str
    other_fingerprint: str
    files: int
    other_files: int
    pairs: tuple[tuple[str, str], ...]


_REPORT = TypeAdapter(EqualImages)


def find_equal_images(
    first: ScannedDataset,
    first_cache: Path | None,
    second: ScannedDataset,
    second_cache: Path | None,
    on_progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> EqualImages:
    """Compare the image files of two datasets; only files whose size occurs in both are read.

    Args:
        first: One dataset.
        first_cache: Where its hashes are kept between runs.
        second: The other one.
        second_cache: Where its hashes are kept.
        on_progress: Told (files read, files to read).
        should_stop: Asked after each file.

    Raises:
        CancelledError: `should_stop` said so; what was read is kept.
    """
    files, others = _list_images(first), _list_images(second)
    sizes, other_sizes = _find_sizes(first.spec, files), _find_sizes(second.spec, others)
    shared = set(sizes.values()) & set(other_sizes.values())
    wanted = [file for file, size in sizes.items() if size in shared]
    other_wanted = [file for file, size in other_sizes.items() if size in shared]
    total = len(wanted) + len(other_wanted)
    digests = hash_files(
        mask_roots(first.spec),
        wanted,
        first_cache,
        on_progress=lambda done, _: on_progress(done, total),
        should_stop=should_stop,
    )
    other_digests = hash_files(
        mask_roots(second.spec),
        other_wanted,
        second_cache,
        on_progress=lambda done, _: on_progress(len(wanted) + done, total),
        should_stop=should_stop,
    )
    by_digest: dict[str, list[str]] = defaultdict(list)
    for file, digest in other_digests.items():
        by_digest[digest].append(file)
    pairs = tuple((file, other) for file, digest in digests.items() for other in by_digest.get(digest, ()))
    return EqualImages(first.fingerprint, second.fingerprint, len(files), len(others), pairs)


def write_equal_images(path: Path, report: EqualImages) -> None:
    """Keep what a comparison found.

    Raises:
        WorkspaceError: The folder cannot be written.
    """
    write_atomic(path, _REPORT.dump_json(report))


def read_equal_images(path: Path) -> EqualImages | None:
    """What a comparison found; None where there was none, or the file is damaged."""
    try:
        return _REPORT.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _list_images(dataset: ScannedDataset) -> list[str]:
    """Image files in the samples' order; the slices of a volume share one."""
    return list(dict.fromkeys(str(sample.image) for sample in dataset.samples if sample.image is not None))


def _find_sizes(spec: DatasetSpec, files: list[str]) -> dict[str, int]:
    """Bytes of each file; those that are missing or refused are left out."""
    guard, sizes = FolderGuard(mask_roots(spec)), {}
    for file in files:
        try:
            sizes[file] = guard.check(spec.root / file).st_size
        except AppError:
            continue
    return sizes
