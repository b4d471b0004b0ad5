"""Estimates of training runs as a short background job; the answers are kept in the workspace."""

from collections.abc import Callable

from core.domain.estimate import RunEstimate
from core.domain.training import TrainRequest
from core.errors import AppError, TrainingError
from core.jobs.train import scan_for_run
from core.runs.estimates import REQUESTS, find_estimate, write_encoders, write_estimate
from core.runs.folder import RunFolder


def run_estimate(
    folder: RunFolder, report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Measure every request of the run's spec that has not been measured before.

    Raises:
        AppError: One of them cannot be trained as asked: the sentence that its run would have ended with.
        CancelledError: `should_stop` said so.
    """
    requests = REQUESTS.validate_json(folder.read_spec().arguments["requests"])
    report(0, 0, "Loading torch")
    try:
        from core.models.encoders import list_encoders
        from core.training.failures import explain_failure  # seconds to load, and other jobs do without
    except (ImportError, OSError) as error:  # OSError: a library of CUDA that does not load
        raise TrainingError(
            f"torch cannot be loaded ({error}); install Counterpoise again with pip."
        ) from error
    write_encoders(list_encoders())
    for request in requests:
        if find_estimate(request) is not None:
            continue
        try:
            found = _measure(request, report, should_stop)
        except (RuntimeError, OSError, MemoryError, AppError) as error:
            if (explained := explain_failure(error, request.recipe, request.device)) is None:
                raise
            raise explained from error
        write_estimate(request, found)
    return {"message": "Measured."}


def _measure(
    request: TrainRequest,
    report: Callable[[int, int, str], None],
    should_stop: Callable[[], bool],
) -> RunEstimate:
    from core.training.estimate import estimate_run
    from core.training.folds import assign_folds

    dataset = scan_for_run(request, report, should_stop)
    assignments = assign_folds(
        dataset,
        request.split,
        request.plan,
        lambda done, total: report(done, total, "Comparing images"),
        should_stop,
    )
    return estimate_run(request, dataset, assignments, report, should_stop)
