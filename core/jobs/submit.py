"""Starting a worker: the only seam between those who ask for work and those who do it."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import psutil
from pydantic import BaseModel

from core.errors import RunError
from core.runs.folder import JobKind, RunFolder, WorkerIdentity, create_run

_ROOT = Path(__file__).resolve().parent.parent.parent


def start(kind: JobKind, request: BaseModel) -> str:
    """Create the run of a job that is asked by one request, and start its worker; returns the run's id.

    Raises:
        RunError: the process cannot be started.
        WorkspaceError: the run cannot be written.
    """
    run = create_run(kind, {"request": request.model_dump_json()})
    submit(run)
    return run.id


def submit(folder: RunFolder) -> None:
    """Start a detached worker for a run; it outlives a rerun, a reload and the server.

    Raises:
        RunError: the process cannot be started.
    """
    detached: dict[str, bool | int] = {"start_new_session": True}
    if sys.platform == "win32":
        detached = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    try:
        with folder.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "core.jobs.worker", str(folder.path)],
                cwd=_ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **detached,  # type: ignore[call-overload]  # the flags of one platform do not exist on the other
            )
        folder.write_worker(
            WorkerIdentity(pid=process.pid, started=psutil.Process(process.pid).create_time())
        )
        # Whoever waits takes the ended worker off the process table; a server that runs for months leaves no
        # zombies.
        Thread(target=process.wait, daemon=True, name=f"reaper of {folder.id}").start()
    except (OSError, psutil.Error) as error:
        raise RunError(f"The background process of {folder.id} did not start: {error}.") from error
