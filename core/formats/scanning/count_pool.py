"""Counting many files: in this process while that is quick, else in worker processes.

A worker that dies (killed for its memory, say) takes nothing with it: the tasks of its chunk are counted
again one by one, and the one that kills a worker by itself becomes a result that says so.
"""

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import core
from core.formats.scanning.count_worker import receive_results, send_tasks
from core.formats.scanning.counting_tasks import CountResult, CountTask, run_task

MAX_WORKERS = 8
_COMMAND = [sys.executable, "-m", "core.formats.scanning.count_worker"]
_ROOT = Path(core.__file__).resolve().parent.parent
# Starting a worker costs about a third of a second: work that is done sooner here stays here.
_TRIAL_SECONDS = 0.2
_WORTH_SECONDS = 0.6
_CHUNK_SECONDS = 0.15
_MAX_CHUNK = 64
_POLL_SECONDS = 0.1
_DIED = "reading it ended the process, probably for want of memory; cut it into tiles or save it again."

OnResult = Callable[[int, CountResult], None]


def count_tasks(
    tasks: Sequence[CountTask],
    on_result: OnResult,
    should_stop: Callable[[], bool],
    workers: int | None = None,
) -> bool:
    """Run all tasks; results come in any order, always in the caller's thread.

    Args:
        tasks: What to read.
        on_result: Told (position of the task, its result).
        should_stop: Asked between results.
        workers: Processes; 1 counts in this process, None takes one a core, `MAX_WORKERS` at most.

    Returns:
        Whether everything was read; False when `should_stop` said so.
    """
    processes = workers or min(_count_cores(), MAX_WORKERS)
    started = time.monotonic()
    for done, task in enumerate(tasks):
        if should_stop():
            return False
        spent = time.monotonic() - started
        left = len(tasks) - done
        if done and processes > 1 and spent > _TRIAL_SECONDS and spent / done * left > _WORTH_SECONDS:
            chunk = min(max(int(_CHUNK_SECONDS * done / spent), 1), _MAX_CHUNK)
            return _CountPool(tasks, done, chunk).run(min(processes, left), on_result, should_stop)
        on_result(done, run_task(task))
    return True


class _CountPool:
    """The tasks from `first` on, in chunks, over worker processes that are fed by one thread each."""

    def __init__(self, tasks: Sequence[CountTask], first: int, chunk: int) -> None:
        self._tasks = tasks
        self._chunks: queue.SimpleQueue[range] = queue.SimpleQueue()
        for start in range(first, len(tasks), chunk):
            self._chunks.put(range(start, min(start + chunk, len(tasks))))
        self._left = len(tasks) - first
        self._results: queue.SimpleQueue[tuple[int, CountResult]] = queue.SimpleQueue()
        self._workers: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._closed = False

    def run(self, processes: int, on_result: OnResult, should_stop: Callable[[], bool]) -> bool:
        """Hand every result to `on_result`; False when `should_stop` said so."""
        threads = [threading.Thread(target=self._feed, daemon=True) for _ in range(processes)]
        try:
            for thread in threads:
                thread.start()
            while self._left:
                if should_stop():
                    return False
                # Until a worker is ready, and should none ever be, this process counts as well.
                fed = self._ready.is_set() and any(thread.is_alive() for thread in threads)
                try:
                    place, result = self._results.get(timeout=_POLL_SECONDS if fed else 0)
                except queue.Empty:
                    if not fed and not self._count_here(on_result, should_stop):
                        return False
                    continue
                self._left -= 1
                on_result(place, result)
            return True
        finally:
            self._close()
            for thread in threads:
                thread.join()

    def _count_here(self, on_result: OnResult, should_stop: Callable[[], bool]) -> bool:
        """Count one chunk in this process; False when `should_stop` said so."""
        try:
            chunk = self._chunks.get_nowait()
        except queue.Empty:
            self._ready.set()  # Nothing is left to help with: from now on, wait for the workers
            return True
        for place in chunk:
            if should_stop():
                return False
            self._left -= 1
            on_result(place, run_task(self._tasks[place]))
        return True

    def _feed(self) -> None:
        """Feed one worker until nothing is left; where none can be started, others go on, or this process."""
        with suppress(OSError, queue.Empty):
            worker = self._start()
            self._ready.set()
            while not self._closed:
                if not self._count(worker, self._chunks.get_nowait()):
                    worker = self._start()

    def _count(self, worker: subprocess.Popen[bytes], chunk: range) -> bool:
        """Count one chunk; False when the worker died of it."""
        results = _ask(worker, [self._tasks[place] for place in chunk])
        if results is not None:
            for place, result in zip(chunk, results, strict=True):
                self._results.put((place, result))
        elif len(chunk) > 1:
            for place in chunk:
                self._chunks.put(range(place, place + 1))
        else:
            task = self._tasks[chunk[0]]
            size = _DIED if task.image else task.size
            self._results.put((chunk[0], CountResult(size, (_DIED,) * len(task.masks))))
        return results is not None

    def _start(self) -> subprocess.Popen[bytes]:
        """Start a worker and hear from it once: one that never ran must not look like a killed one."""
        with self._lock:
            if self._closed:
                raise ProcessLookupError("the scan has ended")
            worker = subprocess.Popen(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
            )
            self._workers.append(worker)
        if _ask(worker, []) is None:
            raise ChildProcessError("the counting process ends as soon as it is started")
        return worker

    def _close(self) -> None:
        with self._lock:
            self._closed = True
            workers = list(self._workers)
        for worker in workers:
            worker.kill()
            worker.wait()
            for stream in (worker.stdin, worker.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()


def _ask(worker: subprocess.Popen[bytes], tasks: Sequence[CountTask]) -> list[CountResult] | None:
    """Return the results of one chunk; None when the worker has died."""
    if worker.stdin is None or worker.stdout is None:
        return None
    try:
        send_tasks(worker.stdin, tasks)
        return receive_results(worker.stdout)
    except (OSError, ValueError):  # A broken pipe, or one that was closed because the scan has ended
        return None


def _count_cores() -> int:
    # Containers give a process fewer cores than the machine has; only Linux tells.
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
