"""The spacing that a person gives for images whose files do not say any; kept beside the figures."""

from pathlib import Path

from pydantic import Field, ValidationError

from core.domain.base import FrozenModel
from core.domain.measuring import PixelSpacing
from core.workspace.files import write_atomic

_FILE = "spacing.json"


class GivenSpacing(FrozenModel):
    """What was given, by whom and when."""

    spacing: PixelSpacing = Field(description="mm between rows and between columns")
    by: str
    time: str = Field(description="UTC, ISO 8601")


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
