"""Training on several GPUs: one process each, joined by the network of this machine.

The worker itself is rank 0: it alone speaks, writes and decides to stop. It starts the others with the
environment that Lightning looks for where another program starts ranks. A rank that loses the others ends
with an error of its own; nobody waits for one that is gone.
"""

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import torch
from lightning.pytorch.strategies import DDPStrategy
from torch import nn

# One rank predicts a fold's held-out part while the others wait for the next fold to begin.
_PATIENCE = timedelta(hours=12)
_END_SECONDS = 10.0
_COUNT = "COUNTERPOISE_RANKS"  # WORLD_SIZE would not last: Lightning deletes it at the end of a fit
_NAMES = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK", "LOCAL_RANK", _COUNT)


def count_ranks(device: str) -> int:
    """Processes that a run needs: one a GPU for `cuda`, which stands for all of them; else one."""
    return max(torch.cuda.device_count(), 1) if device == "cuda" else 1


def world_size() -> int:
    """Processes that train together; this one is among them."""
    return int(os.environ.get(_COUNT, "1"))


def own_rank() -> int:
    """The number of this process among them, from 0."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def is_first() -> bool:
    """Whether this process speaks for the run."""
    return own_rank() == 0


def build_strategy() -> DDPStrategy | str:
    """How Lightning joins the ranks; nothing of it for one process.

    Buffers are not sent around before every batch: ranks may have unequally many to validate, and would wait
    for each other. `share_buffers` does it once an epoch.
    """
    return DDPStrategy(timeout=_PATIENCE, broadcast_buffers=False) if world_size() > 1 else "auto"


def share_buffers(network: nn.Module) -> None:
    """Give all ranks the first one's buffers, the running means of batch normalisation among them."""
    if world_size() > 1:
        for buffer in network.buffers():
            torch.distributed.broadcast(buffer, 0)


@contextmanager
def other_ranks(count: int, command: Sequence[str]) -> Iterator[None]:
    """Start the ranks beside this one, and end them with the block.

    Args:
        count: All ranks, this one among them; nothing happens below 2.
        command: Does in each other rank what the block does in this one.
    """
    if count < 2:
        yield
        return
    place = {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(_find_free_port()),
        "NODE_RANK": "0",
        _COUNT: str(count),
    }
    before = {name: os.environ.get(name) for name in _NAMES}
    started: list[subprocess.Popen[bytes]] = []
    try:
        for rank in range(1, count):
            own = {**os.environ, **place, "LOCAL_RANK": str(rank)}
            started.append(subprocess.Popen(command, env=own, stdin=subprocess.DEVNULL))
        os.environ.update(place, LOCAL_RANK="0")
        yield
    finally:
        for process in started:
            _end(process)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _end(process: "subprocess.Popen[bytes]") -> None:
    """A rank ends by itself once the first has; one that waits for a lost peer is made to."""
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
