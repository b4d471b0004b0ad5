import io
import subprocess
import sys
from pathlib import Path

from core.formats.scanning.count_pool import _ROOT
from core.formats.scanning.count_worker import receive_results, receive_tasks, send_results, send_tasks
from core.formats.scanning.counting_tasks import CountResult, CountTask
from tests.formats.files import blocks, write_array

TASK = CountTask("/a/ü.jpg", (3, 4), ("/a/b.png", "/a/c.png"), True)


def test_tasks_and_results_travel_unchanged() -> None:
    stream = io.BytesIO()
    send_tasks(stream, [TASK])
    send_results(stream, [CountResult((1, 2), ("broken",))])
    stream.seek(0)
    assert receive_tasks(stream) == [TASK]
    assert receive_results(stream) == [CountResult((1, 2), ("broken",))]
    assert receive_tasks(stream) is None


def test_a_message_that_breaks_off_is_none() -> None:
    stream = io.BytesIO()
    send_tasks(stream, [TASK])
    assert receive_tasks(io.BytesIO(stream.getvalue()[:-3])) is None
    assert receive_results(io.BytesIO(b"")) is None


def test_the_worker_is_a_program_that_ends_with_its_input(tmp_path: Path) -> None:
    asked = io.BytesIO()
    send_tasks(asked, [CountTask("", None, (str(write_array(tmp_path / "a.png", blocks(0, 3))),), False)])
    command = [sys.executable, "-m", "core.formats.scanning.count_worker"]
    done = subprocess.run(command, input=asked.getvalue(), stdout=subprocess.PIPE, check=True, cwd=_ROOT)
    (result,) = receive_results(io.BytesIO(done.stdout)) or []
    assert "values=array([0, 3])" in str(result)
