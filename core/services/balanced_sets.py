"""Balanced sets of one dataset: where the next may lie, what it will take, and those written so far."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from core.data.manifest import Manifest, check_place
from core.data.space import Amount, WriteWay, can_link, estimate_bytes, find_existing
from core.domain.augmentation import LayoutName, MaterialiseRequest, MaterialiseSpec
from core.domain.scan import ScannedDataset
from core.errors import AppError, PlanError
from core.formats.labels.image_files import locate_images
from core.plans.plan import BalancePlan
from core.runs.folder import list_runs
from core.runs.progress import RunProgress, read_progress
from core.workspace.paths import workspace

_LOOKED_AT = 400  # samples whose files are measured for an estimate
_MOST_RUNS = 200  # the latest, in which a dataset's own are looked for
_MOST_FOLDERS = 99


@dataclass(frozen=True, slots=True)
class Outlook:
    """What writing a plan will take.

    Attributes:
        images: Images of the set.
        duplicates: How many of them are augmented.
        written: Images that an earlier run has written there already.
        needed: Bytes that are still to be written, about.
        free: Bytes that the disk has free.
        linked: Whether originals are hard links, and take no room.
    """

    images: int
    duplicates: int
    written: int
    needed: int
    free: int
    linked: bool


@dataclass(frozen=True, slots=True)
class SetRun:
    """One run that wrote, or writes, a balanced set."""

    request: MaterialiseRequest
    progress: RunProgress

    @property
    def plan_id(self) -> str:
        """The id of the kept plan."""
        return self.request.plan.parent.name

    @property
    def lost(self) -> bool:
        """Whether it wrote a set that has been moved or deleted since."""
        return self.progress.state == "finished" and not self.request.folder.is_dir()


def read_folder(text: str) -> Path:
    """The folder that a person means.

    Raises:
        PlanError: Nothing was typed, or not the whole path.
    """
    cleaned = text.strip().strip("\"'")
    if not cleaned or not cleaned.isprintable():
        raise PlanError("No folder is named; type the path that the balanced set should have.")
    try:
        path = Path(cleaned).expanduser()
        path.exists()  # a name that is too long fails here
    except (OSError, RuntimeError, ValueError) as error:
        raise PlanError(f"{cleaned!r} is not a path that can be written ({error}).") from error
    if not path.is_absolute():
        raise PlanError(
            f"{cleaned} is only part of a path; type it whole, beginning at the root of the disk."
        )
    return path


def suggest_folder(dataset: ScannedDataset, plan_id: str, layout: LayoutName) -> Path:
    """A folder in the workspace that is named after dataset and plan, and is free."""
    slug = re.sub(r"[^a-z0-9]+", "-", dataset.spec.name.lower()).strip("-")[:48] or "dataset"
    name = f"{slug}_{plan_id}" + ("" if layout == "plain" else f"_{layout}")
    root = workspace().balanced
    names = (name, *(f"{name}_{number}" for number in range(2, _MOST_FOLDERS)))
    return next((root / item for item in names if not (root / item).exists()), root / name)


def say_why_none(dataset: ScannedDataset) -> str:
    """Why no balanced set can be written from a dataset; empty where one can.

    Raises:
        DatasetError: Its folder cannot be read.
    """
    located = locate_images(dataset)
    if any(sample.image for sample in located.samples):
        return ""
    if dataset.spec.has_masks:
        return "A balanced set is written as images with their masks, and this dataset has masks only."
    first = f", such as {dataset.samples[0].id}," if dataset.samples else ""
    return (
        f"This dataset has labels only: none of the images that they name{first} lies in "
        f"{located.spec.root}. Put the images there under these names, and the set can be written."
    )


def look_ahead(plan: BalancePlan, dataset: ScannedDataset, folder: Path, spec: MaterialiseSpec) -> Outlook:
    """Check the folder, and say what is going to be written there.

    Raises:
        PlanError: The folder lies inside the dataset, holds something else, or may not be written.
        DatasetError: The dataset's folder cannot be read.
    """
    check_place(plan, folder)
    existing = find_existing(folder)
    if not os.access(existing, os.W_OK):
        raise PlanError(f"This program may not write to {existing}; choose another folder.")
    written = Manifest(folder, plan, spec).check()
    located = locate_images(dataset)
    kept = [sample for sample in located.samples if plan.copies.get(sample.id, 0) > 0]
    amounts = [Amount(sample, 1, plan.copies[sample.id] - 1) for sample in kept]
    linked = spec.link == "hard" and can_link(located.spec.root, folder)
    way = WriteWay(
        root=located.spec.root,
        linked=linked,
        image_suffix=".png" if spec.layout == "nnunet" else "",
        verbatim=spec.layout == "plain",
    )
    whole = estimate_bytes(way, amounts, _LOOKED_AT)
    left = max(plan.total - written, 0) / max(plan.total, 1)
    return Outlook(
        images=plan.total,
        duplicates=plan.duplicates,
        written=written,
        needed=round(whole * left),
        free=shutil.disk_usage(existing).free,
        linked=linked,
    )


def find_latest(dataset_id: str) -> SetRun | None:
    """The latest run over this dataset's kept plans: the one at work, or how the last one ended."""
    return next(_find_runs(dataset_id), None)


def list_written(dataset_id: str) -> list[SetRun]:
    """The finished sets that still lie where they were written, each folder once, the latest first."""
    found: dict[Path, SetRun] = {}
    for run in _find_runs(dataset_id):
        if run.progress.state == "finished" and not run.lost:
            found.setdefault(run.request.folder, run)
    return list(found.values())


def _find_runs(dataset_id: str) -> Iterator[SetRun]:
    plans = workspace().dataset(dataset_id) / "plans"
    for folder in islice(list_runs("materialise"), _MOST_RUNS):
        try:
            request = MaterialiseRequest.model_validate_json(folder.read_spec().arguments["request"])
            if request.plan.is_relative_to(plans):
                yield SetRun(request, read_progress(folder))
        except (AppError, KeyError, ValidationError):
            continue  # a damaged run is none
