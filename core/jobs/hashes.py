"""The comparison of image files as a background job: what it reads, folds then find in the cache."""

from collections.abc import Callable, Mapping

from core.formats.hashing import IMAGE_HASHES, hash_files
from core.formats.masks.registry import mask_roots
from core.formats.result_file import read_result_file
from core.workspace.paths import workspace


def run_hashes(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Hash the image files of the scanned dataset `arguments["dataset"]` that others equal in size."""
    folder = workspace().dataset(arguments["dataset"])
    dataset = read_result_file(folder / "scan.npz")
    files = list(dict.fromkeys(str(sample.image) for sample in dataset.samples if sample.image))
    hash_files(
        mask_roots(dataset.spec),
        files,
        folder / IMAGE_HASHES,
        only_equal_sizes=True,
        on_progress=lambda done, total: report(done, total, "Comparing image files"),
        should_stop=should_stop,
    )
    return {"dataset": arguments["dataset"], "message": f"{len(files)} images compared."}
