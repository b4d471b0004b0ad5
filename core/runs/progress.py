"""The state of a run, replayed from what lies in its folder."""

import time
from dataclasses import dataclass
from typing import Literal

import psutil

from core.domain.events import RunEvent
from core.runs.folder import JobKind, RunFolder, WorkerIdentity

RunState = Literal["queued", "running", "finished", "failed", "cancelled", "interrupted"]

# A worker needs a moment between its start and its first word; importing on a busy machine can take this
# long.
_GRACE_SECONDS = 30.0
_LOG_TAIL = 4000


@dataclass(frozen=True, slots=True)
class RunProgress:
    """What a page shows of a run.

    `seconds` counts from the first event, `eta` is seconds left (None while nothing is known), `message` is
    the last sentence said, `result` the answer of a finished run, `log_tail` the end of the log of one that
    failed.
    """

    id: str
    kind: JobKind
    state: RunState
    done: int
    total: int
    seconds: float
    eta: float | None
    message: str
    result: dict[str, str]
    log_tail: str

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in {"queued", "running"}


def read_progress(folder: RunFolder) -> RunProgress:
    """Replay a run's events, and look whether its worker lives.

    Raises:
        RunError: there is no such run, or its spec is damaged.
    """
    spec = folder.read_spec()
    events = folder.read_events()
    now = time.time()
    state = _state(folder, events, now - spec.created)
    last = events[-1] if events else None
    done, total = (last.done, last.total) if last else (0, 0)
    end = last.time if last and state not in {"queued", "running"} else now
    seconds = max(0.0, end - _start(events)) if events else 0.0
    return RunProgress(
        id=folder.id,
        kind=spec.kind,
        state=state,
        done=done,
        total=total,
        seconds=seconds,
        eta=_eta(events) if state == "running" else None,
        message=_message(spec.kind, state, last),
        result=folder.read_result(),
        log_tail=_log_tail(folder) if state in {"failed", "interrupted"} else "",
    )


def _state(folder: RunFolder, events: list[RunEvent], age: float) -> RunState:
    last = events[-1].kind if events else "queued"
    if last == "finished" or last == "failed" or last == "cancelled":
        return last
    worker = folder.find_worker()
    if (worker is None or not is_alive(worker)) and folder.waits_since() is not None:
        return "queued"
    if worker is None:
        return "queued" if age < _GRACE_SECONDS else "interrupted"
    if not is_alive(worker):
        return "interrupted"
    return "queued" if last == "queued" or not events else "running"


def _start(events: list[RunEvent]) -> float:
    """When the work began, the last time that it did; waiting does not count."""
    starts = [event.time for event in events if event.kind == "started"]
    return starts[-1] if starts else events[0].time


def is_alive(worker: WorkerIdentity) -> bool:
    """Whether exactly this process still runs; a zombie does not, whatever the process table says."""
    try:
        process = psutil.Process(worker.pid)
        same = abs(process.create_time() - worker.started) < 1.0
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _eta(events: list[RunEvent]) -> float | None:
    """Seconds left, by the speed of the last forty reports.

    A rescan's quick start would mislead a longer memory.
    """
    begun = max((i for i, event in enumerate(events) if event.kind == "started"), default=0)
    moving = [event for event in events[begun:] if event.kind == "progress"][-40:]
    if len(moving) < 2 or moving[-1].done <= moving[0].done or not moving[-1].total:
        return None
    speed = (moving[-1].done - moving[0].done) / max(moving[-1].time - moving[0].time, 1e-9)
    return (moving[-1].total - moving[-1].done) / speed


def _message(kind: JobKind, state: RunState, last: RunEvent | None) -> str:
    if state == "interrupted" and kind == "train":
        return "The training was interrupted: its process is gone. Resume goes on from the last checkpoint."
    if state == "interrupted":
        return "The work was interrupted: its process is gone. Start it again."
    return last.message if last else ""


def _log_tail(folder: RunFolder) -> str:
    try:
        return folder.log.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:]
    except FileNotFoundError:
        return ""
