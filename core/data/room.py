"""Whether the disk has room for a balanced set, said before anything is written."""

import shutil
from collections.abc import Sequence

from core.data.layouts.protocol import WriteContext
from core.data.space import Amount, WriteWay, can_link, estimate_bytes, find_existing
from core.data.tasks import Task
from core.errors import WorkspaceError

_RESERVE = 64 << 20  # left for others on the same disk


def check_room(context: WriteContext, tasks: Sequence[Task]) -> None:
    """Raise unless the disk has room for the images that are still to be written.

    Raises:
        WorkspaceError: It has not; the sentence says how much is needed and how much is free.
    """
    existing = find_existing(context.folder)
    needed = estimate_bytes(_describe_way(context), _count_copies(tasks))
    free = shutil.disk_usage(existing).free
    if needed + _RESERVE > free:
        link = "" if context.spec.link == "hard" else ", link the originals instead of copying them"
        raise WorkspaceError(
            f"The balanced set needs about {_say_bytes(needed)}, but {existing} has only {_say_bytes(free)} "
            f"free. Free some space{link}, or choose a folder on another disk."
        )


def _describe_way(context: WriteContext) -> WriteWay:
    root = context.dataset.spec.root
    linked = context.spec.link == "hard" and can_link(root, context.folder)
    return WriteWay(root, linked, context.image_suffix, context.verbatim)


def _count_copies(tasks: Sequence[Task]) -> list[Amount]:
    """One amount a sample, also where its copies are cut into several tasks."""
    counts: dict[str, Amount] = {}
    for task in tasks:
        originals = sum(copy == 1 for copy, _ in task.copies)
        known = counts.get(task.sample.id, Amount(task.sample, 0, 0))
        counts[task.sample.id] = Amount(
            task.sample,
            known.originals + originals,
            known.duplicates + len(task.copies) - originals,
        )
    return list(counts.values())


def _say_bytes(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
