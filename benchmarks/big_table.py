"""A label table of a million rows: opened and balanced as the app does, against reading and solving it bare.

    python -m benchmarks.big_table [--rows 1000000] [--classes 100]

The bare way is `pandas.read_csv`, grouping equal rows, and the proved optimum. The app detects what the file
is, checks every row, keeps the scan and opens it again, groups, and lays the balance page's desk. Both are
timed in processor seconds too, which other work on the machine disturbs less.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.scan import PeakMemory
from core import balancing
from core.services import balance, datasets, overview

BLOCK = 50_000


@dataclass
class Timer:
    """Seconds of each step: wall clock, processor."""

    steps: dict[str, tuple[float, float]] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what is done inside."""
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.steps[name] = (time.perf_counter() - wall, time.process_time() - processor)
        print(f"  {name:34}{self.steps[name][0]:7.2f} s{self.steps[name][1]:7.2f} s of processor", flush=True)

    def total(self, which: int) -> float:
        """Seconds of all steps: 0 of the wall clock, 1 of the processor."""
        return sum(seconds[which] for seconds in self.steps.values())


def write_table(path: Path, rows: int, classes: int) -> None:
    """0 and 1 with a long tail: the commonest class in 40 % of the rows, the rarest in 0.25 %."""
    rng = np.random.default_rng(0)
    shares = 0.4 * np.arange(1, classes + 1) ** -1.1
    with path.open("wb") as file:
        file.write(("image," + ",".join(f"finding {k:02}" for k in range(classes)) + "\n").encode())
        for start in range(0, rows, BLOCK):
            count = min(BLOCK, rows - start)
            text = np.full((count, 2 * classes), ord(","), np.uint8)
            text[:, 1::2] = (rng.random((count, classes)) < shares) + ord("0")
            file.writelines(b"image_%07d.png%s\n" % (start + i, text[i].tobytes()) for i in range(count))


def run_bare(path: Path, timer: Timer) -> None:
    with timer.step("pandas.read_csv"):
        frame = pd.read_csv(path)
    with timer.step("group and solve"):
        names = list(frame.columns[1:])
        ids = frame["image"].tolist()
        table = balancing.group_label_vectors(frame[names].to_numpy(np.uint8), names, ids)
        balancing.solve(balancing.build_problem(table, balance.default_spec(table)))


def run_app(path: Path, timer: Timer) -> tuple[str, balance.LiveBalance]:
    with timer.step("detect"):
        spec = datasets.propose(str(path)).spec
        dataset_id = datasets.keep(spec)
    with timer.step("scan, and keep what is found"):
        run_scan(dataset_id)
    with timer.step("open the scan"):
        dataset = datasets.open_dataset(dataset_id)
    with timer.step("group"):
        table = overview.label_table(dataset)
    with timer.step("optimum, descent, whole copies"):
        live = balance.LiveBalance(table, balance.default_spec(table))
        live.whole()
    return dataset_id, live


def run_scan(dataset_id: str) -> None:
    """The job's own function, without its process."""
    from core.jobs.scan import run_scan as scan

    scan({"dataset": dataset_id}, lambda *_: None, lambda: False)


def run_export(dataset_id: str, live: balance.LiveBalance, timer: Timer) -> None:
    dataset = datasets.open_dataset(dataset_id)
    with timer.step("keep a plan"):
        entry = balance.save_plan(dataset_id, "big", dataset, live.outcome())
    with timer.step("list plans"):
        balance.list_plans(dataset_id)
    for name, content in balance.plan_files(dataset_id, entry.id).items():
        print(f"  {name}: {len(content) / 1e6:.1f} MB")


def measure(title: str, run: Callable[[Timer], object]) -> tuple[Timer, int, object]:
    print(title)
    timer = Timer()
    with PeakMemory() as memory:
        found = run(timer)
    print(
        f"  {'in all':34}{timer.total(0):7.2f} s{timer.total(1):7.2f} s, {memory.peak / 1e6:.0f} MB at most"
    )
    return timer, memory.peak, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--classes", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["COUNTERPOISE_HOME"] = f"{name}/workspace"
        path = Path(name) / "labels.csv"
        write_table(path, options.rows, options.classes)
        print(f"{options.rows:,} rows x {options.classes} classes, {path.stat().st_size / 1e6:.0f} MB")
        opened, _, found = measure("open and balance", lambda timer: run_app(path, timer))
        assert isinstance(found, tuple)
        measure("export", lambda timer: run_export(*found, timer))
        bare, _, _ = measure("bare", lambda timer: run_bare(path, timer))
        ratios = [opened.total(which) / bare.total(which) for which in (0, 1)]
        print(f"open and balance / bare: {ratios[0]:.1f} in seconds, {ratios[1]:.1f} in processor seconds")


if __name__ == "__main__":
    main()
