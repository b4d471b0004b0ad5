"""A counting process: `python -m core.formats.scanning.count_worker`, tasks on stdin, results on stdout.

It is a plain program and not a `multiprocessing` child: those import the parent's main module again, which
under Streamlit runs the app, and in a person's script the script. Nothing imports this module but the pool
that starts it.
"""

import io
import json
import struct
import sys
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO

import numpy as np

from core.formats.scanning.counting_tasks import (
    CountResult,
    CountTask,
    pack_results,
    run_task,
    unpack_results,
)

_LENGTH = struct.Struct("<Q")


def send_tasks(stream: IO[bytes], tasks: Sequence[CountTask]) -> None:
    """Write one chunk of tasks."""
    _send(stream, json.dumps([asdict(task) for task in tasks]).encode("utf-8"))


def receive_tasks(stream: IO[bytes]) -> list[CountTask] | None:
    """Read one chunk of tasks; None when the sender has closed the stream."""
    message = _receive(stream)
    if message is None:
        return None
    return [
        CountTask(
            item["image"], tuple(item["size"]) if item["size"] else None, tuple(item["masks"]), item["union"]
        )
        for item in json.loads(message)
    ]


def send_results(stream: IO[bytes], results: Sequence[CountResult]) -> None:
    """Write the results of one chunk."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **pack_results(results))
    _send(stream, buffer.getbuffer())


def receive_results(stream: IO[bytes]) -> list[CountResult] | None:
    """Read the results of one chunk; None when the worker has died."""
    message = _receive(stream)
    if message is None:
        return None
    with np.load(io.BytesIO(message), allow_pickle=False) as arrays:
        return unpack_results({name: arrays[name] for name in arrays.files})


def main() -> None:
    """Count until stdin is closed."""
    warnings.simplefilter("ignore")  # Pillow warns of what the counts and problems say better
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while (tasks := receive_tasks(source)) is not None:
        send_results(sink, [run_task(task) for task in tasks])


def _send(stream: IO[bytes], message: bytes | memoryview) -> None:
    stream.write(_LENGTH.pack(len(message)))
    stream.write(message)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    message = stream.read(length)
    return message if len(message) == length else None


if __name__ == "__main__":
    main()
