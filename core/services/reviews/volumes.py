"""Three planes through the volume of a case: which slices there are, and how each plane is hung."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import AppError
from core.inference.sources import KeptPredictions
from core.reports.sources import CaseSource
from core.reports.volumes import Stack, find_stack

_MOST_VOXELS = 1 << 28
_MOST_SOURCES = 8
_OBLIQUE = 0.95  # cosine of 18 degrees between an axis and the patient's
_TELLING = 0.3  # share of a direction that gets a letter of its own
_LETTERS = (("R", "L"), ("A", "P"), ("H", "F"))  # PS3.3 C.7.6.1.1.1; first those towards which RAS+ rises
_NAMES = ("sagittal", "coronal", "axial")
_AXES = ((1, 2), (0, 2), (0, 1))  # of slices, rows and columns those that become rows and columns of a plane
_PLACELESS = ("As scanned", "Across rows", "Across columns")


@dataclass(frozen=True, slots=True)
class PlaneForm:
    """How one plane of a volume is shown.

    Attributes:
        title: What it is called.
        turned: Whether its rows and columns change places, so that head, or else front, is up.
        letters: The patient's sides (R, L, A, P, H, F) at its left, top, right and bottom edge; empty where
            files do not say.
    """

    title: str
    turned: bool = False
    letters: tuple[str, str, str, str] = ("", "", "", "")


@dataclass(frozen=True, slots=True)
class SliceView:
    """The volume of a case, as the viewer is told of it.

    Attributes:
        sizes: Slices in each of the planes: as scanned, across rows, across columns.
        own: The place of the case among the first.
        missing: Those among the first that are not there.
        planes: How each is shown.
    """

    sizes: tuple[int, int, int]
    own: int
    missing: tuple[int, ...]
    planes: tuple[PlaneForm, PlaneForm, PlaneForm]


@dataclass(frozen=True, slots=True)
class SliceRow:
    """The cases of one volume.

    Attributes:
        positions: From head to feet (or front to back, right to left, as the slices were scanned), in the
            order of the file where that is not known; None for a slice that is missing.
        height: Rows of each slice.
        width: Columns of each slice.
        step: Millimetres between slices, the usual ones where they are not even; None where not known.
        planes: How each plane is shown.
    """

    positions: tuple[int | None, ...]
    height: int
    width: int
    step: float | None
    planes: tuple[PlaneForm, PlaneForm, PlaneForm]

    @property
    def there(self) -> tuple[int, ...]:
        """Positions of the cases that are there."""
        return tuple(position for position in self.positions if position is not None)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Slices in each of the three planes."""
        return len(self.positions), self.height, self.width

    def describe(self, position: int) -> SliceView:
        """The volume as one of its cases shows it."""
        missing = tuple(place for place, found in enumerate(self.positions) if found is None)
        return SliceView(self.sizes, self.positions.index(position), missing, self.planes)


_rows: dict[Path, dict[int, SliceRow | None]] = {}


def find_slices(source: CaseSource, position: int) -> SliceRow | None:
    """The volume of a case; None where it is no slice, or too little or too much of the volume is there.

    Arranged once for each source: the predictions of a review never change.
    """
    if not isinstance(source, KeptPredictions) or source.source.dataset is None:
        return None
    known = _rows.setdefault(source.folder.path, {})
    while len(_rows) > _MOST_SOURCES:
        _rows.pop(next(iter(_rows)))
    if position not in known:
        row = _find_row(source, position)
        known |= dict.fromkeys(row.there if row is not None else (position,), row)
    return known[position]


def _find_row(source: KeptPredictions, position: int) -> SliceRow | None:
    try:
        stack = find_stack(source, position)
    except AppError:  # A header cannot be read any more; the case itself says so where it matters
        return None
    if stack is None or len(stack.samples) < 2:
        return None
    sizes = {(item.height, item.width) for item in stack.samples}
    height, width = next(iter(sizes))
    if len(sizes) > 1 or stack.depth * height * width > _MOST_VOXELS:
        return None
    positions: list[int | None] = [None] * stack.depth
    for place, item in zip(stack.places, stack.samples, strict=True):
        positions[place] = item.position
    directions = stack.directions
    if directions is not None and _rises(directions[0]):
        positions.reverse()
        directions = directions * np.array([[-1], [1], [1]])
    return SliceRow(tuple(positions), height, width, stack.step, _hang(stack, directions))


def _rises(direction: NDArray[np.float64]) -> bool:
    """Whether a way leads mostly towards the head, the front or the right."""
    return bool(direction[np.argmax(np.abs(direction))] > 0)


def _hang(stack: Stack, directions: NDArray[np.float64] | None) -> tuple[PlaneForm, PlaneForm, PlaneForm]:
    """How planes are shown; `directions` are the ways from slice to slice, row to row, column to column."""
    uneven = "" if stack.even else ", slices uneven"
    first, second, third = (
        PlaneForm(_PLACELESS[plane] + uneven)
        if directions is None
        else _hang_plane(plane, directions, uneven)
        for plane in range(3)
    )
    return first, second, third


def _hang_plane(plane: int, directions: NDArray[np.float64], uneven: str) -> PlaneForm:
    along = np.abs(directions).argmax(axis=1)  # 0 right, 1 front, 2 head
    down, right = _AXES[plane]
    turned = plane > 0 and bool(along[down] < along[right])
    if turned:
        down, right = right, down
    oblique = "oblique " if np.abs(directions[plane]).max() < _OBLIQUE else ""
    scanned = ", as scanned" if plane == 0 else ""
    letters = (
        _letter(-directions[right]), _letter(-directions[down]),
        _letter(directions[right]), _letter(directions[down]),
    )  # fmt: skip
    return PlaneForm(f"{oblique}{_NAMES[along[plane]]}".capitalize() + scanned + uneven, turned, letters)


def _letter(direction: NDArray[np.float64]) -> str:
    """The patient's side that a way leads to, the main one first.

    >>> _letter(np.array([-0.8, 0.0, 0.6])), _letter(np.array([0.0, -1.0, 0.1]))
    ('LH', 'P')
    """
    order = np.argsort(-np.abs(direction))
    return "".join(
        _LETTERS[axis][0 if direction[axis] > 0 else 1] for axis in order if abs(direction[axis]) > _TELLING
    )
