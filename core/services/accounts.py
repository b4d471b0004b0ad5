"""Who is at work, and what they may do."""

import getpass

from core.accounts import accounts
from core.domain.identity import Identity


def local_person() -> Identity:
    """The one person of the single-user mode: the name of the machine's user, checked by nobody."""
    try:
        return accounts.local_identity(getpass.getuser())
    except (OSError, KeyError):  # A container's user need not have a name
        return accounts.local_identity("")
