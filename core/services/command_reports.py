"""What `scan` and `balance` answer: as plain objects, and as text."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.balancing import assess_reach
from core.domain.balance import PIXELS
from core.domain.scan import ScannedDataset
from core.formats.dataset_groups import SampleGroups
from core.plans.outcome import Outcome
from core.plans.tables import label_table
from core.services.groups import count_origins, describe_origins, note_tables
from core.statistics import compute_pixel_shares, compute_presence_shares


def scan_report(dataset: ScannedDataset, notes: Sequence[str], groups: SampleGroups) -> dict[str, Any]:
    """`scan --json`: images, classes, distinct vectors, groups by name, problems, notes.

    `presence` and `pixel_share` are shares in [0, 1], null where they cannot be known. `grouped_by` counts
    the images whose group comes from a column, a group file, the pattern, the format, or a person's tie.
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
        "groups": groups.count,
        "grouped_by": count_origins(groups),
        "problems": [
            {"file": item.file, "problem": item.problem, "next_step": item.next_step}
            for item in dataset.problems
        ],
        "ignored": list(dataset.spec.ignored),
        "pairs": [list(pair) for pair in dataset.spec.pairs],
        "notes": [*notes, *groups.notes, *note_tables(dataset, groups)],
        "fingerprint": dataset.fingerprint,
    }


def balance_report(outcome: Outcome, seconds: float, plan: Path | None) -> dict[str, Any]:
    """`balance --json`; every share is in [0, 1].

    `quantity` of a class says of what its shares are: of the images, or of an image's pixels in the mean.
    `distance`, `drift`, `objective`, `optimum`, `relative_gap` and `ess` describe the continuous solution, so
    that `objective = distance + gamma * drift`; `achieved`, `total`, `duplicates`, `dropped`,
    `max_copies` the whole copies.
    """
    now, whole, names = outcome.continuous, outcome.whole, outcome.table.class_names
    reach = outcome.reach or assess_reach(outcome.table, outcome.problem)
    return {
        "classes": _describe_classes(outcome),
        "distance": now.distance,
        "drift": now.drift,
        "gamma": outcome.problem.strength,
        "objective": now.objective,
        "optimum": outcome.optimum.objective,
        "relative_gap": _number(now.relative_gap),
        "converged": now.converged,
        "reachable": reach.reachable,
        "nearest": {name: float(share) for name, share in zip(names, reach.nearest, strict=True)},
        "reason": reach.reason,
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


def _describe_classes(outcome: Outcome) -> list[dict[str, Any]]:
    names, original = outcome.table.class_names, outcome.table.shares
    targets = {item.name: item.share for item in outcome.spec.column_targets}
    first_of_pixels = {"presence": len(names), "both": len(names) // 2, "pixels": 0}[outcome.spec.quantity]
    return [
        {
            "name": name if i < first_of_pixels else name.removesuffix(PIXELS),
            "quantity": "presence" if i < first_of_pixels else "pixels",
            "original": float(original[i]),
            "target": float(targets.get(name, original[i])),
            "achieved": float(outcome.whole.shares[i]),
        }
        for i, name in enumerate(names)
    ]


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
    if report["grouped_by"]:
        how = ", ".join(describe_origins(report["grouped_by"]))
        lines.append(f"{_count(report['groups'], 'group')}: {how}")
    lines += [
        f"{item['file']}: {item['problem'].rstrip('.')}. {item['next_step']}".rstrip()
        for item in report["problems"]
    ]
    return "\n".join(lines)


def balance_text(report: dict[str, Any]) -> str:
    """A balance's report for people."""
    lines = [f"{'class':<32}{'original':>10}{'target':>10}{'achieved':>10}"]
    lines += [
        f"{_name_column(item):<32}{_percent(item['original']):>10}{_percent(item['target']):>10}"
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


def _name_column(item: dict[str, Any]) -> str:
    ending = PIXELS if item["quantity"] == "pixels" else ""
    return str(item["name"])[: 31 - len(ending)] + ending


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _percent(share: float | None) -> str:
    if share is None:
        return "n/a"
    return f"{100 * share:.2g} %" if 0 < share < 0.01 else f"{100 * share:.1f} %"


def _number(value: float | None) -> float | None:
    """A number that JSON can hold: null in the place of NaN and infinity."""
    return None if value is None or not math.isfinite(value) else float(value)
