"""A plan on disk: every image as often as the plan says, each duplicate augmented once by its own seed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from core.data.copies import describe_source
from core.data.entries import Entry
from core.data.layouts.protocol import INDEX_FILE, WriteContext
from core.data.layouts.registry import find_layout
from core.data.manifest import Key, Manifest, check_place
from core.data.naming import keep_apart, name_copies
from core.data.placing import encode_table, place_bytes, remove_leftovers
from core.data.room import check_room
from core.data.tasks import COPIES_PER_TASK, Task, TaskResult, run_tasks
from core.domain.augmentation import MaterialiseSpec
from core.domain.scan import Problem, Sample, ScannedDataset
from core.errors import CancelledError, DatasetError, PlanError
from core.formats.labels.image_files import locate_images
from core.formats.whole import scan_dataset
from core.plans.changes import find_changes
from core.plans.plan import BalancePlan
from core.workspace.paths import dataset_id, workspace

PROBLEM_FILE = "problems.csv"
MOST_IMAGES = 10_000_000  # more files than any disk's folders bear; a sampler draws as many without writing
INDEX_COLUMNS = ("image", "mask", "source_image", "copy", "seed", "kind", "group")


@dataclass(frozen=True, slots=True)
class Materialised:
    """What was written.

    Attributes:
        folder: Where.
        images: Images of the set, those of earlier runs included.
        duplicates: How many of them are augmented.
        redrawn: Duplicates that had lost a class at first, and were drawn again.
        flipped: Of these, those that were only flipped in the end.
        missing: Images of the plan that could not be written.
        problems: The sources that are to blame.
    """

    folder: Path
    images: int
    duplicates: int
    redrawn: int
    flipped: int
    missing: int
    problems: tuple[Problem, ...]


def materialise(
    plan: BalancePlan,
    folder: Path,
    spec: MaterialiseSpec,
    on_progress: Callable[[int, int, str], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Materialised:
    """Write a plan as a folder of images and masks, or go on where an earlier run stopped.

    The folder's own description (`dataset.toml`, `data.yaml`, `dataset.json`, …) and `index.csv` come last,
    so that half a set cannot be taken for a whole one.

    Args:
        plan: The plan; its dataset is scanned again, which reads only what has changed.
        folder: New, empty, or begun with the same plan and spec; outside of the dataset.
        spec: How.
        on_progress: Told (images done, images in all, what is done).
        should_stop: Asked between images.

    Raises:
        PlanError: The plan is for another dataset or another state of it, or the folder cannot be used.
        DatasetError: The dataset is gone or cannot be read, or does not fit the layout.
        WorkspaceError: The folder cannot be written, or the disk has too little room.
        CancelledError: `should_stop` said so; what is written is kept.
    """
    report = on_progress or _ignore
    stop = should_stop or _never
    check_place(plan, folder)
    dataset = scan_for_plan(plan, lambda done, total: report(done, total, "Checking the dataset"), stop)
    samples = _find_samples(plan, dataset)
    context = _settle(plan, folder, spec, dataset, samples)
    lock = workspace().home / "locks" / f"{dataset_id(folder)}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            return _Writing(context, plan, samples).run(report, stop)
    except Timeout:
        raise PlanError(
            f"Another run is writing to {folder} just now; wait for it, or choose another folder."
        ) from None


def scan_for_plan(
    plan: BalancePlan,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ScannedDataset:
    """The dataset of a plan, as it is now; its root is the folder of its images.

    Raises:
        PlanError: It has neither masks nor images, or is not the one that the plan was made for any more.
        DatasetError: It cannot be read.
        CancelledError: `should_stop` said so.
    """
    spec = plan.dataset.spec
    cache = workspace().dataset(dataset_id(spec.root)) / "counts.cache"
    dataset = scan_dataset(spec, cache, on_progress, should_stop)
    if (changes := find_changes(plan, dataset)) is not None:
        raise PlanError(
            f"The plan “{plan.name}” was made for another state of {plan.dataset.root}: "
            f"{changes.describe()}. Scan the dataset, look at its list of problems, and solve the plan anew."
        )
    located = locate_images(dataset)
    if not spec.has_masks and not any(sample.image for sample in located.samples):
        raise PlanError(
            f"The plan “{plan.name}” is for labels only: none of the images that they name, such as "
            f"{dataset.samples[0].id}, lies in {located.spec.root}. Put the images there under these names, "
            "or use the plan's CSV or its weights in the training code."
        )
    return located


def _find_samples(plan: BalancePlan, dataset: ScannedDataset) -> list[Sample]:
    samples = [sample for sample in dataset.samples if plan.copies.get(sample.id, 0) > 0]
    if not samples:
        raise PlanError(f"The plan “{plan.name}” keeps no image at all; balance the dataset again.")
    if plan.total > MOST_IMAGES:
        raise PlanError(
            f"The plan “{plan.name}” asks for {plan.total:,} images, and at most {MOST_IMAGES:,} are "
            "written; balance to a smaller B, or let the training code draw by the plan's weights."
        )
    if all(sample.image is None for sample in samples):
        raise PlanError(f"{plan.dataset.root} holds masks only; name its image folder and balance it again.")
    return samples


def _settle(
    plan: BalancePlan, folder: Path, spec: MaterialiseSpec, dataset: ScannedDataset, samples: Sequence[Sample]
) -> WriteContext:
    title = f"{plan.dataset.name}, balanced: {plan.name}"[:120]
    labels = {} if dataset.spec.has_masks else _read_labels(dataset, samples)
    context = WriteContext(folder, title, describe_source(dataset), spec, plan.seed, labels=labels)
    return find_layout(spec.layout, dataset.spec).settle(context, samples)


def _read_labels(dataset: ScannedDataset, samples: Sequence[Sample]) -> dict[str, tuple[str, ...]]:
    """The class keys of each sample, in the order of the classes."""
    wanted = {sample.id for sample in samples}
    keys = [item.key for item in dataset.classes]
    return {
        sample.id: tuple(keys[place] for place in np.flatnonzero(present))
        for sample, present in zip(dataset.samples, dataset.presence, strict=True)
        if sample.id in wanted
    }


class _Writing:
    """One run over the images of a plan that are not written yet."""

    def __init__(self, context: WriteContext, plan: BalancePlan, samples: Sequence[Sample]) -> None:
        layout = find_layout(context.spec.layout, context.dataset.spec)
        self._context = context
        self._samples = samples
        names = name_copies(context.dataset.spec, samples, plan.copies)
        self._names = keep_apart({key: layout.name(name) for key, name in names.items()})
        self._manifest = Manifest(context.folder, plan, context.spec)
        self._entries: dict[Key, Entry] = {}
        self._problems: list[Problem] = []

    def run(self, report: Callable[[int, int, str], None], stop: Callable[[], bool]) -> Materialised:
        self._entries = self._manifest.open()
        remove_leftovers(self._context.folder)
        tasks = self._cut_tasks()
        check_room(self._context, tasks)
        total = len(self._names)

        def take(task: Task, result: TaskResult) -> None:
            self._manifest.add(result.entries)
            self._entries |= {(entry.sample, entry.copy): entry for entry in result.entries}
            if result.problem is not None:
                self._problems.append(result.problem)
            report(len(self._entries), total, "Writing images and masks")

        report(len(self._entries), total, "Writing images and masks")
        if not run_tasks(self._context, tasks, take, stop):
            raise CancelledError(
                f"Stopped after {len(self._entries):,} of {total:,} images, which are kept in "
                f"{self._context.folder}; write the same plan there again to go on."
            )
        return self._finish()

    def _cut_tasks(self) -> list[Task]:
        missing: dict[str, list[tuple[int, str]]] = {}
        for (sample_id, copy), name in self._names.items():
            if (sample_id, copy) not in self._entries:
                missing.setdefault(sample_id, []).append((copy, name))
        return [
            Task(sample, tuple(copies[start : start + COPIES_PER_TASK]))
            for sample in self._samples
            if (copies := missing.get(sample.id))
            for start in range(0, len(copies), COPIES_PER_TASK)
        ]

    def _finish(self) -> Materialised:
        entries = [self._entries[key] for key in self._names if key in self._entries]
        if not entries:
            first = self._problems[0]
            raise DatasetError(f"No image could be written. {first.file}: {first.problem}")
        folder = self._context.folder
        place_bytes(folder / INDEX_FILE, encode_index(entries, self._samples, self._context.labels))
        if self._problems:
            place_bytes(folder / PROBLEM_FILE, _encode_problems(self._problems))
        else:
            (folder / PROBLEM_FILE).unlink(missing_ok=True)
        find_layout(self._context.spec.layout, self._context.dataset.spec).finish(self._context, entries)
        return Materialised(
            folder=folder,
            images=len(entries),
            duplicates=sum(entry.copy > 1 for entry in entries),
            redrawn=sum(entry.tries > 1 for entry in entries),
            flipped=sum(entry.kind == "flipped" for entry in entries),
            missing=len(self._names) - len(entries),
            problems=tuple(dict.fromkeys(self._problems)),
        )


def _name_image(sample: Sample) -> str:
    """The image's file; of one of several slices in a file the sample's id, which says which."""
    return sample.id if sample.id.startswith(f"{sample.image}#") else str(sample.image)


def encode_index(
    entries: Sequence[Entry],
    samples: Sequence[Sample],
    labels: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """`index.csv`: copy 1 is the image itself; several mask files are parted by `|`.

    Args:
        entries: What was written.
        samples: The samples that they were made from.
        labels: Class keys by sample id, for a column that lists them; None or empty writes no such column.
    """
    images = {sample.id: _name_image(sample) for sample in samples}
    rows: list[Sequence[object]] = [(*INDEX_COLUMNS, "labels") if labels else INDEX_COLUMNS]
    for entry in entries:
        row = (
            entry.image,
            "|".join(entry.masks),
            images[entry.sample],
            entry.copy,
            "" if entry.seed is None else entry.seed,
            entry.kind,
            entry.group or entry.sample,
        )
        rows.append((*row, "|".join(labels[entry.sample])) if labels else row)
    return encode_table(rows)


def _encode_problems(problems: Sequence[Problem]) -> bytes:
    rows = [(item.file, item.problem, item.next_step) for item in problems]
    return encode_table([("file", "problem", "next_step"), *rows])


def _ignore(done: int, total: int, message: str) -> None:
    """Report to nobody."""


def _never() -> bool:
    return False
