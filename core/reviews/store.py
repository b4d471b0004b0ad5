"""Where reviews are kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.workspace.database import Database


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ReviewStore:
    """What every use of reviews needs.

    Attributes:
        database: Reviews, decisions and the ledger.
        folder: Corrected masks, a folder a review.
        app_version: Said in each record of the ledger.
        clock: The time of records; asked once a record, while no other can be written.
    """

    database: Database
    folder: Path
    app_version: str
    clock: Callable[[], datetime] = utc_now

    def now(self) -> str:
        """This moment in UTC, as it is stored: ISO 8601 with milliseconds."""
        moment = self.clock().astimezone(UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
