"""The demo as a background job: draw it, then scan it, so that it opens at once."""

from collections.abc import Callable, Mapping

from core.formats.dataset_file import read_dataset_file, write_dataset_file
from core.formats.demo_folder import write_demo
from core.jobs.scan import run_scan
from core.synthesis import FundusSpec
from core.workspace.paths import dataset_id, workspace


def run_demo(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Draw the synthetic fundus set into the workspace, register it, scan it."""
    spec = FundusSpec(
        images=int(arguments["images"]), size=int(arguments["size"]), seed=int(arguments["seed"])
    )
    folder = workspace().demo / f"fundus-{spec.images}-{spec.size}-{spec.seed}"
    write_demo(
        folder,
        spec,
        on_progress=lambda done, total: report(done, total, "Drawing the demo"),
        should_stop=should_stop,
    )
    demo_id = dataset_id(folder)
    write_dataset_file(
        workspace().dataset(demo_id) / "dataset.toml", read_dataset_file(folder / "dataset.toml")
    )
    return run_scan({"dataset": demo_id}, report, should_stop)
