"""Runs that need a device wait for it: one at a time, in the order in which they came.

Nobody owns the queue. Whoever looks (the server, the command line, a worker that has just ended) starts what
can be started, under one lock, so that it moves on with neither server nor browser there.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from core.domain.events import RunEvent
from core.errors import RunError
from core.jobs.submit import submit
from core.runs.folder import JobKind, RunFolder, list_runs
from core.runs.progress import is_alive, read_progress
from core.workspace.paths import workspace

_PATIENCE = 20.0  # seconds to wait for another process that looks after the queue
_POLL_SECONDS = 0.05
_KIND: JobKind = "train"  # the runs that need a device for themselves


def enqueue(folder: RunFolder) -> None:
    """Let a run wait for the device that its spec names, and start it at once if that is free.

    Args:
        folder: A new run, or one that has ended and shall go on.

    Raises:
        RunError: the run is at work already, or the queue cannot be reached.
    """
    _let_worker_end(folder)
    with _lock():
        worker = folder.find_worker()
        if worker is not None and is_alive(worker):
            raise RunError(f"The run {folder.id} is still at work; stop it first.")
        folder.withdraw_stop()
        folder.forget_worker()
        folder.repair_events()
        _say(folder, "queued", f"Waits for {describe_device(_device(folder))}.")
        folder.enter_queue()
        _start_waiting()


def cancel(folder: RunFolder) -> None:
    """Take a run out of the queue, or ask its worker to stop at the next safe point.

    Raises:
        RunError: the queue cannot be reached.
    """
    folder.ask_to_stop()
    with _lock():
        if folder.waits_since() is not None and read_progress(folder).state == "queued":
            folder.leave_queue()
            _say(folder, "cancelled", "Taken out of the queue.")


def start_waiting(ending: str = "") -> None:
    """Start every waiting run whose device is free.

    A queue that somebody else is looking after is left to them.

    Args:
        ending: A run whose worker still lives but has done its work: its device counts as free.
    """
    if list_waiting():
        try:
            with _lock():
                _start_waiting(ending)
        except RunError:
            return


def list_waiting() -> list[RunFolder]:
    """The runs that wait for a device, first come first."""
    waiting = [(since, run) for run in list_runs(_KIND) if (since := run.waits_since()) is not None]
    return [run for _, run in sorted(waiting, key=lambda item: item[0])]


def share_device(one: str, other: str) -> bool:
    """Whether two runs would get in each other's way; `cuda` means all GPUs.

    >>> share_device("cuda", "cuda:1"), share_device("cuda:0", "cuda:1"), share_device("cpu", "cuda")
    (True, False, False)
    """
    return one == other or (one.startswith("cuda") and other.startswith("cuda") and "cuda" in (one, other))


def describe_device(device: str) -> str:
    """A device in words."""
    return {"cpu": "the CPU", "cuda": "the GPU"}.get(device, f"GPU {device.rpartition(':')[2]}")


def _let_worker_end(folder: RunFolder) -> None:
    """Wait for a worker that has said its last word, and only has to go; it may need the queue for that."""
    worker = folder.find_worker()
    deadline = time.monotonic() + _PATIENCE
    while worker is not None and is_alive(worker) and read_progress(folder).over:
        if time.monotonic() > deadline:
            return
        time.sleep(_POLL_SECONDS)


def _start_waiting(ending: str = "") -> None:
    busy = _find_busy(ending)
    for run in list_waiting():
        device = _device(run)
        if any(share_device(device, other) for other in busy):
            busy.append(device)  # or a later run for one GPU would overtake one that waits for all
            continue
        try:
            submit(run)
        except RunError as error:
            _say(run, "failed", str(error))
        else:
            busy.append(device)
        run.leave_queue()


def _find_busy(ending: str) -> list[str]:
    """Devices that a living worker uses."""
    busy = []
    for run in list_runs(_KIND):
        worker = run.find_worker()
        if run.id == ending or worker is None or not is_alive(worker):
            continue
        run.leave_queue()  # whoever started it was killed before saying so
        if not read_progress(run).over:
            busy.append(_device(run))
    return busy


def _device(run: RunFolder) -> str:
    return run.read_spec().arguments.get("device", "cpu")


@contextmanager
def _lock() -> Iterator[None]:
    path = workspace().home / "locks" / "queue.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path, timeout=_PATIENCE):
            yield
    except Timeout:
        raise RunError(
            "The queue of runs is busy: another process of this workspace holds it. Try again."
        ) from None


def _say(folder: RunFolder, kind: str, message: str) -> None:
    folder.append(RunEvent.model_validate({"time": time.time(), "kind": kind, "message": message}))
