"""Whether the disk has room for a balanced set, said before anything is written."""

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from core.data.layouts.protocol import WriteContext
from core.data.tasks import Task
from core.errors import WorkspaceError
from core.formats.folders.listing import is_picture

# Deformed pixels compress a little worse, and a JPEG that becomes a PNG takes several times its size.
_SAME_TYPE, _TO_PNG = 1.5, 8.0
_LOSSY = (".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".jp2", ".j2k", ".jpx")
_UNPACKED = 2.0  # slices of a volume that was packed as a whole
_MASK_BYTES = 4096  # a mask that is written anew takes at least a block
_RESERVE = 64 << 20  # left for others on the same disk


def check_room(context: WriteContext, tasks: Sequence[Task]) -> None:
    """Raise unless the disk has room for the images that are still to be written.

    Raises:
        WorkspaceError: It has not; the sentence says how much is needed and how much is free.
    """
    existing = _find_existing(context.folder)
    needed = estimate_bytes(context, tasks, existing)
    free = shutil.disk_usage(existing).free
    if needed + _RESERVE > free:
        link = "" if context.spec.link == "hard" else ", link the originals instead of copying them"
        raise WorkspaceError(
            f"The balanced set needs about {_say_bytes(needed)}, but {existing} has only {_say_bytes(free)} "
            f"free. Free some space{link}, or choose a folder on another disk."
        )


def estimate_bytes(context: WriteContext, tasks: Sequence[Task], existing: Path) -> int:
    """How many bytes the tasks will write, from the sizes of their sources; rather too many than too few."""
    root = context.dataset.spec.root
    linked = context.spec.link == "hard" and _device(root) == _device(existing)
    needed = 0
    parts = Counter(task.sample.image for task in {task.sample.id: task for task in tasks}.values())
    for task in tasks:
        originals = sum(copy == 1 for copy, _ in task.copies)
        duplicates = len(task.copies) - originals
        image = task.sample.image
        if image is not None:
            kept = context.image_suffix in ("", image.suffix.lower())
            grown = (
                _TO_PNG if context.image_suffix == ".png" and image.suffix.lower() in _LOSSY else _SAME_TYPE
            )
            is_file = is_picture(image.name)
            kept, grown = kept and is_file, grown if is_file else _UNPACKED
            size = _size(root / image) // parts[image]  # of a slice, its part of the volume
            needed += int(duplicates * size * grown)
            needed += originals * (0 if linked and kept else size if kept else int(size * grown))
        share = _SAME_TYPE / (parts[image] if task.sample.part else 1)
        masks = sum(max(int(_size(root / file) * share), _MASK_BYTES) for _, file in task.sample.masks)
        needed += masks * (duplicates + (0 if linked and context.verbatim else originals))
    return needed


def _find_existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _device(path: Path) -> int:
    try:
        return path.stat().st_dev
    except OSError:
        return -1


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # it becomes a problem when its turn comes


def _say_bytes(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
