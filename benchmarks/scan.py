"""Scan of indexed PNG masks against a plain `np.unique(np.array(Image.open(file)))` loop.

    python -m benchmarks.scan [--masks 2000] [--size 512] [--workers 2]

Masks per second of a cold scan and of a rescan without changes, and the peak memory of all its processes.
"""

import argparse
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path, PurePosixPath

import numpy as np
import psutil
from PIL import Image

from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.scan import Sample, ScannedDataset
from core.formats.scanning.scan import scan

CLASSES, GRID = 9, 12
DISTINCT = 500  # drawn; further masks are copies of these
PALETTE = np.random.default_rng(1).integers(0, 256, 768).tolist()


def write_masks(folder: Path, count: int, size: int) -> list[Path]:
    """Masks of blobs: as many edges as organs and lesions have, not noise and not empty."""
    rng = np.random.default_rng(0)
    files = [folder / f"{number:05}.png" for number in range(count)]
    for number, file in enumerate(files):
        if number >= DISTINCT:
            shutil.copyfile(files[number % DISTINCT], file)
            continue
        coarse = Image.fromarray(rng.random((GRID, GRID), dtype=np.float32))
        field = np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC))
        mask = Image.fromarray(np.clip(field * CLASSES, 0, CLASSES - 1).astype(np.uint8))
        mask.putpalette(PALETTE)
        mask.save(file)
    return files


def run_baseline(files: list[Path]) -> float:
    start = time.perf_counter()
    for file in files:
        np.unique(np.array(Image.open(file)))
    return time.perf_counter() - start


class PeakMemory:
    """The largest sum of resident memory of this process and its children, sampled."""

    def __enter__(self) -> "PeakMemory":
        self.peak, self._stop = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._stop.wait(0.1):
            total = 0
            for process in (own, *own.children(recursive=True)):
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.peak = max(self.peak, total)


def run_scan(folder: Path, samples: list[Sample], cache: Path, workers: int) -> tuple[float, ScannedDataset]:
    spec = DatasetSpec(name="bench", root=folder, format="index", folders=(FolderPair(masks="."),))
    start = time.perf_counter()
    dataset = scan(spec, samples, (), cache, workers=workers)
    return time.perf_counter() - start, dataset


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--masks", type=int, default=2000)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_masks(folder, options.masks, options.size)
        samples = [Sample(file.stem, None, (("", PurePosixPath(file.name)),)) for file in files]
        run_baseline(files[:200])  # warms the file cache for all alike
        baseline = run_baseline(files)
        with PeakMemory() as memory:
            cold, dataset = run_scan(folder, samples, folder / "counts.cache", options.workers)
        rescans = [run_scan(folder, samples, folder / "counts.cache", options.workers) for _ in range(5)]
        warm, again = statistics.median(seconds for seconds, _ in rescans), rescans[-1][1]
        assert dataset.fingerprint == again.fingerprint
        assert len(dataset.samples) == len(files)
    for what, seconds in (("np.unique loop", baseline), ("scan", cold), ("rescan, median of 5", warm)):
        rate = options.masks / seconds
        print(f"{what:20} {seconds:8.2f} s {rate:10.0f} masks/s {baseline / seconds:8.1f} x")
    print(f"peak memory of the scan, all processes: {memory.peak / 2**20:.0f} MB")


if __name__ == "__main__":
    main()
