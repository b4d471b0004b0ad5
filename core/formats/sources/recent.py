"""What was read last is kept for a while: the slices of one volume are asked for one after the other."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class RecentReads(Generic[Value]):
    """Values by file and its state, the latest first to stay; safe to use from several threads.

    Args:
        limit: Bytes that are kept at most; a single larger value is kept until the next comes.
        weigh: Bytes of a value.
    """

    def __init__(self, limit: int, weigh: Callable[[Value], int]) -> None:
        self._limit, self._weigh = limit, weigh
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._total = 0
        self._lock = Lock()

    def get(self, path: Path, read: Callable[[], Value], *settings: Hashable) -> Value:
        """The value of a file, read anew only where the file has changed or the value was let go.

        Args:
            path: The file.
            read: Reads it.
            settings: What else the value depends on.

        Raises:
            OSError: The file is gone; and whatever `read` raises.
        """
        status = path.stat()
        key = (str(path), status.st_size, status.st_mtime_ns, settings)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        value = read()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = (value, self._weigh(value))
                self._total += self._kept[key][1]
            while len(self._kept) > 1 and self._total > self._limit:
                self._total -= self._kept.popitem(last=False)[1][1]
        return value
