"""Keeping plans, and the draft that a reload must not lose."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from core.domain.balance import BalanceSpec
from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.errors import AppError, PlanError
from core.plans.plan import BalancePlan, PlanCertificate, PlanClass, PlanDataset, read_plan, write_plan
from core.services.balance.outcome import Outcome
from core.workspace.files import write_atomic
from core.workspace.paths import check_id, workspace


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A kept plan; `created` is UTC, ISO 8601."""

    id: str
    name: str
    created: str
    total: int
    ess: float
    path: Path


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
    plan = make_plan(name, dataset, outcome)
    plan_id = re.sub(r"[^a-z0-9]+", "-", plan.name.lower()).strip("-")[:60] or "plan"
    path = _folder(dataset_id) / plan_id / "plan.json"
    if path.exists():
        raise PlanError(f"A plan “{plan.name}” is already kept for this dataset; choose another name.")
    write_plan(path, plan)
    return _entry(path, plan)


def list_plans(dataset_id: str) -> list[PlanEntry]:
    """The plans kept for a dataset, the latest first; a damaged one is left out."""
    found = []
    for path in _folder(dataset_id).glob("*/plan.json"):
        try:
            found.append(_entry(path, read_plan(path)))
        except AppError:
            continue
    return sorted(found, key=lambda entry: entry.created, reverse=True)


def plan_files(dataset_id: str, plan_id: str) -> Mapping[str, bytes]:
    """The three files of a kept plan by the names to download them under.

    Raises:
        PlanError: there is no such plan.
    """
    folder = _folder(dataset_id) / check_id(plan_id)
    if not (folder / "plan.json").exists():
        raise PlanError(f"There is no plan {plan_id} for this dataset; it may have been deleted.")
    return {path.name.replace("plan", plan_id, 1): path.read_bytes() for path in sorted(folder.iterdir())}


def delete_plan(dataset_id: str, plan_id: str) -> None:
    """Remove a kept plan."""
    shutil.rmtree(_folder(dataset_id) / check_id(plan_id), ignore_errors=True)


def write_draft(dataset_id: str, spec: BalanceSpec) -> None:
    """Keep what a person is working on, so that a reload of the browser does not lose it."""
    write_atomic(workspace().dataset(dataset_id) / "draft.json", spec.model_dump_json())


def read_draft(dataset_id: str, table: LabelTable) -> BalanceSpec | None:
    """The kept draft; None where there is none, or where it speaks of other classes than the table has."""
    try:
        spec = BalanceSpec.model_validate_json((workspace().dataset(dataset_id) / "draft.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return spec if tuple(item.name for item in spec.targets) == table.class_names else None


def _folder(dataset_id: str) -> Path:
    return workspace().dataset(dataset_id) / "plans"


def _entry(path: Path, plan: BalancePlan) -> PlanEntry:
    return PlanEntry(path.parent.name, plan.name, plan.created, plan.total, plan.ess, path)


def _check_name(name: str) -> str:
    cleaned = name.strip()
    if not cleaned or len(cleaned) > 80 or not cleaned.isprintable():
        raise PlanError("A plan needs a name of 1 to 80 printable characters; type one.")
    return cleaned
