import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from core.domain.events import RunEvent
from core.errors import RunError
from core.jobs import queue
from core.jobs.queue import cancel, enqueue, list_waiting, share_device, start_waiting
from core.runs.folder import RunFolder, WorkerIdentity, create_run
from core.runs.progress import read_progress


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[RunFolder]]:
    """Runs that the queue has started, each with a sleeping process as its worker."""
    runs: list[RunFolder] = []
    sleepers: list[subprocess.Popen[bytes]] = []

    def sleep(folder: RunFolder) -> None:
        sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        sleepers.append(sleeper)
        identity = WorkerIdentity(pid=sleeper.pid, started=psutil.Process(sleeper.pid).create_time())
        folder.write_worker(identity)
        runs.append(folder)

    monkeypatch.setattr(queue, "submit", sleep)
    yield runs
    for sleeper in sleepers:
        sleeper.kill()
        sleeper.wait()


def train(device: str = "cpu") -> RunFolder:
    folder = create_run("train", {"device": device})
    time.sleep(0.002)  # the order of the queue is that of its clock
    return folder


def say(folder: RunFolder, kind: str) -> None:
    folder.append(RunEvent.model_validate({"time": time.time(), "kind": kind}))


def kill(folder: RunFolder) -> None:
    worker = folder.find_worker()
    assert worker is not None
    process = psutil.Process(worker.pid)
    process.kill()
    process.wait()


def test_one_run_a_device_works_and_the_others_wait(started: list[RunFolder]) -> None:
    runs = [train("cpu"), train("cpu"), train("cuda:0"), train("cuda:1")]
    for run in runs:
        enqueue(run)
    assert started == [runs[0], runs[2], runs[3]]
    assert list_waiting() == [runs[1]]
    assert read_progress(runs[1]).state == "queued"


def test_an_ending_worker_starts_the_next_in_order(started: list[RunFolder]) -> None:
    runs = [train(), train(), train()]
    for run in runs:
        enqueue(run)
    say(runs[0], "started")
    start_waiting()
    assert started == runs[:1]
    start_waiting(ending=runs[0].id)
    assert started == runs[:2]


def test_a_killed_worker_frees_its_device(started: list[RunFolder]) -> None:
    runs = [train(), train()]
    for run in runs:
        enqueue(run)
    say(runs[0], "started")
    kill(runs[0])
    start_waiting()
    assert started == runs
    assert read_progress(runs[0]).state == "interrupted"


def test_a_run_for_all_gpus_is_not_overtaken(started: list[RunFolder]) -> None:
    runs = [train("cuda:0"), train("cuda"), train("cuda:1")]
    for run in runs:
        enqueue(run)
    assert started == runs[:1]


def test_a_waiting_run_can_be_taken_out_and_put_back(started: list[RunFolder]) -> None:
    runs = [train(), train()]
    for run in runs:
        enqueue(run)
    cancel(runs[1])
    assert read_progress(runs[1]).state == "cancelled"
    assert list_waiting() == []
    enqueue(runs[1])
    assert read_progress(runs[1]).state == "queued"
    assert not runs[1].stop_asked


def test_an_interrupted_run_goes_on(started: list[RunFolder]) -> None:
    run = train()
    enqueue(run)
    say(run, "started")
    with (run.path / "events.jsonl").open("a") as file:
        file.write('{"time": 1.0, "ki')  # killed in the middle of a line
    kill(run)
    enqueue(run)
    say(run, "started")
    assert [event.kind for event in run.read_events()] == ["queued", "started", "queued", "started"]
    assert read_progress(run).state == "running"


def test_a_run_at_work_cannot_be_started_twice(started: list[RunFolder]) -> None:
    run = train()
    enqueue(run)
    with pytest.raises(RunError, match="still at work"):
        enqueue(run)


def test_a_worker_that_has_said_its_last_word_is_waited_for(started: list[RunFolder]) -> None:
    run = train()
    enqueue(run)
    say(run, "started")
    say(run, "cancelled")
    threading.Timer(0.3, lambda: kill(run)).start()
    enqueue(run)
    assert started == [run, run]


def test_a_run_that_cannot_be_started_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: RunFolder) -> None:
        raise RunError("there is no memory left for another process.")

    monkeypatch.setattr(queue, "submit", refuse)
    run = train()
    enqueue(run)
    found = read_progress(run)
    assert (found.state, found.message) == ("failed", "there is no memory left for another process.")
    assert list_waiting() == []


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [("cpu", "cpu", True), ("cpu", "cuda", False), ("cuda", "cuda:1", True), ("cuda:0", "cuda:1", False)],
)
def test_which_devices_are_shared(one: str, other: str, shared: bool) -> None:
    assert share_device(one, other) == share_device(other, one) == shared
