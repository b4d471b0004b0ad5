"""Where the reviews of this workspace are kept."""

from functools import cache

from core.reviews.store import ReviewStore
from core.services.balance.plans import app_version
from core.workspace.database import workspace_database
from core.workspace.paths import workspace


def review_store() -> ReviewStore:
    """The reviews of the present workspace; the database is opened once a process.

    Raises:
        WorkspaceError: The database cannot be opened, or a newer version of this program has written it.
    """
    return ReviewStore(workspace_database(), workspace().reviews, _version())


@cache
def _version() -> str:
    """Looked up once: it searches the installed packages, and every decision says it."""
    return app_version()
