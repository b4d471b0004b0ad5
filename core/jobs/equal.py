"""Looking for images that two datasets share, as a background job."""

from collections.abc import Callable, Mapping

from core.formats.equal_images import find_equal_images, write_equal_images
from core.formats.hashing import IMAGE_HASHES
from core.formats.result_file import read_result_file
from core.workspace.paths import check_id, workspace


def run_equal(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Compare the image files of the scanned datasets `arguments["dataset"]` and `arguments["other"]`."""
    first, second = (workspace().dataset(arguments[name]) for name in ("dataset", "other"))
    found = find_equal_images(
        read_result_file(first / "scan.npz"),
        first / IMAGE_HASHES,
        read_result_file(second / "scan.npz"),
        second / IMAGE_HASHES,
        lambda done, total: report(done, total, "Comparing image files"),
        should_stop,
    )
    write_equal_images(first / "equal" / f"{check_id(arguments['other'])}.json", found)
    return {"dataset": arguments["dataset"], "message": f"{len(found.pairs)} images are in both."}
