"""Measures of masks, and distances between them, as they are kept once they are computed.

    reviews/<review>/measured/masks-<key>.npz   a row a mask and spacing; see `core.reports.figure_table`
                              pairs-<key>.npz   a row a pair of masks and spacing: Dice and HD95 of each class
                              volumes-<key>.npz   a row a volume, by the masks of its slices and its spacing

The key in a file's name stands for the classes and organs that the columns speak of.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

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
from core.measurement.cases import ClassMeasures, measure_case, measure_volume
from core.reports.figure_table import read_figures, write_figures
from core.reviews.store import ReviewStore
from core.workspace.paths import check_id

_RULES = 1  # Raised when a measure comes to mean something else, so that kept ones are not believed

Figures = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Column:
    """What one number of a row is: a measure of a class, in a unit that is empty for pure numbers."""

    class_name: str
    measure: str
    unit: str


def list_measured(classes: Sequence[ClassSpec]) -> list[int]:
    """Positions of the classes that are measured: all but background and void."""
    return [place for place, item in enumerate(classes) if item.role is ClassRole.CLASS]


@dataclass(frozen=True, slots=True)
class FigureFile:
    """Where figures of one kind are kept: of the same columns always in the same file."""

    folder: Path
    kind: Literal["masks", "pairs", "volumes"]
    columns: tuple[str, ...]

    def read(self) -> dict[str, NDArray[np.float64]]:
        """The rows that are kept, by their keys."""
        return read_figures(self._path, self.columns)

    def write(self, rows: Figures) -> None:
        """Keep rows in place of those that are kept. Raises `WorkspaceError` as `write_figures` does."""
        write_figures(self._path, self.columns, rows)

    @property
    def _path(self) -> Path:
        about = json.dumps([_RULES, *self.columns]).encode()
        return self.folder / f"{self.kind}-{hashlib.sha256(about).hexdigest()[:16]}.npz"


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


def list_files(
    folder: Path, classes: Sequence[ClassSpec], organs: OrganChoice
) -> tuple[FigureFile, FigureFile, FigureFile]:
    """Where measures of masks, comparisons of pairs, and measures of volumes are kept."""
    names = [classes[place].name for place in list_measured(classes)]
    pairs = tuple(f"{figure}: {name}" for figure in ("dice", "hd95") for name in names)
    return (
        FigureFile(folder, "masks", _spell_columns(list_columns(classes, organs))),
        FigureFile(folder, "pairs", pairs),
        FigureFile(folder, "volumes", _spell_columns(list_volume_columns(classes))),
    )


def read_measures(folder: Path, classes: Sequence[ClassSpec], organs: OrganChoice) -> Figures:
    """All measures that are kept, by `mask_key`: `(K,)` as `list_columns` names them, NaN for n/a."""
    return list_files(folder, classes, organs)[0].read()


def read_pairs(folder: Path, classes: Sequence[ClassSpec]) -> Figures:
    """All comparisons that are kept, by `pair_key`: `(2 C,)`, Dice and then HD95 of each measured class."""
    return list_files(folder, classes, OrganChoice())[1].read()


def read_volumes(folder: Path, classes: Sequence[ClassSpec]) -> Figures:
    """All measures of volumes that are kept, by `volume_key`: `(K,)` as `list_volume_columns` names them."""
    return list_files(folder, classes, OrganChoice())[2].read()


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


def _name_columns(found: Sequence[ClassMeasures]) -> list[Column]:
    return [Column(part.name, measure.name, measure.unit) for part in found for measure in part.measures]


def _spell_columns(columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(f"{item.class_name}\0{item.measure}\0{item.unit}" for item in columns)


def _spell(spacing: PixelSpacing | None) -> str:
    return "px" if spacing is None else f"{spacing[0]!r} {spacing[1]!r}"
