"""Opening datasets: propose, keep the answers, scan in the background, open what is known.

Detection, scanning and drawing pull in pandas and SciPy; they are imported where they are used, because the
app's first page waits for this module.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.groups import GroupRule
from core.domain.proposal import Answers, Proposal
from core.domain.scan import ScannedDataset
from core.errors import DatasetError
from core.formats.dataset_file import DATASET_FILE, read_dataset_file, write_dataset_file
from core.formats.result_file import read_result_file, write_result_file
from core.jobs.submit import submit
from core.runs.folder import create_run
from core.workspace.paths import dataset_id as id_of
from core.workspace.paths import workspace

_RESULT, _CACHE = "scan.npz", "counts.cache"
_OUTLINES = ("coco", "labelme")  # formats whose void classes change what is counted


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """One dataset that this workspace knows; `opened` is in seconds since the epoch."""

    id: str
    name: str
    root: Path
    opened: float
    scanned: bool


def list_datasets() -> list[DatasetEntry]:
    """Every dataset that was opened here, the latest first; one whose answers are damaged is left out."""
    found = []
    for answers in workspace().datasets.glob(f"*/{DATASET_FILE}"):
        try:
            spec = read_dataset_file(answers)
            opened = answers.parent.stat().st_mtime
        except (DatasetError, OSError):
            continue
        scanned = (answers.parent / _RESULT).exists()
        found.append(DatasetEntry(answers.parent.name, spec.name, spec.root, opened, scanned))
    return sorted(found, key=lambda entry: entry.opened, reverse=True)


def propose(root: str, answers: Answers | None = None) -> Proposal:
    """What a folder, a `dataset.toml` or a label-table file seems to be.

    Args:
        root: The path as a person typed it; `~` and surrounding quotes are understood.
        answers: Corrections, which always win.

    Raises:
        DatasetError: there is nothing there, or nothing that can be understood.
    """
    from core.formats.detection.proposing import propose as detect

    return detect(read_path(root), answers)


def read_path(text: str) -> Path:
    """The absolute path that a person means.

    Raises:
        DatasetError: the text is empty, or nothing lies there.
    """
    cleaned = text.strip().strip("\"'")
    if not cleaned:
        raise DatasetError("No path was given; type the path of a folder of images and masks.")
    try:
        path = Path(cleaned).expanduser().absolute()
        exists = path.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise DatasetError(f"{cleaned!r} is not a path that can be opened ({error}).") from error
    if not exists:
        near = next((str(parent) for parent in path.parents if parent.exists()), "")
        raise DatasetError(
            f"There is nothing at {path}. What exists of it is {near}; check the rest for a typing error."
        )
    return path


def keep(spec: DatasetSpec) -> str:
    """Keep the answers in the workspace, never in the person's folder; returns the dataset's id."""
    dataset_id = _find_id(spec)
    write_dataset_file(workspace().dataset(dataset_id) / DATASET_FILE, spec)
    return dataset_id


def _find_id(spec: DatasetSpec) -> str:
    """The id of a dataset; a folder's second annotation file is a dataset of its own beside the first."""
    kept = find_kept(spec.root)
    if kept is None or not kept.format == spec.format == "coco":
        return id_of(spec.root)
    files = [pair.masks for pair in spec.folders]
    same = bool({pair.masks for pair in kept.folders}.intersection(files))
    return id_of(spec.root) if same else id_of(spec.root / files[0])


def find_kept(root: Path) -> DatasetSpec | None:
    """The answers kept earlier for the dataset at a path."""
    path = workspace().dataset(id_of(root)) / DATASET_FILE
    return read_dataset_file(path) if path.exists() else None


def find_spec(dataset_id: str) -> DatasetSpec:
    """The answers kept for a dataset.

    Raises:
        DatasetError: there is no such dataset in this workspace.
    """
    path = workspace().dataset(dataset_id) / DATASET_FILE
    if not path.exists():
        raise DatasetError(f"There is no dataset {dataset_id} in this workspace; open its folder again.")
    return read_dataset_file(path)


def start_scan(dataset_id: str) -> str:
    """Scan in the background; returns the run's id."""
    find_spec(dataset_id)
    return _start("scan", {"dataset": dataset_id})


def start_demo(size: int = 512, images: int = 115, seed: int = 0) -> str:
    """Draw, register and scan the demo in the background; returns the run's id."""
    return _start("demo", {"size": str(size), "images": str(images), "seed": str(seed)})


def _start(kind: str, arguments: Mapping[str, str]) -> str:
    folder = create_run("scan" if kind == "scan" else "demo", arguments)
    submit(folder)
    return folder.id


def open_dataset(dataset_id: str) -> ScannedDataset:
    """Everything known of a scanned dataset; no mask is read.

    Raises:
        DatasetError: it is not in this workspace, or has not been scanned yet.
    """
    spec = find_spec(dataset_id)
    dataset = read_result_file(workspace().dataset(dataset_id) / _RESULT)
    if _reading(dataset.spec) != _reading(spec):
        raise DatasetError("The answers have changed since the last scan; scan the dataset again.")
    return dataset


def _reading(spec: DatasetSpec) -> DatasetSpec:
    """The part of the answers that decides what a scan reads; names and colours do not."""
    return spec.model_copy(update={"name": "-"})


def version(dataset_id: str) -> str:
    """A text that changes with each scan and each edit, by hand too: the key of every cache."""
    folder = workspace().dataset(dataset_id)
    try:
        stats = [(folder / name).stat() for name in (DATASET_FILE, _RESULT)]
    except FileNotFoundError:
        return "unscanned"
    return "-".join(f"{stat.st_mtime_ns}.{stat.st_size}" for stat in stats)


def edit_classes(dataset_id: str, classes: Sequence[ClassSpec]) -> str | None:
    """Rename, recolour or give another role; raw counts of the last scan serve, no mask is read again.

    Outlines are the exception: void ones take their pixels from those over them, so other void classes mean
    that they are drawn anew, in the background.

    Args:
        dataset_id: The dataset.
        classes: All classes, void ones included, in the order wanted.

    Returns:
        The id of the run that draws outlines anew; None where all is done.

    Raises:
        DatasetError: two classes share a name, key or index, or none is left to balance.
    """
    from core.formats.whole import scan_dataset
    from core.services import versions
    from core.services.balance.plans import rename_draft

    spec = find_spec(dataset_id)
    check_classes(classes)
    void = tuple(item.key for item in classes if item.role is ClassRole.VOID)
    changed = spec.model_copy(update={"classes": tuple(classes), "void": void})
    folder = workspace().dataset(dataset_id)
    if spec.format in _OUTLINES and set(void) != _void_keys(spec):
        write_dataset_file(folder / DATASET_FILE, changed)
        return start_scan(dataset_id)
    found = read_result_file(folder / _RESULT).classes if (folder / _RESULT).exists() else ()
    before = {item.key: item.name for item in found}
    scanned = scan_dataset(changed, folder / _CACHE)
    rename_draft(dataset_id, {before[item.key]: item.name for item in classes if item.key in before})
    write_dataset_file(folder / DATASET_FILE, changed)
    write_result_file(folder / _RESULT, scanned)
    versions.keep(dataset_id, scanned)
    return None


def _void_keys(spec: DatasetSpec) -> set[str]:
    return {*spec.void, *(item.key for item in spec.classes if item.role is ClassRole.VOID)}


def edit_groups(dataset_id: str, rule: GroupRule, same_group: tuple[tuple[str, ...], ...]) -> None:
    """Name the groups by another rule, or tie other images together; no image and no mask is read again.

    Args:
        dataset_id: The dataset.
        rule: How groups are named.
        same_group: Sample ids that a person has tied together.

    Raises:
        DatasetError: the dataset must be scanned first, or the pattern, column or file cannot be used.
    """
    from core.formats.group_names import apply_groups

    dataset = open_dataset(dataset_id)
    changed = rule.put_into(dataset.spec).model_copy(update={"same_group": same_group})
    folder = workspace().dataset(dataset_id)
    grouped = apply_groups(dataset, changed)
    write_dataset_file(folder / DATASET_FILE, changed)
    write_result_file(folder / _RESULT, grouped)


def check_classes(classes: Sequence[ClassSpec]) -> None:
    """Check that names, keys and indices are used once each, and that something is left to balance.

    Raises:
        DatasetError: a sentence that names the first clash.
    """
    for what in ("name", "key", "index"):
        seen = set()
        for item in classes:
            value = getattr(item, what)
            if value is not None and value in seen:
                raise DatasetError(f"Two classes have the {what} {value}; give each class its own {what}.")
            seen.add(value)
    if classes and not any(item.role is ClassRole.CLASS for item in classes):
        raise DatasetError("Every class is background or void; leave at least one with the role “class”.")


def scan_now(
    spec: DatasetSpec,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ScannedDataset:
    """Scan in this process, as the command line does; raw counts are kept in the workspace all the same.

    Raises:
        DatasetError: the root is gone, or nothing in it fits the answers.
        CancelledError: `should_stop` said so.
    """
    from core.formats.whole import scan_dataset

    folder = workspace().dataset(_find_id(spec))
    return scan_dataset(spec, folder / _CACHE, on_progress, should_stop)


def write_demo_folder(
    folder: Path, size: int, images: int, seed: int, on_progress: Callable[[int, int], None] | None = None
) -> None:
    """Write the synthetic fundus set in this process, as the command line does.

    Raises:
        DatasetError: the size or count is out of range, or the folder holds something else.
    """
    from core.formats.demo_folder import write_demo
    from core.synthesis import FundusSpec

    write_demo(folder, FundusSpec(size=size, images=images, seed=seed), on_progress=on_progress)


def forget(dataset_id: str) -> None:
    """Remove a dataset's answers, scan, draft and plans from the workspace; its own files stay untouched."""
    shutil.rmtree(workspace().dataset(dataset_id), ignore_errors=True)
