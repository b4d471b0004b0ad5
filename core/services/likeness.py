"""Near duplicates on the dataset page: the search, what it found, and what a person says to it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.domain.groups import GroupRule
from core.domain.likeness import LIMITS, Dismissals, LikenessReport
from core.domain.scan import ScannedDataset
from core.formats.likeness_file import find_report, read_dismissals, write_dismissals
from core.formats.whole import read_display
from core.jobs.submit import submit
from core.runs.folder import create_run, list_runs
from core.runs.progress import read_progress
from core.services import datasets
from core.splitting import join_groups
from core.workspace.paths import workspace

__all__ = ["LIMITS", "LikenessReport", "NearCluster"]
_MOST_RUNS = 20  # of the latest searches, among which the one that runs now must be


@dataclass(frozen=True, slots=True)
class NearCluster:
    """Images that look alike, each like at least one of the others.

    Attributes:
        positions: Of the samples, in their order.
        pairs: The pairs that were found, as positions in the dataset and the bits that differ.
    """

    positions: tuple[int, ...]
    pairs: tuple[tuple[int, int, int], ...]

    @property
    def distances(self) -> tuple[int, int]:
        """The least and the greatest distance of a pair."""
        found = [distance for _, _, distance in self.pairs]
        return min(found), max(found)


def start_search(dataset_id: str) -> str:
    """Compare all images in the background; returns the run's id.

    Raises:
        DatasetError: There is no such dataset.
        RunError: The process cannot be started.
    """
    datasets.find_spec(dataset_id)
    folder = create_run("duplicates", {"dataset": dataset_id})
    submit(folder)
    return folder.id


def find_search(dataset_id: str) -> str | None:
    """The id of the search that runs for a dataset, whoever started it; None where there is none."""
    for folder in list_runs("duplicates")[:_MOST_RUNS]:
        if folder.read_spec().arguments.get("dataset") == dataset_id and not read_progress(folder).over:
            return folder.id
    return None


def find_found(dataset_id: str) -> LikenessReport | None:
    """What the last search found; None before the first."""
    return find_report(workspace().dataset(dataset_id))


def is_outdated(dataset: ScannedDataset, report: LikenessReport) -> bool:
    """Whether groups are named otherwise since: then some images were left out that should be compared."""
    return report.rule != GroupRule.of(dataset.spec)


def cluster(
    dataset: ScannedDataset, report: LikenessReport, group: NDArray[np.intp], limit: int, judged: Dismissals
) -> list[NearCluster]:
    """The images that look alike and are neither in one group nor called different, the most alike first.

    Args:
        dataset: The scanned dataset.
        report: What the search found.
        group: `(N,)` group of each sample.
        limit: Most bits that may differ.
        judged: What a person has called different.
    """
    place_of = {sample.id: place for place, sample in enumerate(dataset.samples)}
    different = {frozenset(pair) for entry in judged.judged for pair in entry}
    near = []
    for here, there, distance in report.pairs:
        if distance > limit or here not in place_of or there not in place_of:
            continue
        pair = place_of[here], place_of[there]
        if group[pair[0]] != group[pair[1]] and frozenset((here, there)) not in different:
            near.append((*pair, distance))
    return _join(near)


def _join(near: Sequence[tuple[int, int, int]]) -> list[NearCluster]:
    """Pairs that share an image, together."""
    places = sorted({place for here, there, _ in near for place in (here, there)})
    number = {place: i for i, place in enumerate(places)}
    ends = [[number[here], number[there]] for here, there, _ in near]
    component = join_groups(len(places), pairs=np.array(ends, dtype=np.intp).reshape(-1, 2))
    members: dict[int, list[int]] = {}
    for place, which in zip(places, component.tolist(), strict=True):
        members.setdefault(which, []).append(place)
    pairs: dict[int, list[tuple[int, int, int]]] = {}
    for pair in near:  # the nearest first, and so are the clusters
        pairs.setdefault(int(component[number[pair[0]]]), []).append(pair)
    return [NearCluster(tuple(members[which]), tuple(found)) for which, found in pairs.items()]


def exact_duplicates(dataset: ScannedDataset, hashes: Sequence[str]) -> list[tuple[int, ...]]:
    """Positions of the samples whose files are equal, together; of the slices of one file the first stands.

    Args:
        dataset: The scanned dataset.
        hashes: `(N,)` content hash of each sample's image file; empty where it is unknown.
    """
    found: dict[str, dict[object, int]] = {}
    for place, (sample, digest) in enumerate(zip(dataset.samples, hashes, strict=True)):
        if digest:
            found.setdefault(digest, {}).setdefault(sample.image, place)
    return [tuple(places.values()) for places in found.values() if len(places) > 1]


def tie(dataset_id: str, ids: Sequence[Sequence[str]]) -> None:
    """Say that samples belong together; each entry is one tie, which can be undone by itself.

    Raises:
        DatasetError: The dataset must be scanned first.
    """
    spec = datasets.find_spec(dataset_id)
    ties = (*spec.same_group, *(tuple(entry) for entry in ids))
    datasets.edit_groups(dataset_id, GroupRule.of(spec), ties)


def untie(dataset_id: str, ids: Sequence[str]) -> None:
    """Take back that samples belong together.

    Raises:
        DatasetError: The dataset must be scanned first.
    """
    spec = datasets.find_spec(dataset_id)
    ties = tuple(entry for entry in spec.same_group if entry != tuple(ids))
    datasets.edit_groups(dataset_id, GroupRule.of(spec), ties)


def find_dismissals(dataset_id: str) -> Dismissals:
    """What a person has called different."""
    return read_dismissals(workspace().dataset(dataset_id))


def dismiss(dataset_id: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Say that the samples of pairs are different, however alike they look.

    Raises:
        WorkspaceError: The workspace cannot be written.
    """
    folder = workspace().dataset(dataset_id)
    judged = read_dismissals(folder).judged
    write_dismissals(folder, Dismissals(judged=(*judged, tuple(pairs))))


def take_back(dataset_id: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Take back that pairs are different.

    Raises:
        WorkspaceError: The workspace cannot be written.
    """
    folder = workspace().dataset(dataset_id)
    judged = read_dismissals(folder).judged
    write_dismissals(folder, Dismissals(judged=tuple(entry for entry in judged if entry != tuple(pairs))))


def picture(dataset: ScannedDataset, position: int, longest: int) -> bytes:
    """PNG of a sample's image alone, without its classes.

    Raises:
        DatasetError: There is no image, or it cannot be read any more.
    """
    pixels = read_display(dataset.spec, dataset.samples[position], longest)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
