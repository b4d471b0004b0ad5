"""What the command line asks and answers: its arguments read, its reports as plain objects and as text."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from core import balancing
from core.domain.balance import Bounds, ClassTarget, DescentSettings, Parametrisation
from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.label_table import LabelTable
from core.domain.proposal import Answers
from core.domain.scan import ScannedDataset
from core.errors import TargetError
from core.formats.class_files import read_classes
from core.plans.plan import write_plan
from core.services.balance.outcome import Outcome
from core.services.balance.plans import make_plan
from core.services.balance.targets import presets, read_target
from core.services.datasets import find_kept, propose
from core.services.overview import label_table
from core.statistics import compute_pixel_shares, compute_presence_shares


def understand(dataset: str, answers: Answers) -> tuple[DatasetSpec, tuple[str, ...]]:
    """What DATASET is: the answers kept for it, unless flags say otherwise; else what detection proposes.

    Returns:
        The answers, and what a person should look at: the warnings of a proposal.

    Raises:
        DatasetError: there is nothing there, or nothing that can be understood.
    """
    proposal = propose(dataset, answers)
    if answers == Answers() and (kept := find_kept(proposal.spec.root)) is not None:
        return kept, ()
    return proposal.spec, proposal.warnings


def read_class_file(path: Path) -> tuple[ClassSpec, ...]:
    """The classes that `--classes FILE` names.

    Raises:
        DatasetError: the file cannot be read, or a line of it cannot be understood.
    """
    return tuple(read_classes(path))


def read_target_argument(argument: str, table: LabelTable) -> tuple[ClassTarget, ...]:
    """The target vector that `--target` names: a JSON file, or `preset:NAME`.

    Raises:
        TargetError: there is no such preset or file, or the file breaks a rule.
    """
    kind, colon, name = argument.partition(":")
    if kind == "preset" and colon:
        known = presets(table)
        if name not in known:
            raise TargetError(f"There is no preset {name!r}; the presets are {', '.join(known)}.")
        return known[name].targets
    try:
        text = Path(argument).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise TargetError(
            f"Cannot read the target {argument}: {reason}. Give a JSON file of class name → share, or "
            f"preset:NAME with one of {', '.join(presets(table))}."
        ) from error
    return read_target(text, table)


def descent_settings(parametrisation: Parametrisation, **given: float | None) -> DescentSettings:
    """Adam's settings: what is not given is what works best for the parametrisation.

    Raises:
        TargetError: a setting is out of its range.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    defaults = balancing.default_settings(parametrisation)
    return _checked(lambda: DescentSettings.model_validate({**defaults.model_dump(), **chosen}))


def bounds(total: int | None, max_copies: int | None, keep_originals: bool) -> Bounds:
    """Limits on whole copies.

    Raises:
        TargetError: a limit is out of its range.
    """
    return _checked(lambda: Bounds(total=total, max_copies=max_copies, keep_originals=keep_originals))


Spec = TypeVar("Spec")


def _checked(build: Callable[[], Spec]) -> Spec:
    try:
        return build()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise TargetError(f"--{name} {first['input']}: {first['msg'].lower()}.") from error


def write_plan_file(path: Path, dataset: ScannedDataset, outcome: Outcome) -> None:
    """Write a plan where `--out` says: JSON, CSV and weights side by side.

    Raises:
        WorkspaceError: the folder cannot be written.
    """
    write_plan(path, make_plan(path.stem, dataset, outcome))


def scan_report(dataset: ScannedDataset, notes: Sequence[str] = ()) -> dict[str, Any]:
    """`scan --json`: images, classes, distinct vectors, problems, notes.

    `presence` and `pixel_share` are shares in [0, 1], null where they cannot be known.
    """
    presence = compute_presence_shares(dataset.presence)
    images = dataset.presence.sum(axis=0)
    pixels = None
    if dataset.pixels is not None and dataset.totals is not None:
        pixels = compute_pixel_shares(dataset.pixels, dataset.totals)
    return {
        "name": dataset.spec.name,
        "root": str(dataset.spec.root),
        "format": dataset.spec.format,
        "images": dataset.images,
        "usable": len(dataset.samples),
        "overlapping": dataset.overlapping,
        "classes": [
            {
                "name": item.name,
                "role": item.role.value,
                "key": item.key,
                "index": item.index,
                "images": int(images[i]),
                "presence": _number(presence[i]),
                "pixel_share": _number(pixels[i]) if pixels is not None else None,
            }
            for i, item in enumerate(dataset.classes)
        ],
        "distinct_vectors": len(label_table(dataset).vectors),
        "problems": [
            {"file": item.file, "problem": item.problem, "next_step": item.next_step}
            for item in dataset.problems
        ],
        "notes": list(notes),
        "fingerprint": dataset.fingerprint,
    }


def balance_report(outcome: Outcome, seconds: float, plan: Path | None) -> dict[str, Any]:
    """`balance --json`; every share is in [0, 1].

    `distance`, `drift`, `objective`, `optimum`, `relative_gap` and `ess` describe the continuous solution, so
    that `objective = distance + gamma * drift`; `achieved`, `total`, `duplicates`, `dropped`,
    `max_copies` the whole copies.
    """
    now, whole, names = outcome.continuous, outcome.whole, outcome.table.class_names
    targets = {item.name: item.share for item in outcome.spec.targets}
    original = outcome.table.shares
    return {
        "classes": [
            {
                "name": name,
                "original": float(original[i]),
                "target": float(targets.get(name, original[i])),
                "achieved": float(whole.shares[i]),
            }
            for i, name in enumerate(names)
        ],
        "distance": now.distance,
        "drift": now.drift,
        "gamma": outcome.problem.strength,
        "objective": now.objective,
        "optimum": outcome.optimum.objective,
        "relative_gap": _number(now.relative_gap),
        "converged": now.converged,
        "reachable": outcome.reach.reachable,
        "nearest": {name: float(share) for name, share in zip(names, outcome.reach.nearest, strict=True)},
        "reason": outcome.reach.reason,
        "total": whole.total,
        "duplicates": whole.duplicates,
        "dropped": whole.dropped,
        "max_copies": whole.max_copies,
        "ess": now.ess,
        "whole_ess": whole.ess,
        "whole_distance": whole.distance,
        "warnings": list(outcome.warnings),
        "plan": str(plan) if plan else None,
        "seconds": seconds,
    }


def scan_text(report: dict[str, Any]) -> str:
    """A scan's report for people."""
    lines = [
        f"{report['name']}: {_count(report['images'], 'image')}, {report['usable']} usable, "
        f"{_count(report['distinct_vectors'], 'combination')}, format {report['format']}",
        f"{'class':<32}{'role':<12}{'images':>8}{'presence':>10}{'pixels':>10}",
    ]
    lines += [
        f"{item['name'][:31]:<32}{item['role']:<12}{item['images']:>8}"
        f"{_percent(item['presence']):>10}{_percent(item['pixel_share']):>10}"
        for item in report["classes"]
    ]
    lines += [
        f"{item['file']}: {item['problem'].rstrip('.')}. {item['next_step']}".rstrip()
        for item in report["problems"]
    ]
    return "\n".join(lines)


def balance_text(report: dict[str, Any]) -> str:
    """A balance's report for people."""
    lines = [f"{'class':<32}{'original':>10}{'target':>10}{'achieved':>10}"]
    lines += [
        f"{item['name'][:31]:<32}{_percent(item['original']):>10}{_percent(item['target']):>10}"
        f"{_percent(item['achieved']):>10}"
        for item in report["classes"]
    ]
    gap = report["relative_gap"]
    lines += [
        f"{_count(report['total'], 'image')}: {_count(report['duplicates'], 'duplicate')}, "
        f"{report['dropped']} dropped, "
        f"at most {_count(report['max_copies'], 'copy', 'copies')} of one.",
        f"Effective sample size {_percent(report['ess'])} of the original"
        + (f"; at most {_percent(gap)} above the best possible." if gap is not None else "."),
    ]
    lines += [report["reason"]] * (not report["reachable"]) + report["warnings"]
    lines += [f"Plan: {report['plan']}"] * bool(report["plan"])
    return "\n".join(lines)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _percent(share: float | None) -> str:
    return "n/a" if share is None else f"{100 * share:.1f} %"


def _number(value: float | None) -> float | None:
    """A number that JSON can hold: null in the place of NaN and infinity."""
    return None if value is None or not math.isfinite(value) else float(value)
