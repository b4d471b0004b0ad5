"""What was measured of a dataset's grey values, on disk."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core.domain.scan import Problem
from core.statistics import PixelKind
from core.workspace.files import write_atomic

INTENSITY_FILE = "intensity.json"


@dataclass(frozen=True, slots=True)
class ImageLevel:
    """How bright one image is on the whole, and how far its dark and bright parts are apart.

    Attributes:
        id: The sample's id.
        kind: Which of the report's kinds its pixels are.
        level: Mean grey value over all channels.
        contrast: From the 5th to the 95th percentile of its grey values.
    """

    id: str
    kind: int
    level: float
    contrast: float


@dataclass(frozen=True, slots=True)
class IntensityReport:
    """Grey values of a sample of images.

    Attributes:
        fingerprint: Of the dataset when it was measured.
        images: How many images there were to draw from.
        measured: UTC, ISO 8601.
        kinds: Pixel types, the commonest first.
        levels: One line an image that was measured.
        problems: Images that could not be read.
    """

    fingerprint: str
    images: int
    measured: str
    kinds: tuple[PixelKind, ...]
    levels: tuple[ImageLevel, ...]
    problems: tuple[Problem, ...]


_REPORT = TypeAdapter(IntensityReport)


def write_intensity(folder: Path, report: IntensityReport) -> None:
    """Keep what was measured.

    Raises:
        WorkspaceError: The folder cannot be written.
    """
    write_atomic(folder / INTENSITY_FILE, _REPORT.dump_json(report))


def find_intensity(folder: Path) -> IntensityReport | None:
    """What was measured last; None where nothing was, or the file is damaged."""
    try:
        return _REPORT.validate_json((folder / INTENSITY_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
