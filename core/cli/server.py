"""The app's server as a child process: on loopback, on a port of its own, ended with whoever asked for it."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.errors import WindowError
from core.workspace.settings import read_settings

HOST = "127.0.0.1"
_ROOT = Path(__file__).resolve().parent.parent.parent
_START_SECONDS = 90.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.1
_ATTEMPTS = 3  # another program may take a free port before the server does


@dataclass(frozen=True, slots=True)
class AppServer:
    """A server that answers.

    Attributes:
        port: Where it listens, on loopback alone.
        process: It.
    """

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def address(self) -> str:
        """What a browser opens."""
        return f"http://{HOST}:{self.port}"


@contextmanager
def serving(port: int | None, preferred: int) -> Iterator[AppServer]:
    """A server that answers; it ends with the block, or with this process whatever becomes of it.

    Args:
        port: The port that it must have; None lets it choose.
        preferred: The port it chooses if that is free, so that browsers find what they kept for its address.

    Raises:
        WindowError: The port is taken, the server does not start, or the app's files are missing.
    """
    server = _start_on(port) if port is not None else _start_anywhere(preferred)
    try:
        yield server
    finally:
        _stop(server.process)


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of this machine's loopback."""
    with socket.socket() as probe:
        if sys.platform != "win32":  # there the option would share a port that is taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def find_free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _start_on(port: int) -> AppServer:
    if not is_free(port):
        raise WindowError(
            f"Port {port} cannot be used: another program listens there, or it is reserved. Choose another "
            "--port, or leave it out to take any free one."
        )
    server = _launch(port)
    if server is None:
        raise _never_started()
    return server


def _start_anywhere(preferred: int) -> AppServer:
    for _ in range(_ATTEMPTS):
        port = preferred if is_free(preferred) else find_free_port()
        if (server := _launch(port)) is not None:
            return server
        if is_free(port):  # it was not the port
            break
    raise _never_started()


def _never_started() -> WindowError:
    return WindowError(
        "The server ended before it answered; what it said is above. `python -m pip install -e .` in the "
        "program's folder repairs an incomplete installation."
    )


def _launch(port: int) -> AppServer | None:
    """A server that answers; None where it ended instead.

    Raises:
        WindowError: The app's files are missing, or the server neither answers nor ends.
    """
    script = _ROOT / "app.py"
    if not script.exists():
        raise WindowError(
            f"{script} is missing. Counterpoise runs from a copy of its repository: install it there with "
            "`python -m pip install -e .`."
        )
    options = (
        f"--server.port={port}",
        f"--server.address={HOST}",
        "--server.headless=true",
        "--logger.level=warning",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "core.jobs.serve", "run", str(script), *options],
        cwd=_ROOT,  # the settings of Streamlit lie there
        env={**os.environ, "COUNTERPOISE_HOME": str(read_settings().home)},  # it may have been relative
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for this process, which then ends the server
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same on Windows
    )
    try:
        answers = _wait(process, port)
    except BaseException:  # Ctrl-C while it starts, too
        _stop(process)
        raise
    return AppServer(port, process) if answers else None


def _wait(process: "subprocess.Popen[bytes]", port: int) -> bool:
    """True once the server answers, False once it has ended."""
    end = time.monotonic() + _START_SECONDS
    while process.poll() is None:
        if _is_healthy(port) and _listens(process, port):
            return True
        if time.monotonic() > end:
            raise WindowError(
                f"The server did not answer within {_START_SECONDS:.0f} seconds; what it said is above. Try "
                "again when the machine is less busy."
            )
        time.sleep(_POLL_SECONDS)
    return False


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=1)  # unlike urllib, never through a proxy
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _listens(process: "subprocess.Popen[bytes]", port: int) -> bool:
    """Whether it is this server that answers there, and not that of another instance."""
    try:
        own = psutil.Process(process.pid)
        family = [own, *own.children()]  # on Windows a virtual environment's python starts the real one
        sockets = [found for member in family for found in member.net_connections("tcp")]
    except psutil.NoSuchProcess:
        return False
    return any(found.status == psutil.CONN_LISTEN and found.laddr.port == port for found in sockets)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()  # see core/jobs/serve.py
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
