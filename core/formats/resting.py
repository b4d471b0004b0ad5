"""The cyclic collector at rest while very many small objects are made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting_collector() -> Iterator[None]:
    """Let the cyclic collector rest while many small objects are made, none of them in a circle.

    It would walk over all of them again and again, for a third of the time that a rescan takes.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
