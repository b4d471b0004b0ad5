"""Measuring the grey values of a dataset, in the full depth of its files."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.pictures import read_picture
from core.domain.scan import Problem, Sample, ScannedDataset
from core.errors import AppError, CancelledError, DatasetError
from core.formats.folders.listing import is_picture
from core.formats.intensity_file import ImageLevel, IntensityReport
from core.formats.whole import read_pixels
from core.statistics import ImageMeasure, measure_image, summarise_kinds
from core.workspace.guarded import check_readable

MOST_IMAGES = 400
_MOST_THREADS = 4  # decoding leaves Python's lock; each holds one image in memory
_SLICES = (0.25, 0.5, 0.75)  # of a whole volume, by its depth


def measure_intensity(
    dataset: ScannedDataset,
    now: datetime,
    on_progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> IntensityReport:
    """Measure the images, or a sample of `MOST_IMAGES` of them, always the same.

    Args:
        dataset: The scanned dataset.
        now: The time, with its zone.
        on_progress: Told (images done, images in all).
        should_stop: Asked after each image.

    Raises:
        DatasetError: The dataset has no images.
        CancelledError: `should_stop` said so.
    """
    there = [place for place, sample in enumerate(dataset.samples) if sample.image is not None]
    if not there:
        raise DatasetError(f"{dataset.spec.name} has no images, so there are no grey values to measure.")
    chosen = _draw_sample(there)
    measures: list[tuple[str, ImageMeasure]] = []
    problems: list[Problem] = []
    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
        results = pool.map(lambda place: _measure(dataset, place), chosen)
        for done, (place, found) in enumerate(zip(chosen, results, strict=True), start=1):
            sample = dataset.samples[place]
            if isinstance(found, str):
                problems.append(Problem(str(sample.image), found))
            else:
                measures.append((sample.id, found))
            on_progress(done, len(chosen))
            if should_stop():
                pool.shutdown(wait=False, cancel_futures=True)
                raise CancelledError("Measuring was cancelled; nothing was kept.")
    kinds = summarise_kinds([measure for _, measure in measures])
    place_of = {(kind.depth, len(kind.channels)): place for place, kind in enumerate(kinds)}
    return IntensityReport(
        fingerprint=dataset.fingerprint,
        images=len(there),
        measured=now.isoformat(timespec="seconds"),
        kinds=tuple(kinds),
        levels=tuple(
            ImageLevel(name, place_of[item.depth, len(item.sums)], item.level, item.contrast)
            for name, item in measures
        ),
        problems=tuple(problems),
    )


def _draw_sample(there: list[int]) -> list[int]:
    if len(there) <= MOST_IMAGES:
        return there
    drawn = np.random.default_rng(0).choice(len(there), MOST_IMAGES, replace=False)
    return [there[place] for place in np.sort(drawn)]


def _measure(dataset: ScannedDataset, place: int) -> ImageMeasure | str:
    """The measure of one image; the sentence why where there is none."""
    sample = dataset.samples[place]
    try:
        depth = 1 if dataset.depths is None else int(dataset.depths[place])
        measure = measure_image(_read(dataset, sample, depth))
    except AppError as error:
        return str(error)
    return measure or f"{sample.id}: no pixel holds a finite value; copy the file again from its source."


def _read(dataset: ScannedDataset, sample: Sample, depth: int) -> NDArray[Any]:
    """`(H, W)` or `(H, W, bands)` without alpha; of a whole volume three slices, one below the other."""
    root = dataset.spec.root
    if sample.image is not None and is_picture(sample.image.name):
        check_readable(root / sample.image, root)
        return read_picture(root / sample.image).without_alpha().pixels
    if depth == 1 or sample.part:
        return read_pixels(dataset.spec, sample)
    parts = (replace(sample, part=str(int(share * depth))) for share in _SLICES)
    return np.concatenate([read_pixels(dataset.spec, part) for part in parts])
