import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from core.cli.server import HOST, find_free_port, is_free, serving
from core.errors import WindowError
from tests.conftest import ROOT


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().read() == b"ok"
    except OSError:
        return False
    finally:
        connection.close()


def test_a_taken_port_is_refused_by_name() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(WindowError, match=f"Port {port}"), serving(port, 8501):
            pass


def test_the_server_answers_on_a_free_port_and_ends_with_its_block() -> None:
    with socket.socket() as other:  # the preferred port is another instance's
        other.bind((HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        with serving(None, taken) as server:
            assert server.port != taken
            assert answers(server.port)
            process = psutil.Process(server.process.pid)
            assert {found.laddr.ip for found in process.net_connections("tcp")} <= {HOST, ""}
    assert server.process.returncode is not None
    assert is_free(server.port)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_the_command_takes_its_server_with_it(end: signal.Signals, tmp_path: Path) -> None:
    port = find_free_port()
    command = [sys.executable, "-m", "core.cli", "app", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_ctrl_c,
    )
    try:
        assert process.stdout is not None
        assert f"http://{HOST}:{port} " in process.stdout.readline()
        assert answers(port)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(end)
        assert process.wait(20) == (0 if end is signal.SIGINT else -end)
    finally:
        process.kill()
        process.communicate()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]
    assert is_free(port)


def _hear_ctrl_c() -> None:
    """A shell lets what it runs in the background ignore Ctrl-C, and so the tests, and so their children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
