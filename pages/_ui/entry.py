"""The way into a page: always through app.py."""

import gc
import runpy
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pages._ui import state

ROOT = Path(__file__).resolve().parents[2]
_seen = {"modules": 0}


@contextmanager
def frame() -> Iterator[None]:
    """While this is open, app.py is running; only inside it does a page draw."""
    state.put(state.FRAME, True)
    try:
        yield
    finally:
        state.drop(state.FRAME)
        rest_collector()


def rest_collector() -> None:
    """Let the collector of garbage pass over what stands now, whenever modules have been loaded.

    Streamlit collects after every run, before its answer leaves the server; looking through the objects of
    all imported modules took it 0.1 s each time.
    """
    if len(sys.modules) > _seen["modules"]:
        _seen["modules"] = len(sys.modules)
        gc.collect()
        gc.freeze()


def page(draw: Callable[[], None]) -> None:
    """Draw a page inside the frame of app.py; the last line of each page, and the only one that draws.

    A deep link to a freshly started server makes Streamlit run the page's file alone, past the router (and
    past any sign-in there). Then the router is run in its place and comes back here; the address is kept.
    """
    if state.find(state.FRAME):
        draw()
    else:
        runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
