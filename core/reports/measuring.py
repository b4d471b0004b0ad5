"""Measures of masks and distances between them, computed once for each mask and kept.

    reviews/<review>/measured/masks-<key>.npz   a row a mask and spacing; see `core.reports.figure_table`
                              pairs-<key>.npz   a row a pair of masks and spacing: Dice and HD95 of each class
                              volumes-<key>.npz   a row a volume, by the masks of its slices and its spacing

The key in a file's name stands for the classes and organs that the columns speak of.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassRole, ClassSpec
from core.domain.masks import LabelMask
from core.domain.measuring import (
    MasksToCompare,
    MaskToMeasure,
    MeasureRequest,
    OrganChoice,
    PixelSpacing,
    VolumeToMeasure,
)
from core.domain.review import CaseSpec
from core.errors import AppError, CancelledError, ReviewError
from core.measurement.cases import ClassMeasures, measure_case, measure_volume
from core.reports.figure_table import read_figures, write_figures
from core.reports.reviewed import ReviewedCase, ReviewedSet
from core.reports.sources import open_source
from core.reviews.agreement import compare_regions
from core.reviews.opening import Review, read_cases
from core.reviews.store import ReviewStore
from core.workspace.paths import check_id

_RULES = 1  # Raised when a measure comes to mean something else, so that kept ones are not believed
_MOST_VOXELS = 1 << 28  # of a volume: its shape takes about ten bytes of each
_MASKS_IN_MEMORY = 8  # Of one case every reader's is compared with every other's

Figures = Mapping[str, NDArray[np.float64]]
_Rows = dict[str, NDArray[np.float64]]
Report = Callable[[int, int, str], None]
StopAsked = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Column:
    """What one number of a row is: a measure of a class, in a unit that is empty for pure numbers."""

    class_name: str
    measure: str
    unit: str


def list_measured(classes: Sequence[ClassSpec]) -> list[int]:
    """Positions of the classes that are measured: all but background and void."""
    return [place for place, item in enumerate(classes) if item.role is ClassRole.CLASS]


def list_columns(classes: Sequence[ClassSpec], organs: OrganChoice) -> list[Column]:
    """What the numbers of a mask's row are, in their order."""
    nothing = LabelMask(np.full((1, 1), -1, np.int16), len(classes))
    return _name_columns(
        measure_case(nothing, [item.name for item in classes], None, list_measured(classes), organs)
    )


def list_volume_columns(classes: Sequence[ClassSpec]) -> list[Column]:
    """What the numbers of a volume's row are, in their order."""
    nothing = LabelMask(np.full((1, 1), -1, np.int16), len(classes))
    return _name_columns(
        measure_volume([nothing], [item.name for item in classes], None, list_measured(classes))
    )


def mask_key(item: MaskToMeasure) -> str:
    """What a mask's row is found under."""
    return f"{item.mask} {_spell(item.spacing)}"


def pair_key(item: MasksToCompare) -> str:
    """What a pair's row is found under; the order of the two does not matter."""
    return f"{' '.join(sorted((item.first, item.second)))} {_spell(item.spacing)}"


def volume_key(item: VolumeToMeasure) -> str:
    """What a volume's row is found under."""
    return hashlib.sha256(item.model_dump_json().encode()).hexdigest()


def read_measures(folder: Path, classes: Sequence[ClassSpec], organs: OrganChoice) -> Figures:
    """All measures that are kept, by `mask_key`: `(K,)` as `list_columns` names them, NaN for n/a."""
    columns = _spell_columns(list_columns(classes, organs))
    return read_figures(_path(folder, "masks", columns), columns)


def read_pairs(folder: Path, classes: Sequence[ClassSpec]) -> Figures:
    """All comparisons that are kept, by `pair_key`: `(2 C,)`, Dice and then HD95 of each measured class."""
    columns = _pair_columns(classes)
    return read_figures(_path(folder, "pairs", columns), columns)


def read_volumes(folder: Path, classes: Sequence[ClassSpec]) -> Figures:
    """All measures of volumes that are kept, by `volume_key`: `(K,)` as `list_volume_columns` names them."""
    columns = _spell_columns(list_volume_columns(classes))
    return read_figures(_path(folder, "volumes", columns), columns)


def find_missing(
    request: MeasureRequest, masks: Figures, pairs: Figures, volumes: Figures | None = None
) -> MeasureRequest:
    """What of a request is not kept yet, each mask, pair and volume once."""
    left = {mask_key(item): item for item in request.masks if mask_key(item) not in masks}
    apart = {pair_key(item): item for item in request.pairs if pair_key(item) not in pairs}
    stacks = {volume_key(item): item for item in request.volumes if volume_key(item) not in (volumes or {})}
    return request.model_copy(
        update={
            "masks": tuple(left.values()),
            "pairs": tuple(apart.values()),
            "volumes": tuple(stacks.values()),
        }
    )


def measured_folder(store: ReviewStore, review_id: str) -> Path:
    """Where the figures of a review are kept."""
    return store.folder / check_id(review_id) / "measured"


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
    folder = measured_folder(store, review.id)
    masks = dict(read_measures(folder, source.classes, request.organs))
    pairs = dict(read_pairs(folder, source.classes))
    volumes = dict(read_volumes(folder, source.classes))
    missing = find_missing(request, masks, pairs, volumes)
    todo = _list_work(missing, reader, list_measured(source.classes), (masks, pairs, volumes))
    try:
        return _work_off(todo, report, should_stop)
    finally:
        columns = _spell_columns(list_columns(source.classes, request.organs))
        write_figures(_path(folder, "masks", columns), columns, masks)
        columns = _pair_columns(source.classes)
        write_figures(_path(folder, "pairs", columns), columns, pairs)
        columns = _spell_columns(list_volume_columns(source.classes))
        write_figures(_path(folder, "volumes", columns), columns, volumes)


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


def _name_columns(found: Sequence[ClassMeasures]) -> list[Column]:
    return [Column(part.name, measure.name, measure.unit) for part in found for measure in part.measures]


def _compare(reader: _MaskReader, item: MasksToCompare, measured: Sequence[int]) -> NDArray[np.float64]:
    first, second = reader.read(item.position, item.first), reader.read(item.position, item.second)
    found = [compare_regions(first.region(one), second.region(one), item.spacing) for one in measured]
    return np.array([*(one.dice for one in found), *(one.hd95 for one in found)], dtype=np.float64)


def _pair_columns(classes: Sequence[ClassSpec]) -> list[str]:
    names = [classes[place].name for place in list_measured(classes)]
    return [f"{figure}: {name}" for figure in ("dice", "hd95") for name in names]


def _spell_columns(columns: Sequence[Column]) -> list[str]:
    return [f"{item.class_name}\0{item.measure}\0{item.unit}" for item in columns]


def _spell(spacing: PixelSpacing | None) -> str:
    return "px" if spacing is None else f"{spacing[0]!r} {spacing[1]!r}"


def _path(folder: Path, kind: str, columns: Sequence[str]) -> Path:
    about = json.dumps([_RULES, *columns]).encode()
    return folder / f"{kind}-{hashlib.sha256(about).hexdigest()[:16]}.npz"
