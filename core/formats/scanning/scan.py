"""The scan of a dataset with masks: read what has changed, then turn counts into classes and presence."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np

from core.domain.dataset import DatasetSpec
from core.domain.scan import Problem, Sample, ScannedDataset
from core.errors import CancelledError
from core.formats.hashing import shorten_digests
from core.formats.masks.protocol import CountedSample, Tabulation
from core.formats.masks.registry import find_format
from core.formats.resting import resting_collector
from core.formats.scanning.reading import Reading
from core.formats.scanning.scan_cache import read_cache, write_cache


def scan(
    spec: DatasetSpec,
    samples: Sequence[Sample],
    problems: Sequence[Problem],
    cache: Path | None,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
    images: int | None = None,
) -> ScannedDataset:
    """Read the masks of a dataset and count its classes; broken files become problems and stop nothing.

    Args:
        spec: The answers.
        samples: Images with their masks, as `core.formats.folders.pairing.find_samples` gives them.
        problems: What pairing could not use.
        cache: Where raw counts are kept between scans; None keeps nothing.
        on_progress: Told (samples done, samples in all).
        should_stop: Asked between files.
        workers: Processes that read; None takes one a core.
        images: Images in all, those that could not be paired included; None: as many as samples.

    Raises:
        DatasetError: The spec's classes break a rule of its format.
        CancelledError: `should_stop` said so; what was read is in the cache.
    """
    mask_format = find_format(spec.format)
    with resting_collector():
        reading = Reading(spec, samples, read_cache(cache), mask_format.overlapping)
    finished = reading.run(on_progress or _ignore, should_stop or _never, workers)
    if cache is not None and (reading.files_read or not cache.exists()):
        write_cache(cache, reading.cache())
    if not finished:
        raise CancelledError(
            "The scan was cancelled. What was read is kept; the next scan goes on from there."
        )
    with resting_collector():
        counted, faults = reading.collect()
        table = mask_format.tabulate(spec, counted)
        kept = [counted[place] for place in table.kept]
    return ScannedDataset(
        spec=spec,
        classes=table.classes,
        samples=tuple(item.sample for item in kept),
        presence=table.presence,
        pixels=table.pixels,
        totals=table.totals,
        sizes=np.array([(item.height, item.width) for item in kept], dtype=np.int32).reshape(-1, 2),
        overlapping=mask_format.overlapping,
        problems=(*problems, *faults, *table.problems),
        images=len(samples) if images is None else images,
        fingerprint=_compute_fingerprint(spec, kept, table),
        threshold=table.threshold,
        digests=np.array([_digest(item) for item in kept], dtype=np.uint64),
    )


def _digest(sample: CountedSample) -> int:
    """What the masks of a sample hold, class by class."""
    masks = sorted((mask.key, mask.counts.digest) for mask in sample.masks)
    return shorten_digests([text for mask in masks for text in mask])


def _compute_fingerprint(spec: DatasetSpec, samples: Sequence[CountedSample], table: Tabulation) -> str:
    """Return a hash of ids, mask contents and what they stand for; not of places, names or colours."""
    content = blake2b(digest_size=16)
    contents = sorted(
        (item.sample.id, sorted((mask.key, mask.counts.digest) for mask in item.masks)) for item in samples
    )
    classes = [(item.key, item.role.value) for item in table.classes]
    meaning = (spec.format, classes, sorted(spec.void), table.threshold)
    content.update(repr((contents, meaning)).encode("utf-8", "surrogateescape"))
    return content.hexdigest()


def _ignore(done: int, total: int) -> None:
    """Report to nobody."""


def _never() -> bool:
    return False
