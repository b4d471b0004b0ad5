"""Measuring the masks of a review: each once, what is measured by then is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from core.domain.masks import LabelMask
from core.domain.measuring import (
    MasksToCompare,
    MaskToMeasure,
    MeasureRequest,
    OrganChoice,
    VolumeToMeasure,
)
from core.domain.review import CaseSpec
from core.errors import AppError, CancelledError, ReviewError
from core.measurement.cases import ClassMeasures, measure_case, measure_volume
from core.reports.kept_measures import (
    find_missing,
    list_files,
    list_measured,
    mask_key,
    measured_folder,
    pair_key,
    volume_key,
)
from core.reports.reviewed import ReviewedCase, ReviewedSet
from core.reports.sources import open_source
from core.reviews.agreement import compare_regions
from core.reviews.opening import Review, read_cases
from core.reviews.store import ReviewStore

_MOST_VOXELS = 1 << 28  # of a volume: its shape takes about ten bytes of each
_MASKS_IN_MEMORY = 8  # Of one case every reader's is compared with every other's

_Rows = dict[str, NDArray[np.float64]]
Report = Callable[[int, int, str], None]
StopAsked = Callable[[], bool]


def measure(
    store: ReviewStore,
    review: Review,
    request: MeasureRequest,
    report: Report | None = None,
    should_stop: StopAsked | None = None,
) -> list[str]:
    """Measure what is not kept yet, and keep it.

    Args:
        store: Where the review lies.
        review: The review.
        request: What to measure.
        report: Told how far it is.
        should_stop: Asked between two; what is measured by then is kept.

    Returns:
        A sentence for each mask that could not be read; all others are measured.

    Raises:
        CancelledError: `should_stop` said so.
        AppError: The predictions of the review are gone.
    """
    source = open_source(review.spec)
    reader = _MaskReader(
        ReviewedSet(store, review, source, (), ()),
        {case.position: case for case in read_cases(store, review.id)},
    )
    files = list_files(measured_folder(store, review.id), source.classes, request.organs)
    masks, pairs, volumes = (file.read() for file in files)
    missing = find_missing(request, masks, pairs, volumes)
    todo = _list_work(missing, reader, list_measured(source.classes), (masks, pairs, volumes))
    try:
        return _work_off(todo, report, should_stop)
    finally:
        for file, rows in zip(files, (masks, pairs, volumes), strict=True):
            file.write(rows)


@dataclass(frozen=True, slots=True)
class _Task:
    """One row to compute, and where it goes."""

    position: int
    key: str
    compute: Callable[[], NDArray[np.float64]]
    rows: _Rows


class _MaskReader:
    """Reads masks of cases by their hash; the latest stay in memory, as readers of one case are compared."""

    def __init__(self, cases: ReviewedSet, by_position: Mapping[int, CaseSpec]) -> None:
        self._cases, self._by_position = cases, by_position
        self.names = cases.review.spec.classes
        self.read = lru_cache(maxsize=_MASKS_IN_MEMORY)(self._read)

    def case(self, position: int) -> CaseSpec:
        return self._by_position[position]

    def _read(self, position: int, digest: str) -> LabelMask:
        return self._cases.read_mask(ReviewedCase(self.case(position), "open", digest))


def _list_work(
    missing: MeasureRequest,
    reader: _MaskReader,
    measured: Sequence[int],
    rows: tuple[_Rows, _Rows, _Rows],
) -> list[_Task]:
    """What is to be done, case by case; `rows` are where masks, pairs and volumes go."""
    masks, pairs, volumes = rows
    tasks = [
        _Task(item.position, mask_key(item), partial(_measure, reader, item, measured, missing.organs), masks)
        for item in missing.masks
    ]
    tasks += [
        _Task(item.position, pair_key(item), partial(_compare, reader, item, measured), pairs)
        for item in missing.pairs
    ]
    tasks += [
        _Task(item.slices[0][0], volume_key(item), partial(_measure_volume, reader, item, measured), volumes)
        for item in missing.volumes
    ]
    return sorted(tasks, key=lambda task: task.position)


def _work_off(todo: Sequence[_Task], report: Report | None, should_stop: StopAsked | None) -> list[str]:
    problems = []
    for done, task in enumerate(todo):
        if should_stop is not None and should_stop():
            raise CancelledError(f"Stopped; {done} of {len(todo)} are measured and kept.")
        if report is not None:
            report(done, len(todo), "Measuring the masks")
        try:
            task.rows[task.key] = task.compute()
        except AppError as error:
            problems.append(str(error))
    return problems


def _measure(
    reader: _MaskReader, item: MaskToMeasure, measured: Sequence[int], organs: OrganChoice
) -> NDArray[np.float64]:
    mask = reader.read(item.position, item.mask)
    found = measure_case(mask, reader.names, item.spacing, measured, organs)
    return _list_values(found)


def _measure_volume(
    reader: _MaskReader, item: VolumeToMeasure, measured: Sequence[int]
) -> NDArray[np.float64]:
    """Only the slices of this one volume are in memory.

    Raises:
        ReviewError: They differ in size, or are too large together.
    """
    cases = [reader.case(position) for position, _ in item.slices]
    voxels = sum(case.height * case.width for case in cases)
    if len({(case.height, case.width) for case in cases}) > 1 or voxels > _MOST_VOXELS:
        raise ReviewError(
            f"The volume of {cases[0].sample} is not measured: its slices differ in size, or have more than "
            f"{_MOST_VOXELS:,} voxels together. Their areas are measured one by one."
        )
    slices = [reader.read(position, digest) for position, digest in item.slices]
    return _list_values(measure_volume(slices, reader.names, item.spacing, measured, item.whole))


def _list_values(found: Sequence[ClassMeasures]) -> NDArray[np.float64]:
    values = [measure.value for part in found for measure in part.measures]
    return np.array(values, dtype=np.float64)  # None becomes NaN


def _compare(reader: _MaskReader, item: MasksToCompare, measured: Sequence[int]) -> NDArray[np.float64]:
    first, second = reader.read(item.position, item.first), reader.read(item.position, item.second)
    found = [compare_regions(first.region(one), second.region(one), item.spacing) for one in measured]
    return np.array([*(one.dice for one in found), *(one.hd95 for one in found)], dtype=np.float64)
