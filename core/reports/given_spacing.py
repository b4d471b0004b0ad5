"""The spacing that a person gives for images whose files do not say any; kept beside the figures."""

from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from core.domain.base import FrozenModel
from core.domain.measuring import Millimetres, PixelSpacing
from core.workspace.files import write_atomic

_FILE = "spacing.json"


class GivenSpacing(FrozenModel):
    """What was given, by whom and when."""

    spacing: PixelSpacing | None = Field(default=None, description="Between rows and between columns")
    slices: Millimetres | None = Field(default=None, description="Between the slices of volumes")
    by: str
    time: str = Field(description="UTC, ISO 8601")

    @model_validator(mode="after")
    def _check_any(self) -> Self:
        if self.spacing is None and self.slices is None:
            raise ValueError("neither the spacing of pixels nor that of slices is given")
        return self


def read_given(folder: Path) -> GivenSpacing | None:
    """What was given for a review; None where nothing was, or where it cannot be read."""
    try:
        return GivenSpacing.model_validate_json((folder / _FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def write_given(folder: Path, given: GivenSpacing | None) -> None:
    """Keep what was given; None takes it back.

    Raises:
        WorkspaceError: The folder cannot be written.
    """
    write_atomic(folder / _FILE, "null" if given is None else given.model_dump_json())
