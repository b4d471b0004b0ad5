"""Reading the files of a dataset: which must be read, what came of it, and which files are of no use."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.domain.dataset import DatasetSpec
from core.domain.scan import Problem, Sample
from core.errors import AppError
from core.formats.masks.protocol import CountedMask, CountedSample
from core.formats.masks.registry import mask_roots
from core.formats.scanning.count_pool import count_tasks
from core.formats.scanning.counting_tasks import CountResult, CountTask, choose_size
from core.formats.scanning.scan_cache import ScanCache, Stamp, name_union
from core.formats.wording import describe_error
from core.workspace.guarded import FolderGuard


@dataclass(frozen=True, slots=True)
class _Planned:
    """One sample with the stamps of its files that passed the guard.

    Attributes:
        sample: The sample.
        image: Its image and stamp; None without one.
        masks: Class key, file and stamp.
        union: The key of its union in the cache; empty where none is wanted.
        usable: False when the image, or every mask, was refused.
    """

    sample: Sample
    image: tuple[str, Stamp] | None
    masks: tuple[tuple[str, str, Stamp], ...]
    union: str
    usable: bool


@dataclass(frozen=True, slots=True)
class _Work:
    """What must be read of a sample; `files` are the masks of the task, relative to the root."""

    planned: _Planned
    files: tuple[str, ...]
    task: CountTask


class Reading:
    """One pass over the files of a dataset.

    Args:
        spec: The answers.
        samples: Images with their masks.
        cache: What earlier scans have read; it is brought up to date.
        unions: Whether the union of an image's masks is counted too.
    """

    def __init__(self, spec: DatasetSpec, samples: Sequence[Sample], cache: ScanCache, unions: bool) -> None:
        self._root = os.path.abspath(spec.root)  # noqa: PTH100  workers have another working folder
        self._guard = FolderGuard(mask_roots(spec))
        self._unions = unions
        self._problems: list[Problem] = []
        self._faults: dict[str, str] = {}
        self._plan = [self._check(sample) for sample in samples]
        self._cache = cache
        self.files_read = 0

    def run(
        self, on_progress: Callable[[int, int], None], should_stop: Callable[[], bool], workers: int | None
    ) -> bool:
        """Read every file that has changed into the cache; False when `should_stop` said so."""
        work = [item for planned in self._plan if (item := self._find_work(planned)) is not None]
        done, total = len(self._plan) - len(work), len(self._plan)
        on_progress(done, total)

        def take(place: int, result: CountResult) -> None:
            nonlocal done
            done += 1
            self._keep(work[place], result)
            on_progress(done, total)

        return count_tasks([item.task for item in work], take, should_stop, workers)

    def cache(self) -> ScanCache:
        """The cache, without entries of files that are not part of the dataset any more."""
        masks = {file for item in self._plan for _, file, _ in item.masks}
        images = {item.image[0] for item in self._plan if item.image is not None}
        unions = {item.union for item in self._plan}
        return ScanCache(
            {name: entry for name, entry in self._cache.counts.items() if name in masks},
            {name: entry for name, entry in self._cache.sizes.items() if name in images},
            {name: entry for name, entry in self._cache.unions.items() if name in unions},
        )

    def collect(self) -> tuple[list[CountedSample], list[Problem]]:
        """Return the samples whose masks are read and fit, and a problem for every file that does not."""
        self._problems += [describe_error(file, sentence) for file, sentence in self._faults.items()]
        counted = [sample for item in self._plan if (sample := self._collect_one(item)) is not None]
        return counted, self._problems

    def _check(self, sample: Sample) -> _Planned:
        image = None
        if sample.image is not None and (stamp := self._find_stamp(str(sample.image))) is not None:
            image = str(sample.image), stamp
        stamps = [(key, file, self._find_stamp(file)) for key, file in ((k, str(f)) for k, f in sample.masks)]
        masks = tuple((key, file, stamp) for key, file, stamp in stamps if stamp is not None)
        usable = bool(masks) and (sample.image is None or image is not None)
        union = name_union(image, masks) if self._unions and len(masks) > 1 else ""
        return _Planned(sample, image, masks, union, usable)

    def _find_stamp(self, file: str) -> Stamp | None:
        try:
            status = self._guard.check(self._place(file))
        except AppError as error:
            self._problems.append(describe_error(file, str(error)))
            return None
        return status.st_size, status.st_mtime_ns

    def _place(self, file: str) -> str:
        return os.path.join(self._root, file)  # noqa: PTH118  text, not Path: runs once per file of every rescan

    def _find_work(self, item: _Planned) -> _Work | None:
        if not item.usable:
            return None
        size = None if item.image is None else self._cache.find_size(*item.image)
        new_image = item.image is not None and size is None
        union = bool(item.union) and item.union not in self._cache.unions
        files = tuple(
            file for _, file, stamp in item.masks if union or self._cache.find_counts(file, stamp) is None
        )
        if not files and not new_image:
            return None
        image = self._place(item.image[0]) if item.image is not None and new_image else ""
        paths = tuple(map(self._place, files))
        return _Work(item, files, CountTask(image, size, paths, union))

    def _keep(self, work: _Work, result: CountResult) -> None:
        """Put what was read into the cache, and what could not be read on the list of faults."""
        self.files_read += len(work.files) + bool(work.task.image)
        image, stamps = work.planned.image, {file: stamp for _, file, stamp in work.planned.masks}
        if image is not None and isinstance(result.size, tuple):
            self._cache.sizes[image[0]] = image[1], result.size
        elif image is not None and isinstance(result.size, str):
            self._faults[image[0]] = result.size
        for file, counts in zip(work.files, result.masks, strict=True):
            if isinstance(counts, str):
                self._faults[file] = counts
            else:
                self._cache.counts[file] = stamps[file], counts
        if result.union is not None:
            self._cache.unions[work.planned.union] = result.union

    def _collect_one(self, item: _Planned) -> CountedSample | None:
        if not item.usable or (item.image is not None and item.image[0] in self._faults):
            return None
        masks = [
            CountedMask(key, file, counts)
            for key, file, stamp in item.masks
            if (counts := self._cache.find_counts(file, stamp)) is not None
        ]
        size = None if item.image is None else self._cache.find_size(*item.image)
        wanted = choose_size(size, [(mask.counts.height, mask.counts.width) for mask in masks])
        if wanted is None:
            return None
        fits = [(mask.counts.height, mask.counts.width) == wanted for mask in masks]
        fitting = tuple(mask for mask, fit in zip(masks, fits, strict=True) if fit)
        self._problems += [
            _describe_size(mask, wanted, size is not None)
            for mask, fit in zip(masks, fits, strict=True)
            if not fit
        ]
        if not fitting:
            return None
        return CountedSample(item.sample, *wanted, fitting, self._cache.unions.get(item.union))


def _describe_size(mask: CountedMask, wanted: tuple[int, int], is_image: bool) -> Problem:
    height, width = mask.counts.height, mask.counts.width
    other = "image" if is_image else "other masks of the image"
    text = f"the mask is {width} x {height} pixels, its {other} {wanted[1]} x {wanted[0]}"
    if is_image and (width, height) == wanted:
        return Problem(
            mask.file,
            f"{text}: the image is probably turned by its EXIF orientation, the mask is not",
            "Save the image upright and without EXIF orientation.",
        )
    return Problem(mask.file, text, "Save the mask at the size of its image, without smoothing.")
