"""The scan as a background job."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from core.formats.dataset_file import read_dataset_file
from core.formats.result_file import write_result_file
from core.formats.whole import scan_dataset
from core.plans.versions import VERSIONS, keep_version
from core.workspace.paths import workspace


def run_scan(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Scan the dataset named `arguments["dataset"]` by its kept answers, and keep what is found."""
    folder = workspace().dataset(arguments["dataset"])
    spec = read_dataset_file(folder / "dataset.toml")
    what = "Reading masks" if spec.has_masks else "Reading labels"
    scanned = scan_dataset(
        spec,
        folder / "counts.cache",
        on_progress=lambda done, total: report(done, total, what),
        should_stop=should_stop,
    )
    write_result_file(folder / "scan.npz", scanned)
    keep_version(folder / VERSIONS, scanned, datetime.now(UTC))
    return {"dataset": arguments["dataset"], "message": f"{len(scanned.samples)} images read."}
