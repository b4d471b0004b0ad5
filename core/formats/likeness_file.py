"""The report of a search for near duplicates, and a person's answers to it, on disk."""

from pathlib import Path

from pydantic import ValidationError

from core.domain.likeness import Dismissals, LikenessReport
from core.workspace.files import write_atomic

REPORT_FILE, DISMISSALS_FILE, LIKENESS_CACHE = "likeness.json", "different.json", "likeness.hashes.json"


def write_report(folder: Path, report: LikenessReport) -> None:
    """Keep what a search found.

    Raises:
        WorkspaceError: The folder cannot be written.
    """
    write_atomic(folder / REPORT_FILE, report.model_dump_json())


def find_report(folder: Path) -> LikenessReport | None:
    """What the last search found; None where there was none, or a damaged file."""
    try:
        return LikenessReport.model_validate_json((folder / REPORT_FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write_dismissals(folder: Path, dismissals: Dismissals) -> None:
    """Keep which pairs a person has called different.

    Raises:
        WorkspaceError: The folder cannot be written.
    """
    write_atomic(folder / DISMISSALS_FILE, dismissals.model_dump_json())


def read_dismissals(folder: Path) -> Dismissals:
    """The pairs that a person has called different; none where there is no file, or a damaged one."""
    try:
        return Dismissals.model_validate_json((folder / DISMISSALS_FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return Dismissals()
