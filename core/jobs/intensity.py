"""Measuring grey values as a background job; what it finds is kept beside the scan."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from core.formats.intensity_file import write_intensity
from core.formats.result_file import read_result_file
from core.workspace.paths import workspace


def run_intensity(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Measure the images of the scanned dataset `arguments["dataset"]`."""
    report(0, 0, "Starting")
    from core.data.intensity import measure_intensity  # a second to load, and other jobs do without

    folder = workspace().dataset(arguments["dataset"])
    found = measure_intensity(
        read_result_file(folder / "scan.npz"),
        datetime.now(UTC),
        lambda done, total: report(done, total, "Measuring grey values"),
        should_stop,
    )
    write_intensity(folder, found)
    return {"dataset": arguments["dataset"], "message": f"{len(found.levels)} images measured."}
