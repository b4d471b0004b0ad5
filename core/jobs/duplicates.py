"""The search for equal and near equal images as a background job."""

from collections.abc import Callable, Mapping

from core.domain.groups import GroupRule
from core.domain.likeness import LIMITS, LikenessReport
from core.domain.scan import ScannedDataset
from core.errors import CancelledError
from core.formats.hashing import IMAGE_HASHES, hash_files
from core.formats.likeness import COARSE_LIMIT, read_likeness
from core.formats.likeness_file import LIKENESS_CACHE, write_report
from core.formats.masks.registry import mask_roots
from core.formats.result_file import read_result_file
from core.splitting import find_near_pairs, join_groups
from core.workspace.paths import workspace

# More than anyone looks at; the nearest are kept.
_MOST_PAIRS = 20_000


def run_duplicates(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Compare the images of the dataset `arguments["dataset"]`: whole files first, then their looks."""
    folder = workspace().dataset(arguments["dataset"])
    dataset = read_result_file(folder / "scan.npz")
    files = [str(sample.image) if sample.image else "" for sample in dataset.samples]
    hashes = hash_files(
        mask_roots(dataset.spec),
        [file for file in files if file],
        folder / IMAGE_HASHES,
        only_equal_sizes=True,
        on_progress=lambda done, total: report(done, total, "Comparing files of equal size"),
        should_stop=should_stop,
    )
    likeness = read_likeness(
        dataset.spec,
        dataset.samples,
        folder / LIKENESS_CACHE,
        on_progress=lambda done, total: report(done, total, "Looking at the images"),
        should_stop=should_stop,
    )

    def on_block(done: int, total: int) -> None:
        report(done, total, "Comparing looks")
        if should_stop():
            raise CancelledError("The search was cancelled. What was read is kept for the next time.")

    group = join_groups(
        len(files), [sample.group for sample in dataset.samples], [hashes.get(file, "") for file in files]
    )
    near = find_near_pairs(
        likeness.coarse,
        likeness.fine,
        group[likeness.positions],
        COARSE_LIMIT,
        max(LIMITS.values()),
        _MOST_PAIRS,
        on_block,
    )
    found = LikenessReport(
        rule=GroupRule.of(dataset.spec),
        compared=likeness.positions.size,
        flat=likeness.flat,
        unread=likeness.unread,
        slices=likeness.slices,
        limit=near.limit,
        pairs=tuple(
            (_id(dataset, here), _id(dataset, there), distance)
            for (here, there), distance in zip(
                likeness.positions[near.pairs].tolist(), near.distances.tolist(), strict=True
            )
        ),
    )
    write_report(folder, found)
    return {"dataset": arguments["dataset"], "message": f"{found.compared} images compared."}


def _id(dataset: ScannedDataset, position: int) -> str:
    return dataset.samples[position].id
