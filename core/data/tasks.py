"""The work of materialising, cut into tasks: what one process does, and how several share it."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice

import cv2

from core.data.copies import Drawn, SourceSample, draw_copy
from core.data.entries import Entry
from core.data.layouts.protocol import WriteContext
from core.data.layouts.registry import VOLUME_LAYOUTS, find_picture_layout
from core.data.volumes import DrawnVolume, VolumeSample, draw_volume
from core.domain.scan import Problem, Sample
from core.errors import DatasetError, WorkspaceError
from core.formats.whole import holds_volumes

# A decoded source serves so many of its copies; more would leave one process with one image at the end.
COPIES_PER_TASK = 16
_AHEAD = 3  # tasks that wait in front of each process


@dataclass(frozen=True, slots=True)
class Task:
    """Some copies of one sample: pairs of copy number and name."""

    sample: Sample
    copies: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What came of a task: the images written, and why the others are not."""

    entries: tuple[Entry, ...]
    problem: Problem | None = None


Take = Callable[[Task, TaskResult], None]

_shared: list[WriteContext] = []  # set once in each process of the pool


def run_task(context: WriteContext, task: Task) -> TaskResult:
    """Write the copies of one task; a source that cannot be used ends it with a problem.

    Raises:
        WorkspaceError: The folder cannot be written: that would be the same for every other task.
    """
    is_volume = holds_volumes(context.dataset.spec)
    source = (VolumeSample if is_volume else SourceSample)(context.dataset, task.sample)
    entries: list[Entry] = []
    for copy, name in task.copies:
        try:
            entries.append(_write_copy(context, source, copy, name))
        except DatasetError as error:
            step = "Restore or repair the file, then start again: what is written is kept."
            return TaskResult(tuple(entries), Problem(task.sample.id, str(error), step))
    return TaskResult(tuple(entries))


def run_tasks(
    context: WriteContext, tasks: Sequence[Task], take: Take, should_stop: Callable[[], bool]
) -> bool:
    """Run all tasks; results come in any order, always in the caller's thread.

    Returns:
        Whether all is done; False when `should_stop` said so.

    Raises:
        WorkspaceError: The folder cannot be written, or a process ended for want of memory.
    """
    if context.spec.workers == 1 or len(tasks) < 2:
        for task in tasks:
            if should_stop():
                return False
            take(task, run_task(context, task))
        return True
    workers = min(context.spec.workers, len(tasks))
    with ProcessPoolExecutor(workers, _process_context(), _share, (context,)) as pool:
        try:
            return _run_pool(pool, iter(tasks), _AHEAD * workers, take, should_stop)
        except BrokenProcessPool as error:
            raise WorkspaceError(
                "A process that was writing images ended, probably for want of memory. Start again with "
                "fewer workers: what is written is kept."
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _run_pool(
    pool: ProcessPoolExecutor, tasks: Iterator[Task], ahead: int, take: Take, should_stop: Callable[[], bool]
) -> bool:
    pending: dict[Future[TaskResult], Task] = {}
    stopped = False
    while True:
        stopped = stopped or should_stop()
        if not stopped:
            for task in islice(tasks, ahead - len(pending)):
                pending[pool.submit(_run_shared, task)] = task
        else:  # what is being written is finished and noted; what waits is given back
            pending = {future: task for future, task in pending.items() if not future.cancel()}
        if not pending:
            return not stopped
        done, _ = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
        for future in done:
            take(pending.pop(future), future.result())


def _process_context() -> multiprocessing.context.BaseContext:
    """Processes that load the libraries once and are forked from there, where the system can do that."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "core.data.augmentation"])
    return context


def _share(context: WriteContext) -> None:
    _shared[:] = [context]
    cv2.setNumThreads(1)  # the processes share the cores among themselves
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A leading process that is killed must not leave others waiting for work for ever."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _run_shared(task: Task) -> TaskResult:
    return run_task(_shared[0], task)


def _write_copy(context: WriteContext, source: SourceSample | VolumeSample, copy: int, name: str) -> Entry:
    drawn: Drawn | DrawnVolume | None
    augmentation, seed = context.spec.augmentation, context.seed
    if isinstance(source, VolumeSample):
        drawn = draw_volume(source, augmentation, seed, copy) if copy > 1 else None
        files = VOLUME_LAYOUTS[context.spec.layout].write(context, source, drawn, name)
    else:
        drawn = draw_copy(source, augmentation, seed, copy, context.verbatim) if copy > 1 else None
        layout = find_picture_layout(context.spec.layout, context.dataset.spec)
        files = layout.write(context, source, drawn, name)
    written = (*files.images, *files.masks)
    return Entry(
        sample=source.sample.id,
        group=source.sample.group,
        copy=copy,
        image=files.images[0],
        masks=files.masks,
        seed=None if drawn is None else drawn.seed,
        kind="original" if drawn is None else drawn.kind,
        tries=0 if drawn is None else drawn.tries,
        sizes={path: (context.folder / path).stat().st_size for path in written},
    )
