"""What is to be measured in the masks of a review."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from core.domain.base import FrozenModel
from core.domain.review import Hash

MOST_MILLIMETRES = 1000.0  # between two pixels; more is no picture of a person
Millimetres = Annotated[float, Field(gt=0, lt=MOST_MILLIMETRES, allow_inf_nan=False)]
PixelSpacing = tuple[Millimetres, Millimetres]
"""Between the middles of rows, and of columns."""
VoxelSpacing = tuple[Millimetres, Millimetres, Millimetres]
"""Between the middles of slices, of rows, and of columns."""


class CutVolume(FrozenModel):
    """A volume that cases are slices of."""

    name: str = Field(max_length=4096, description="Its file; of DICOM the patient and the series' number")
    uid: str = Field(default="", max_length=64, description="Of its DICOM series, or its file of many frames")
    positions: tuple[int, ...] = Field(min_length=1, description="Of the cases, first slice first")
    depth: int | None = Field(default=None, ge=1, description="How many slices it has; None: not known")
    step: Millimetres | None = Field(default=None, description="Between slices; None: not known, or not even")
    even: bool = Field(default=True, description="Whether slices lie whole steps apart")


class OrganChoice(FrozenModel):
    """Which classes are which organs, by their names; what is empty is not compared."""

    pairs: tuple[tuple[str, str], ...] = Field(default=(), description="Left and right of paired organs")
    doubles: tuple[str, ...] = Field(default=(), description="Classes that hold both organs of a pair")
    lungs: tuple[str, ...] = Field(default=(), max_length=2, description="Classes that together are both")
    heart: str = ""

    @model_validator(mode="after")
    def _check_sides(self) -> Self:
        if any(left == right for left, right in self.pairs):
            raise ValueError("left and right of a pair are one class; choose two, or “both in one class”")
        if self.heart and self.heart in self.lungs:
            raise ValueError("heart and lungs are one class; choose two")
        return self


class MaskToMeasure(FrozenModel):
    """One mask of a case: the predicted one, or one that a person drew."""

    position: int
    mask: Hash
    spacing: PixelSpacing | None = Field(default=None, description="mm; None: not known")


class MasksToCompare(FrozenModel):
    """Two masks of a case."""

    position: int
    first: Hash
    second: Hash
    spacing: PixelSpacing | None = Field(default=None, description="mm; None: in pixels")


class VolumeToMeasure(FrozenModel):
    """The masks of a volume's slices, one a slice."""

    slices: tuple[tuple[int, Hash], ...] = Field(
        min_length=1, description="Position and mask of each case, first slice first"
    )
    whole: bool = Field(description="Whether no slice of the volume is missing")
    spacing: VoxelSpacing | None = Field(default=None, description="mm; None: not known")


class MeasureRequest(FrozenModel):
    """What the job `measure` is asked; what has been measured before is not measured again."""

    review: str
    masks: tuple[MaskToMeasure, ...] = ()
    pairs: tuple[MasksToCompare, ...] = ()
    volumes: tuple[VolumeToMeasure, ...] = ()
    organs: OrganChoice = OrganChoice()
