"""From the answers to everything known of a dataset: one call, whatever the format."""

from collections.abc import Callable
from pathlib import Path

from core.domain.dataset import DatasetSpec
from core.domain.scan import ScannedDataset
from core.formats.folders.pairing import find_samples
from core.formats.labels.label_lists import scan_label_lists
from core.formats.labels.label_tables import scan_label_table
from core.formats.scanning.scan import scan


def scan_dataset(
    spec: DatasetSpec,
    cache: Path | None,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ScannedDataset:
    """Read a dataset as its answers say.

    Args:
        spec: The answers.
        cache: Where raw counts are kept between scans; None keeps nothing.
        on_progress: Told (files done, files in all).
        should_stop: Asked between files.

    Raises:
        DatasetError: the root is gone, or nothing in it fits the answers.
        CancelledError: `should_stop` said so; what was read is in the cache.
    """
    if spec.format == "label_table":
        return scan_label_table(spec)
    if spec.format == "label_lists":
        return scan_label_lists(spec)
    samples, problems, images = find_samples(spec)
    return scan(
        spec, samples, problems, cache, on_progress=on_progress, should_stop=should_stop, images=images
    )
