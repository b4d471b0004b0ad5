"""Measuring the masks of a review as a background job; what it finds is kept beside the review."""

from collections.abc import Callable, Mapping

from core.domain.measuring import MeasureRequest
from core.reports.measuring import measure
from core.reviews.opening import read_review
from core.reviews.store import ReviewStore
from core.workspace.database import workspace_database
from core.workspace.paths import workspace


def run_measure(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Measure what `arguments["request"]`, a `MeasureRequest` in JSON, asks for."""
    request = MeasureRequest.model_validate_json(arguments["request"])
    store = ReviewStore(workspace_database(), workspace().reviews, app_version="")  # Nothing is recorded
    report(0, 0, "Looking for what is measured already")
    problems = measure(store, read_review(store, request.review), request, report, should_stop)
    missing = f" {len(problems)} could not be read: {problems[0]}" if problems else ""
    return {"review": request.review, "message": f"All masks are measured.{missing}"}
