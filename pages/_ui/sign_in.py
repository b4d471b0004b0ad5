"""Who sits there: what the pages ask before they ask anything else."""

from core.domain.identity import Identity
from core.services import accounts


def identity() -> Identity:
    """The person at work."""
    return accounts.local_person()
