import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from core.formats.pixels.counting import ValueCounts
from core.formats.scanning import count_pool
from core.formats.scanning.count_pool import count_tasks
from core.formats.scanning.counting_tasks import CountResult, CountTask
from tests.formats.files import blocks, write_array

COUNT = 60


def never() -> bool:
    return False


@pytest.fixture
def tasks(tmp_path: Path) -> list[CountTask]:
    files = [write_array(tmp_path / f"{n}.png", blocks(0, n)) for n in range(COUNT)]
    return [CountTask("", None, (str(file),), False) for file in files]


@pytest.fixture
def pool_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start workers after the first task, however quick it was, and give them chunks of four."""
    monkeypatch.setattr(count_pool, "_TRIAL_SECONDS", -1.0)
    monkeypatch.setattr(count_pool, "_WORTH_SECONDS", -1.0)
    monkeypatch.setattr(count_pool, "_MAX_CHUNK", 4)


def collect(tasks: list[CountTask], workers: int | None) -> dict[int, CountResult]:
    results: dict[int, CountResult] = {}
    thread = threading.current_thread()

    def take(place: int, result: CountResult) -> None:
        assert place not in results
        assert threading.current_thread() is thread
        results[place] = result

    assert count_tasks(tasks, take, never, workers)
    return results


def top_value(result: CountResult) -> int:
    (counts,) = result.masks
    assert isinstance(counts, ValueCounts)
    return int(counts.values[-1])


def test_few_files_start_no_process(tasks: list[CountTask], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("a process was started"))
    assert len(collect(tasks[:10], None)) == 10


@pytest.mark.usefixtures("pool_at_once")
def test_workers_find_what_one_process_finds(tasks: list[CountTask], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count_pool._CountPool, "_count_here", lambda self, *_: time.sleep(0.01) is None)
    results = collect(tasks, 2)
    assert {place: top_value(result) for place, result in results.items()} == {n: n for n in range(COUNT)}


@pytest.mark.usefixtures("pool_at_once")
def test_no_worker_outlives_the_scan(tasks: list[CountTask]) -> None:
    before = set(psutil.Process().children(recursive=True))
    collect(tasks, 2)
    assert set(psutil.Process().children(recursive=True)) == before


@pytest.mark.usefixtures("pool_at_once")
def test_cancelling_ends_the_workers_at_once(tasks: list[CountTask]) -> None:
    seen: list[int] = []
    assert not count_tasks(tasks, lambda place, _: seen.append(place), lambda: len(seen) > 5, 2)
    assert 5 < len(seen) < COUNT


@pytest.mark.usefixtures("pool_at_once")
def test_a_file_that_kills_its_process_is_named_and_the_rest_is_read(
    tasks: list[CountTask], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    killer = tmp_path / "sitecustomize.py"  # stands for a file whose decoding ends the process
    killer.write_text(
        "import core.formats.scanning.counting_tasks as t, core.formats.scanning.count_worker as w, os\n"
        "def run(task, real=t.run_task):\n"
        "    if task.masks[0].endswith('/41.png'): os.kill(os.getpid(), 9)\n"
        "    return real(task)\n"
        "t.run_task = w.run_task = run\n"
    )
    monkeypatch.setattr(
        count_pool, "_COMMAND", [sys.executable, "-c", f"exec(open({str(killer)!r}).read()); w.main()"]
    )
    monkeypatch.setattr(count_pool._CountPool, "_count_here", lambda self, *_: time.sleep(0.01) is None)
    results = collect(tasks, 2)
    assert len(results) == COUNT
    assert "ended the process" in str(results[41].masks[0])
    assert top_value(results[40]) == 40


@pytest.mark.usefixtures("pool_at_once")
def test_without_any_worker_this_process_reads_everything(
    tasks: list[CountTask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(count_pool, "_COMMAND", [sys.executable, "-c", "raise SystemExit(3)"])
    assert {place: top_value(result) for place, result in collect(tasks, 2).items()} == {
        n: n for n in range(COUNT)
    }


@pytest.mark.usefixtures("pool_at_once")
def test_a_worker_that_is_killed_from_outside_loses_nothing(tasks: list[CountTask]) -> None:
    killed: list[int] = []
    results: dict[int, CountResult] = {}

    def take(place: int, result: CountResult) -> None:
        results[place] = result
        children = psutil.Process().children()
        if not killed and children:
            os.kill(children[0].pid, signal.SIGKILL)
            killed.append(children[0].pid)

    assert count_tasks(tasks, take, never, 2)
    assert killed
    assert {place: top_value(result) for place, result in results.items()} == {n: n for n in range(COUNT)}
