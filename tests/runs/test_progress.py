import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from core.domain.events import RunEvent
from core.errors import RunError
from core.runs.folder import RunFolder, WorkerIdentity, create_run, find_run, list_runs
from core.runs.progress import is_alive, read_progress


def say(folder: RunFolder, kind: str, time_: float, done: int = 0, total: int = 0, message: str = "") -> None:
    event = {"time": time_, "kind": kind, "done": done, "total": total, "message": message}
    folder.append(RunEvent.model_validate(event))


def this_process() -> WorkerIdentity:
    return WorkerIdentity(pid=psutil.Process().pid, started=psutil.Process().create_time())


def test_a_new_run_is_queued() -> None:
    assert read_progress(create_run("scan", {})).state == "queued"


def test_a_run_with_a_living_worker_is_running_and_has_an_eta() -> None:
    folder = create_run("scan", {})
    folder.write_worker(this_process())
    say(folder, "started", 100.0)
    say(folder, "progress", 110.0, 10, 100)
    say(folder, "progress", 120.0, 30, 100)
    found = read_progress(folder)
    assert (found.state, found.done, found.total) == ("running", 30, 100)
    assert found.eta == pytest.approx(35.0)


def test_a_run_whose_worker_is_gone_is_interrupted() -> None:
    folder = create_run("scan", {})
    folder.write_worker(WorkerIdentity(pid=psutil.Process().pid, started=1.0))
    say(folder, "started", time.time())
    found = read_progress(folder)
    assert found.state == "interrupted"
    assert found.over
    assert "again" in found.message


def test_a_finished_run_stays_finished_though_its_worker_is_gone() -> None:
    folder = create_run("scan", {})
    say(folder, "started", 100.0)
    say(folder, "finished", 107.0, message="done.")
    folder.write_result({"dataset": "x"})
    found = read_progress(folder)
    assert (found.state, found.seconds, found.result) == ("finished", 7.0, {"dataset": "x"})


def test_a_half_written_line_is_left_for_the_next_look() -> None:
    folder = create_run("scan", {})
    say(folder, "started", 100.0)
    with (folder.path / "events.jsonl").open("a") as file:
        file.write('{"time": 101.0, "ki')
    assert len(folder.read_events()) == 1


def test_a_zombie_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    identity = WorkerIdentity(pid=child.pid, started=psutil.Process(child.pid).create_time())
    deadline = time.monotonic() + 20
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not is_alive(identity)
    child.wait()
    assert not is_alive(identity)


def test_runs_are_listed_by_kind_the_latest_first() -> None:
    first = create_run("scan", {"n": "1"})
    create_run("demo", {})
    assert [run.id for run in list_runs("scan")] == [first.id]


def test_an_unknown_run_is_a_sentence() -> None:
    with pytest.raises(RunError, match="no run"):
        find_run("scan-20200101-000000-abcdef")


def test_a_damaged_spec_is_a_sentence(workspace: Path) -> None:
    folder = create_run("scan", {})
    (folder.path / "spec.json").write_text("{")
    with pytest.raises(RunError, match="damaged"):
        read_progress(folder)
