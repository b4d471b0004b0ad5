"""Balanced sets on disk: start writing one, read what came of it, preview the augmentation."""

import json
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from core.domain.augmentation import AugmentationSpec, MaterialiseRequest, MaterialiseSpec, PreviewRequest
from core.domain.scan import Problem
from core.jobs.submit import submit
from core.plans.plan import BalancePlan, read_plan
from core.runs.folder import RunFolder, create_run
from core.runs.progress import RunProgress
from core.workspace.paths import check_id, workspace


@dataclass(frozen=True, slots=True)
class MaterialiseReport:
    """What a finished run has written; the fields are those of `core.data.materialise.Materialised`."""

    folder: Path
    images: int
    duplicates: int
    redrawn: int
    flipped: int
    missing: int
    problems: tuple[Problem, ...]
    message: str


@dataclass(frozen=True, slots=True)
class PreviewPair:
    """One image and its duplicate, PNG bytes; `flipped` where any deformation would have lost a class."""

    sample: str
    before: bytes
    after: bytes
    flipped: bool


def start(plan: Path, folder: Path, spec: MaterialiseSpec | None = None) -> str:
    """Write a plan's balanced set in the background, or go on writing it; returns the run's id.

    Raises:
        PlanError: There is no such plan, or it is damaged.
        RunError: The process cannot be started.
    """
    read_plan(plan)
    request = MaterialiseRequest(
        plan=plan.absolute(), folder=folder.expanduser().absolute(), spec=spec or MaterialiseSpec()
    )
    return _start(request)


def go_on(request: MaterialiseRequest) -> str:
    """Begin again what was stopped or killed; what is written is kept. Returns the new run's id.

    Raises:
        PlanError: The plan has been deleted, or is damaged.
        RunError: The process cannot be started.
    """
    read_plan(request.plan)
    return _start(request)


def read_report(progress: RunProgress) -> MaterialiseReport:
    """What a finished run of `start` has written."""
    result = progress.result
    return MaterialiseReport(
        folder=Path(result["folder"]),
        images=int(result["images"]),
        duplicates=int(result["duplicates"]),
        redrawn=int(result["redrawn"]),
        flipped=int(result["flipped"]),
        missing=int(result["missing"]),
        problems=tuple(Problem(**problem) for problem in json.loads(result["problems"])),
        message=result["message"],
    )


def report_object(report: MaterialiseReport, seconds: float) -> dict[str, Any]:
    """`materialise --json`."""
    return {**asdict(report), "folder": str(report.folder), "seconds": seconds}


def preview_key(plan: BalancePlan, augmentation: AugmentationSpec) -> str:
    """The name under which a preview is kept: another plan, dataset or augmentation has another one."""
    content = json.dumps([plan.dataset.fingerprint, plan.seed, plan.copies, augmentation.model_dump()])
    return blake2b(content.encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()


def find_preview(key: str) -> tuple[PreviewPair, ...] | None:
    """The kept pictures of a preview; None where it has not been drawn yet.

    Raises:
        WorkspaceError: The key is not one that this program gives.
    """
    folder = workspace().preview(check_id(key))
    try:
        about = json.loads((folder / "preview.json").read_bytes())
        return tuple(
            PreviewPair(
                sample=item["sample"],
                before=(folder / f"{number}-before.png").read_bytes(),
                after=(folder / f"{number}-after.png").read_bytes(),
                flipped=item["kind"] == "flipped",
            )
            for number, item in enumerate(about)
        )
    except FileNotFoundError:
        return None


def start_preview(plan: Path, augmentation: AugmentationSpec | None = None) -> str:
    """Draw the first duplicates of six images in the background; returns the run's id.

    The pictures are then found by `find_preview` under the `preview_key` of plan and augmentation.

    Raises:
        PlanError: There is no such plan, or it is damaged.
        RunError: The process cannot be started.
    """
    chosen = augmentation or AugmentationSpec()
    request = PreviewRequest(plan=plan.absolute(), augmentation=chosen)
    key = preview_key(read_plan(plan), chosen)
    return _submitted(create_run("preview", {"request": request.model_dump_json(), "key": key}))


def _start(request: MaterialiseRequest) -> str:
    return _submitted(create_run("materialise", {"request": request.model_dump_json()}))


def _submitted(run: RunFolder) -> str:
    submit(run)
    return run.id
