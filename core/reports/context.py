"""What every export is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassRole, ClassSpec
from core.domain.masks import VOID_POSITION, LabelMask
from core.reports.reviewed import ReviewedSet

_VOID_SMALL, _VOID_LARGE = 255, 65535


@dataclass(frozen=True, slots=True)
class ExportContext:
    """One export at work.

    Attributes:
        reviewed: What is written.
        folder: Where to; empty at first.
        places: Positions of the classes that are wanted.
        app_version: Said in files that have a place for it.
        step: Told how many cases are done; raises `CancelledError` where a person asked to stop.
    """

    reviewed: ReviewedSet
    folder: Path
    places: tuple[int, ...]
    app_version: str
    step: Callable[[int], None]

    @property
    def classes(self) -> tuple[ClassSpec, ...]:
        """All classes of the review."""
        return self.reviewed.source.classes


@dataclass(frozen=True, slots=True)
class Written:
    """What a format has written.

    Attributes:
        files: The files of each case that is in it, parted by `|`, by the case's position.
        notes: What a person should know, a sentence each.
    """

    files: Mapping[int, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassNumbers:
    """How index masks say a class.

    Attributes:
        values: `(C + 1,)` what each position is written as; the last stands for what no class covers.
        void: What is written where nothing is known; None where that is nowhere.
        places: Positions of the classes that are wanted.
    """

    values: NDArray[np.int64]
    void: int | None
    places: tuple[int, ...]

    def flatten(self, mask: LabelMask) -> NDArray[np.int16]:
        """`(H, W)` positions, -1 for none; of wanted classes that overlap the later one is on top."""
        if not mask.overlapping:
            return mask.index_map()
        positions = np.full(mask.shape, VOID_POSITION, dtype=np.int16)
        for place in self.places:
            positions[mask.region(place)] = place
        return positions

    def apply(self, mask: LabelMask) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """`(H, W)` numbers of a mask, in the smallest type that holds all numbers."""
        numbers = self.values[self.flatten(mask)]
        return numbers.astype(np.uint8) if self.values.max() <= _VOID_SMALL else numbers.astype(np.uint16)


def number_classes(classes: tuple[ClassSpec, ...], places: tuple[int, ...]) -> ClassNumbers:
    """The numbers of classes in written masks: those that the dataset's own masks have, where they have any.

    What no wanted class covers becomes background, as people have looked at every pixel; void only where the
    dataset has no background.
    """
    own = _find_own(classes)
    void = _VOID_SMALL if max(own) < _VOID_SMALL else _VOID_LARGE
    grounds = [number for item, number in zip(classes, own, strict=True) if item.role is ClassRole.BACKGROUND]
    rest = grounds[0] if grounds else void
    kept = {*places, *(place for place, item in enumerate(classes) if item.role is ClassRole.BACKGROUND)}
    values = [number if place in kept else rest for place, number in enumerate(own)]
    return ClassNumbers(np.array([*values, rest], dtype=np.int64), None if grounds else void, places)


def _find_own(classes: tuple[ClassSpec, ...]) -> list[int]:
    """The numbers that the dataset itself has: its keys, else its indices, else positions."""
    keys = [int(item.key) if item.key.isdigit() else -1 for item in classes]
    indices = [-1 if item.index is None else item.index for item in classes]
    for numbers in (keys, indices):
        if len(set(numbers)) == len(numbers) and min(numbers) >= 0 and max(numbers) < _VOID_LARGE:
            return numbers
    return list(range(len(classes)))
