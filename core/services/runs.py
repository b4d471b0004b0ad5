"""Watching background work."""

from core.runs.folder import find_run
from core.runs.progress import RunProgress, read_progress

__all__ = ["RunProgress", "cancel", "watch"]


def watch(run_id: str) -> RunProgress:
    """How far a run is.

    Raises:
        RunError: there is no such run.
        WorkspaceError: the id is not one that this program gives.
    """
    return read_progress(find_run(run_id))


def cancel(run_id: str) -> None:
    """Ask a run to stop at the next safe point; what it has read is kept.

    Raises:
        RunError: there is no such run.
    """
    find_run(run_id).ask_to_stop()
