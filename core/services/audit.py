"""Whether the ledger, and the masks that it speaks of, are as they were written."""

import re
from dataclasses import dataclass
from typing import Any

from core.errors import ReviewError
from core.reviews.ledger import Verification, verify_ledger
from core.reviews.opening import list_reviews
from core.reviews.reading import read_corrected, read_decisions
from core.reviews.records import Link
from core.services.reviews.stores import review_store
from core.workspace.database import workspace_database

_NOTE = re.compile(r"(\d{1,12}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class MaskFault:
    """A corrected mask that is gone or was changed; `record` is the first that speaks of it."""

    record: int
    sentence: str


def verify(noted: str = "") -> Verification:
    """Walk the whole ledger, and compare each decision with its record.

    Args:
        noted: What an earlier verification said at its end, kept outside the database; empty: nothing was.

    Raises:
        ReviewError: The note is none.
        WorkspaceError: The database cannot be read.
    """
    return verify_ledger(workspace_database(), read_note(noted) if noted else None)


def verify_masks() -> tuple[int, list[MaskFault]]:
    """Read every corrected mask and compare it with its hash.

    Returns:
        How many there are, and those that do not fit, by the number of their record.

    Raises:
        WorkspaceError: The database cannot be read.
    """
    store, faults, seen = review_store(), [], 0
    for review in list_reviews(store):
        first: dict[tuple[int, str], int] = {}
        for item in read_decisions(store, review.id):
            if item.mask_after is not None:
                first.setdefault((item.position, item.mask_after), item.seq)
        seen += len(first)
        for (position, digest), seq in first.items():
            try:
                read_corrected(store, review.id, position, digest)
            except ReviewError as error:
                faults.append(MaskFault(seq, str(error)))
    return seen, sorted(faults, key=lambda fault: fault.record)


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


def report(found: Verification, masks: int, faults: list[MaskFault]) -> dict[str, Any]:
    """What was found, for other programs."""
    fault = found.fault
    return {
        "intact": found.intact and not faults,
        "records": found.records,
        "last": {"seq": found.last.seq, "hash": found.last.hash},
        "fault": {"seq": fault.seq, "kind": fault.kind, "sentence": fault.sentence} if fault else None,
        "masks": masks,
        "mask_faults": [{"seq": item.record, "sentence": item.sentence} for item in faults],
    }
