"""The app's server: one process. Started as `python -m core.jobs.serve STREAMLIT ARGUMENTS…`, never imported.

It ends when its standard input does: when whoever started it closes that, or is gone, killed or crashed. So
no server is ever left behind; runs in the background are processes of their own and go on.
"""

import os
import runpy
import signal
import sys
from threading import Thread


def end_with_parent() -> None:
    """Wait for the end of the standard input, then stop this process as a person would."""
    while os.read(sys.stdin.fileno(), 1):  # not through its buffer, whose lock would be held at the exit
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    Thread(target=end_with_parent, daemon=True, name="end with parent").start()
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
