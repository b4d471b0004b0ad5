"""Whether the ledger is as it was written."""

import re
from typing import Any

from core.errors import ReviewError
from core.reviews.ledger import Verification, verify_ledger
from core.reviews.records import Link
from core.workspace.database import workspace_database

_NOTE = re.compile(r"(\d{1,12}):([0-9a-f]{64})")


def verify(noted: str = "") -> Verification:
    """Walk the whole ledger, and compare each decision with its record.

    Args:
        noted: What an earlier verification said at its end, kept outside the database; empty: nothing was.

    Raises:
        ReviewError: The note is none.
        WorkspaceError: The database cannot be read.
    """
    return verify_ledger(workspace_database(), read_note(noted) if noted else None)


def read_note(text: str) -> Link:
    """The link that was noted.

    Raises:
        ReviewError: It is not written as this program writes it.

    >>> read_note("3:" + "f" * 64).seq
    3
    """
    match = _NOTE.fullmatch(text.strip().lower())
    if match is None:
        raise ReviewError(
            f"{text!r} is no note of the ledger's end; give what `counterpoise audit verify` printed then, "
            "NUMBER:HASH with 64 hexadecimal digits."
        )
    return Link(int(match[1]), match[2])


def report(found: Verification) -> dict[str, Any]:
    """What was found, for other programs."""
    fault = found.fault
    return {
        "intact": found.intact,
        "records": found.records,
        "last": {"seq": found.last.seq, "hash": found.last.hash},
        "fault": {"seq": fault.seq, "kind": fault.kind, "sentence": fault.sentence} if fault else None,
    }
