"""Writing a plan to disk as a background job."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from core.domain.augmentation import MaterialiseRequest
from core.formats.wording import say_count
from core.plans.plan import read_plan

if TYPE_CHECKING:
    from core.data.materialise import Materialised


def run_materialise(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Write the plan of `arguments["request"]`, a `MaterialiseRequest` in JSON, or go on writing it."""
    report(0, 0, "Starting")
    from core.data.materialise import materialise  # seconds to load, and other jobs do without

    request = MaterialiseRequest.model_validate_json(arguments["request"])
    written = materialise(read_plan(request.plan), request.folder, request.spec, report, should_stop)
    return {
        "folder": str(written.folder),
        "images": str(written.images),
        "duplicates": str(written.duplicates),
        "redrawn": str(written.redrawn),
        "flipped": str(written.flipped),
        "missing": str(written.missing),
        "problems": json.dumps([asdict(problem) for problem in written.problems]),
        "message": _describe(written),
    }


def _describe(written: "Materialised") -> str:
    text = f"{say_count(written.images, 'image')} written, {written.duplicates:,} of them augmented."
    if written.redrawn:
        text += f" {say_count(written.redrawn, 'copy', 'copies')} had lost a class and were drawn again."
    if written.missing:
        lost = say_count(written.missing, "image is", "images are")
        text += f" {lost} missing, because files could not be used; problems.csv lists them."
    return text
