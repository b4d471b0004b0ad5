"""Slices of a volume in its three planes, read on demand: what lies around a case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.services.reviews.greys import Grey
from core.services.reviews.pictures import LayerName, MaskPicture

PlaneNumber = Literal[0, 1, 2]
"""0: slices as they were scanned. 1: across their rows. 2: across their columns."""


@dataclass(frozen=True, slots=True)
class PlaneWish:
    """One slice of the volume of a case."""

    plane: PlaneNumber
    index: int


@dataclass(frozen=True, slots=True)
class PlanePicture:
    """One slice of the volume of a case, as `CasePictures` has it.

    Attributes:
        stamp: That of the case.
        image: Grey PNG.
        spacing: Millimetres between rows and columns; None where they are not known.
    """

    stamp: str
    plane: PlaneNumber
    index: int
    height: int
    width: int
    image: bytes
    grey: Grey
    layers: Mapping[LayerName, MaskPicture] = field(default_factory=dict)
    spacing: tuple[float, float] | None = None
