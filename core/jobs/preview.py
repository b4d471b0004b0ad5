"""A preview of the augmentation as a short background job; its pictures are kept in the workspace."""

import json
from collections.abc import Callable, Mapping

from core.domain.augmentation import PreviewRequest
from core.plans.plan import read_plan
from core.workspace.files import write_atomic
from core.workspace.paths import workspace


def run_preview(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Draw for `arguments["request"]`, a `PreviewRequest`, into the folder `arguments["key"]` of previews."""
    report(0, 0, "Starting")
    from core.data.materialise import scan_for_plan  # seconds to load, and other jobs do without
    from core.data.preview import preview_duplicates

    request = PreviewRequest.model_validate_json(arguments["request"])
    plan = read_plan(request.plan)
    dataset = scan_for_plan(
        plan, lambda done, total: report(done, total, "Checking the dataset"), should_stop
    )
    pairs = preview_duplicates(
        plan,
        dataset,
        request.augmentation,
        lambda done, total: report(done, total, "Drawing the preview"),
        should_stop,
    )
    folder = workspace().preview(arguments["key"])
    for number, pair in enumerate(pairs):
        write_atomic(folder / f"{number}-before.png", pair.before)
        write_atomic(folder / f"{number}-after.png", pair.after)
    about = [{"sample": pair.sample, "kind": pair.kind} for pair in pairs]
    write_atomic(folder / "preview.json", json.dumps(about))  # last: where it is, the pictures are too
    return {"key": arguments["key"], "message": f"{len(pairs)} images drawn."}
