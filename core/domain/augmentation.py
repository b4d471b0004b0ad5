"""How duplicates are made different from their originals, and how a balanced set is written (S1)."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from core.domain.base import FrozenModel

LinkMode = Literal["hard", "copy"]
LayoutName = Literal["plain", "ultralytics", "mmseg", "nnunet"]


class AugmentationSpec(FrozenModel):
    """S1's augmentation of duplicates: an elastic transform and flips.

    Lengths are shares of an image's shorter side, so that images of all sizes are deformed alike. The
    defaults move a pixel by 1.5 % in the mean, smoothly over 6 %: lesions keep their looks, and a fold of
    the image over itself would take a displacement gradient six times its standard deviation.
    """

    elastic: bool = Field(default=True, description="Deform elastically")
    shift: float = Field(default=0.015, gt=0, le=0.2, description="Standard deviation of the displacement")
    smoothness: float = Field(
        default=0.06, ge=0.005, le=0.5, description="Standard deviation of the Gaussian that smooths it"
    )
    horizontal_flip: bool = Field(default=True, description="Half of the duplicates swap left and right")
    vertical_flip: bool = Field(default=True, description="Half of the duplicates swap top and bottom")

    @model_validator(mode="after")
    def _check_something_is_done(self) -> Self:
        if not (self.elastic or self.horizontal_flip or self.vertical_flip):
            raise ValueError(
                "nothing would change a duplicate; turn on the elastic transform or one of the flips"
            )
        return self


class MaterialiseSpec(FrozenModel):
    """How a plan is written as a folder."""

    link: LinkMode = Field(default="hard", description="Originals: hard links where possible, or copies")
    layout: LayoutName = Field(default="plain", description="Where files lie, and how masks are stored")
    workers: int = Field(default=2, ge=1, le=64, description="Processes that write; changes no file")
    augmentation: AugmentationSpec = AugmentationSpec()


class MaterialiseRequest(FrozenModel):
    """What the job `materialise` is asked: which plan, where to, and how."""

    plan: Path = Field(description="The plan's JSON file, absolute")
    folder: Path = Field(description="The folder to write, absolute: new, empty, or begun earlier")
    spec: MaterialiseSpec = MaterialiseSpec()


class PreviewRequest(FrozenModel):
    """What the job `preview` is asked: the first duplicates of which plan, and how they are made."""

    plan: Path = Field(description="The plan's JSON file, absolute")
    augmentation: AugmentationSpec = AugmentationSpec()
