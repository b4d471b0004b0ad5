"""The single-user mode, in which nobody signs in; it loads little, as the first page waits for it."""

import getpass

from core.domain.identity import Identity, local_identity
from core.workspace.settings import read_settings


def is_certain() -> bool:
    """Whether nobody can have an account, as the database would first have to be made.

    Raises:
        WorkspaceError: The settings in the environment cannot be understood.
    """
    file = read_settings().own_database
    return file is not None and not file.exists()


def local_person() -> Identity:
    """The one person, by the name of the machine's user: checked by nobody."""
    try:
        return local_identity(getpass.getuser())
    except (OSError, KeyError):  # A container's user need not have a name
        return local_identity("")
