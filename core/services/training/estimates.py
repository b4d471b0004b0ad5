"""What runs will take, measured by a few of their own steps before anyone commits to them."""

from collections.abc import Sequence

from core.domain.estimate import RunEstimate
from core.domain.training import TrainRequest
from core.jobs.submit import submit
from core.runs import estimates
from core.runs.folder import create_run


def find_estimates(requests: Sequence[TrainRequest]) -> list[RunEstimate] | None:
    """What was measured before, one a request; None unless all were."""
    found = [estimates.find_estimate(request) for request in requests]
    known = [item for item in found if item is not None]
    return known if len(known) == len(found) else None


def find_estimate_run(requests: Sequence[TrainRequest]) -> str | None:
    """The id of the run that measures, or measured, these requests; None where nobody has asked."""
    return estimates.find_run_id(requests[-1])


def start_estimate(requests: Sequence[TrainRequest]) -> str:
    """Measure in the background; `runs.watch` follows it. Returns the run's id.

    Raises:
        RunError: The process cannot be started.
        WorkspaceError: The workspace cannot be written.
    """
    folder = create_run("estimate", {"requests": estimates.REQUESTS.dump_json(tuple(requests)).decode()})
    for request in requests:
        estimates.write_run(request, folder.id)
    submit(folder)
    return folder.id


def list_encoders() -> tuple[str, ...]:
    """The names of all encoders; empty before anything was measured, as only torch knows them."""
    return estimates.read_encoders()
