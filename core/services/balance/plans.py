"""Keeping plans, and the draft that a reload must not lose."""

import re
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from core.domain.balance import PIXELS, BalanceSpec
from core.domain.scan import ScannedDataset
from core.errors import AppError, PlanError
from core.plans.outcome import Outcome
from core.plans.plan import (
    BalancePlan,
    PlanCertificate,
    PlanClass,
    PlanDataset,
    parse_plan,
    read_plan,
    read_plan_summary,
    write_plan,
)
from core.workspace.files import write_atomic
from core.workspace.paths import check_id, workspace


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A kept plan; `created` is UTC, ISO 8601, and `summary` the whole plan but for copies and weights."""

    id: str
    name: str
    created: str
    total: int
    ess: float
    path: Path
    summary: BalancePlan


def app_version() -> str:
    """The version of this program."""
    try:
        return version("counterpoise")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "unknown"


def make_plan(name: str, dataset: ScannedDataset, outcome: Outcome) -> BalancePlan:
    """A finished balance as a plan that stands for itself.

    Raises:
        PlanError: the name is empty or too long, or holds line breaks.
    """
    table, whole, now = outcome.table, outcome.whole, outcome.continuous
    per_image = now.weights / np.maximum(table.multiplicities, 1) * whole.total
    targets = {item.name: item.share for item in outcome.spec.column_targets}
    original = table.shares
    classes = tuple(
        PlanClass(
            name=class_name,
            original=float(original[i]),
            target=float(targets.get(class_name, original[i])),
            achieved=float(whole.shares[i]),
        )
        for i, class_name in enumerate(table.class_names)
    )
    return BalancePlan(
        name=_check_name(name),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        app_version=app_version(),
        dataset=PlanDataset(
            name=dataset.spec.name,
            root=dataset.spec.root,
            fingerprint=dataset.fingerprint,
            spec=dataset.spec,
        ),
        spec=outcome.spec,
        seed=outcome.spec.seed,
        classes=classes,
        certificate=PlanCertificate(
            objective=now.objective,
            bound=outcome.optimum.bound,
            gap=now.objective - outcome.optimum.bound,
            relative_gap=now.relative_gap,
            converged=now.converged,
        ),
        distance=now.distance,
        drift=now.drift,
        ess=now.ess,
        total=whole.total,
        duplicates=whole.duplicates,
        dropped=whole.dropped,
        max_copies=whole.max_copies,
        copies=dict(zip(table.sample_ids, whole.copies.tolist(), strict=True)),
        weights=tuple(per_image[table.row_of_sample].tolist()),
    )


def save_plan(dataset_id: str, name: str, dataset: ScannedDataset, outcome: Outcome) -> PlanEntry:
    """Keep a plan in the workspace, as JSON, CSV and weights.

    Raises:
        PlanError: the name cannot be used, or a plan of that name exists.
        WorkspaceError: the workspace cannot be written.
    """
    return _keep(dataset_id, make_plan(name, dataset, outcome))


def import_plan(dataset_id: str, content: bytes, dataset: ScannedDataset) -> PlanEntry:
    """Keep a plan that was exported earlier, here or on another machine.

    A plan for the dataset's present state is tied to where the dataset lies now; any other is kept as it is,
    to be compared, or to be solved anew.

    Raises:
        PlanError: it is no plan, speaks of none of the dataset's classes, or a plan of its name exists.
        WorkspaceError: the workspace cannot be written.
    """
    plan = parse_plan(content, "The file")
    names = {dataset.classes[column].name for column in dataset.balanced_columns}
    if not any(item.name.removesuffix(PIXELS) in names for item in plan.classes):
        raise PlanError(
            f"The plan “{plan.name}” was made for {plan.dataset.name} and names no class of "
            f"{dataset.spec.name}; open the dataset that it belongs to, and bring it in there."
        )
    if plan.dataset.fingerprint == dataset.fingerprint:
        here = {"name": dataset.spec.name, "root": dataset.spec.root, "spec": dataset.spec}
        plan = plan.model_copy(update={"dataset": plan.dataset.model_copy(update=here)})
    return _keep(dataset_id, plan)


def rename_plan(dataset_id: str, plan_id: str, name: str) -> PlanEntry:
    """Give a kept plan another name; its id, and so every link to it, stays.

    Raises:
        PlanError: there is no such plan, the name cannot be used, or another plan has it.
        WorkspaceError: the workspace cannot be written.
    """
    plan = open_plan(dataset_id, plan_id)
    renamed = plan.model_copy(update={"name": _check_name(name)})
    _check_free(dataset_id, renamed.name, besides=plan_id)
    path = plan_path(dataset_id, plan_id)
    write_plan(path, renamed)
    return _entry(path, renamed)


def list_plans(dataset_id: str) -> list[PlanEntry]:
    """The plans kept for a dataset, the latest first; a damaged one is left out."""
    found = []
    for plan_id in plan_stamps(dataset_id):
        try:
            found.append(read_entry(dataset_id, plan_id))
        except AppError:
            continue
    return sort_plans(found)


def sort_plans(entries: Iterable[PlanEntry]) -> list[PlanEntry]:
    """The latest first; of equally old ones by name."""
    return sorted(
        sorted(entries, key=lambda entry: entry.name), key=lambda entry: entry.created, reverse=True
    )


def plan_stamps(dataset_id: str) -> dict[str, str]:
    """The id of each kept plan, with a text that changes when its file does."""
    stamps = {}
    for path in sorted(_folder(dataset_id).glob("*/plan.json")):
        with suppress(OSError):  # deleted this moment, in another tab
            stamps[path.parent.name] = f"{path.stat().st_mtime_ns}-{path.stat().st_size}"
    return stamps


def read_entry(dataset_id: str, plan_id: str) -> PlanEntry:
    """One kept plan without its copies.

    Raises:
        PlanError: there is no such plan, or it is damaged.
    """
    path = plan_path(dataset_id, plan_id)
    return _entry(path, read_plan_summary(path))


def open_plan(dataset_id: str, plan_id: str) -> BalancePlan:
    """A kept plan, whole.

    Raises:
        PlanError: there is no such plan, or it is damaged.
    """
    return read_plan(plan_path(dataset_id, plan_id))


def plan_path(dataset_id: str, plan_id: str) -> Path:
    """The JSON file of a kept plan.

    Raises:
        PlanError: there is no such plan.
    """
    path = _folder(dataset_id) / check_id(plan_id) / "plan.json"
    if not path.exists():
        raise PlanError(f"There is no plan {plan_id} for this dataset; it may have been deleted.")
    return path


def plan_files(dataset_id: str, plan_id: str) -> Mapping[str, bytes]:
    """The three files of a kept plan by the names to download them under.

    Raises:
        PlanError: there is no such plan.
    """
    folder = plan_path(dataset_id, plan_id).parent
    return {path.name.replace("plan", plan_id, 1): path.read_bytes() for path in sorted(folder.iterdir())}


def delete_plan(dataset_id: str, plan_id: str) -> None:
    """Remove a kept plan."""
    shutil.rmtree(_folder(dataset_id) / check_id(plan_id), ignore_errors=True)


def write_draft(dataset_id: str, spec: BalanceSpec) -> None:
    """Keep what a person is working on, so that a reload of the browser does not lose it."""
    write_atomic(workspace().dataset(dataset_id) / "draft.json", spec.model_dump_json())


def find_draft(dataset_id: str) -> BalanceSpec | None:
    """The kept draft, whatever classes it speaks of; None where there is none."""
    try:
        return BalanceSpec.model_validate_json((workspace().dataset(dataset_id) / "draft.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def rename_draft(dataset_id: str, names: Mapping[str, str]) -> None:
    """Let the draft follow classes that were renamed; what else is there stays as it is."""
    if (spec := find_draft(dataset_id)) is None:
        return
    renamed = {
        part: tuple(item.model_copy(update={"name": names.get(item.name, item.name)}) for item in targets)
        for part, targets in (("targets", spec.targets), ("pixel_targets", spec.pixel_targets))
    }
    write_draft(dataset_id, spec.model_copy(update=renamed))


def _folder(dataset_id: str) -> Path:
    return workspace().dataset(dataset_id) / "plans"


def _keep(dataset_id: str, plan: BalancePlan) -> PlanEntry:
    _check_free(dataset_id, plan.name)
    taken = plan_stamps(dataset_id)
    slug = re.sub(r"[^a-z0-9]+", "-", plan.name.lower()).strip("-")[:60] or "plan"
    ids = (slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3)))
    path = _folder(dataset_id) / next(name for name in ids if name not in taken) / "plan.json"
    write_plan(path, plan)
    return _entry(path, plan)


def _entry(path: Path, plan: BalancePlan) -> PlanEntry:
    summary = plan.model_copy(update={"copies": {}, "weights": ()})
    return PlanEntry(path.parent.name, plan.name, plan.created, plan.total, plan.ess, path, summary)


def _check_free(dataset_id: str, name: str, besides: str = "") -> None:
    """Refuse a name that another plan has; capitals alone would not keep two apart in talk or in a folder."""
    for entry in list_plans(dataset_id):
        if entry.id != besides and entry.name.casefold() == name.casefold():
            differs = "" if entry.name == name else f" “{name}” differs from it in capital letters only;"
            raise PlanError(
                f"A plan “{entry.name}” is already kept for this dataset;{differs} choose another name."
            )


def _check_name(name: str) -> str:
    cleaned = name.strip()
    if not cleaned or len(cleaned) > 80 or not cleaned.isprintable():
        raise PlanError("A plan needs a name of 1 to 80 printable characters; type one.")
    return cleaned
