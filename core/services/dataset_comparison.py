"""Two datasets compared: classes by name, shares with their uncertainty, combinations, equal images."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.balancing import group_label_vectors
from core.domain.scan import ScannedDataset
from core.errors import DatasetError
from core.formats.equal_images import EqualImages, read_equal_images
from core.jobs.submit import submit
from core.runs.folder import create_run, list_runs
from core.runs.progress import RunProgress, read_progress
from core.services import datasets
from core.statistics import Z_95, compute_pixel_shares, newcombe_interval, pixel_share_error, wilson_interval
from core.workspace.paths import check_id, workspace

__all__ = ["Comparison", "EqualImages"]
_BETWEEN_WORDS = re.compile(r"[\s_\-]+")
_MOST_RUNS = 20  # of the latest comparisons, among which that of two datasets is looked for


@dataclass(frozen=True, slots=True)
class ClassMatch:
    """One class by its name: its column in either dataset, None where it does not occur there."""

    name: str
    first: int | None
    second: int | None

    @property
    def where(self) -> str:
        """Where the class is known."""
        if self.first is None or self.second is None:
            return "only there" if self.first is None else "only here"
        return "both"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two datasets compared without a look into a file; each table as the function of its name gives it."""

    facts: pd.DataFrame
    presence: pd.DataFrame
    pixels: pd.DataFrame
    combinations: pd.DataFrame


def compare(first: ScannedDataset, second: ScannedDataset) -> Comparison:
    """Everything that differs between two datasets, but for equal images."""
    return Comparison(
        facts(first, second),
        presence_comparison(first, second),
        pixel_comparison(first, second),
        combination_comparison(first, second),
    )


def match_classes(first: ScannedDataset, second: ScannedDataset) -> list[ClassMatch]:
    """The balanced classes of two datasets by name: those of both, of the first, of the second.

    Upper and lower case, blanks, hyphens and underscores between words make no difference.
    """
    here, there = _columns_by_name(first), _columns_by_name(second)
    both = [key for key in here if key in there]
    only_here = [key for key in here if key not in there]
    only_there = [key for key in there if key not in here]
    matches = [
        ClassMatch(first.classes[here[key]].name, here[key], there.get(key)) for key in (*both, *only_here)
    ]
    return matches + [ClassMatch(second.classes[there[key]].name, None, there[key]) for key in only_there]


def presence_comparison(first: ScannedDataset, second: ScannedDataset) -> pd.DataFrame:
    """One line a class: presence in either dataset with its Wilson interval, and the difference.

    Columns: class, where; images, presence, low, high of the first; the same with `other_` of the second;
    difference (second − first) with `difference_low` and `difference_high` (Newcombe). Shares in [0, 1],
    missing where a dataset does not know the class; intervals hold 95 %.
    """
    matches = match_classes(first, second)
    table = _start_table(matches)
    hits, other_hits = (
        _pick(dataset.presence.sum(axis=0, dtype=np.int64), [getattr(item, side) for item in matches])
        for dataset, side in ((first, "first"), (second, "second"))
    )
    for before, found, dataset in (("", hits, first), ("other_", other_hits, second)):
        count = len(dataset.samples)
        low, high = wilson_interval(np.nan_to_num(found), count)
        there = np.isfinite(found)
        table[f"{before}images"] = pd.array(np.where(there, found, np.nan)).astype("Int64")
        table[f"{before}presence"] = found / max(count, 1)
        table[f"{before}low"] = np.where(there, low, np.nan)
        table[f"{before}high"] = np.where(there, high, np.nan)
    both = (table["where"] == "both").to_numpy()
    low, high = newcombe_interval(
        np.nan_to_num(hits), len(first.samples), np.nan_to_num(other_hits), len(second.samples)
    )
    table["difference"] = table["other_presence"] - table["presence"]
    table["difference_low"] = np.where(both, low, np.nan)
    table["difference_high"] = np.where(both, high, np.nan)
    return table


def pixel_comparison(first: ScannedDataset, second: ScannedDataset) -> pd.DataFrame:
    """One line a class: its share of all pixels in either dataset, with the interval over images.

    Columns as `presence_comparison`, `share` in the place of images and presence, and without an interval of
    the difference. Empty where one of the two has labels only.
    """
    if first.pixels is None or second.pixels is None:
        return pd.DataFrame()
    matches = match_classes(first, second)
    table = _start_table(matches)
    for before, dataset, side in (("", first, "first"), ("other_", second, "second")):
        shares, errors = _pixel_shares(dataset)
        columns = [getattr(item, side) for item in matches]
        share, error = _pick(shares, columns), _pick(errors, columns)
        table[f"{before}share"] = share
        table[f"{before}low"] = np.clip(share - Z_95 * error, 0, 1)
        table[f"{before}high"] = np.clip(share + Z_95 * error, 0, 1)
    table["difference"] = table["other_share"] - table["share"]
    return table


def facts(first: ScannedDataset, second: ScannedDataset) -> pd.DataFrame:
    """One line a fact: fact, first, second; counts are whole numbers, the rest is text."""
    rows: dict[str, Sequence[str | int]] = {
        "format": [item.spec.format for item in (first, second)],
        "images": [item.images for item in (first, second)],
        "usable": [len(item.samples) for item in (first, second)],
        "problems": [len(item.problems) for item in (first, second)],
        "classes": [len(item.balanced_columns) for item in (first, second)],
        "smallest image": [_describe_size(item, 0) for item in (first, second)],
        "median image": [_describe_size(item, 50) for item in (first, second)],
        "largest image": [_describe_size(item, 100) for item in (first, second)],
    }
    lines = [(fact, *values) for fact, values in rows.items()]
    return pd.DataFrame(lines, columns=["fact", "first", "second"])


def combination_comparison(first: ScannedDataset, second: ScannedDataset) -> pd.DataFrame:
    """Combinations of the classes that both know which only one of the datasets holds, the commonest first.

    Columns: combination, images, other_images.
    """
    matches = [item for item in match_classes(first, second) if item.where == "both"]
    names = np.array([item.name for item in matches], dtype=object)
    counts, others = (
        _count_vectors(dataset, [column for item in matches if (column := getattr(item, side)) is not None])
        for dataset, side in ((first, "first"), (second, "second"))
    )
    lines = [
        (_name_vector(names, vector), counts.get(vector, 0), others.get(vector, 0))
        for vector in counts.keys() ^ others.keys()
    ]
    lines.sort(key=lambda line: (-max(line[1:]), line[0]))
    return pd.DataFrame(lines, columns=["combination", "images", "other_images"])


def start_equal(dataset_id: str, other_id: str) -> str:
    """Look for images that both datasets hold, in the background; returns the run's id.

    Raises:
        DatasetError: One of the two is not in this workspace, or both are the same.
        RunError: The process cannot be started.
    """
    if dataset_id == other_id:
        raise DatasetError("A dataset holds all of its own images; choose another one to compare with.")
    for name in (dataset_id, other_id):
        datasets.find_spec(name)
    folder = create_run("equal", {"dataset": dataset_id, "other": other_id})
    submit(folder)
    return folder.id


def find_equal_run(dataset_id: str, other_id: str) -> RunProgress | None:
    """The latest search for equal images of two datasets, running or over; None where there is none."""
    for folder in list_runs("equal")[:_MOST_RUNS]:
        if dict(folder.read_spec().arguments) == {"dataset": dataset_id, "other": other_id}:
            return read_progress(folder)
    return None


def find_equal(dataset_id: str, other_id: str) -> EqualImages | None:
    """What the last search found, perhaps of earlier states of the datasets; None before the first."""
    return read_equal_images(_equal_file(dataset_id, other_id))


def _equal_file(dataset_id: str, other_id: str) -> Path:
    return workspace().dataset(dataset_id) / "equal" / f"{check_id(other_id)}.json"


def _columns_by_name(dataset: ScannedDataset) -> dict[str, int]:
    columns = dataset.balanced_columns.tolist()
    names = [dataset.classes[column].name for column in columns]
    alike = [_BETWEEN_WORDS.sub(" ", name).strip().casefold() for name in names]
    keys = (key if alike.count(key) == 1 else name for key, name in zip(alike, names, strict=True))
    return dict(zip(keys, columns, strict=True))


def _start_table(matches: list[ClassMatch]) -> pd.DataFrame:
    return pd.DataFrame({"class": [item.name for item in matches], "where": [item.where for item in matches]})


def _pick(values: NDArray[np.generic], columns: list[int | None]) -> NDArray[np.float64]:
    """`(K,)` values of some columns, NaN where there is none."""
    return np.array([np.nan if column is None else values[column] for column in columns], dtype=np.float64)


def _pixel_shares(dataset: ScannedDataset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if dataset.pixels is None or dataset.totals is None:
        raise DatasetError(f"{dataset.spec.name} has labels only; pixel shares need masks.")
    shares = compute_pixel_shares(dataset.pixels, dataset.totals)
    return shares, pixel_share_error(dataset.pixels, dataset.totals)


def _describe_size(dataset: ScannedDataset, percentile: int) -> str:
    """Width and height of the image that has so many smaller ones by its area."""
    if dataset.sizes is None or not len(dataset.sizes):
        return "not known"
    order = np.argsort(dataset.sizes.astype(np.int64).prod(axis=1), kind="stable")
    height, width = dataset.sizes[order[(len(order) - 1) * percentile // 100]]
    return f"{width} × {height}"


def _count_vectors(dataset: ScannedDataset, columns: list[int]) -> dict[bytes, int]:
    """How many samples have each vector over some columns."""
    table = group_label_vectors(
        dataset.presence[:, columns], [str(column) for column in columns], [""] * len(dataset.samples)
    )
    vectors = table.vectors.astype(np.bool_)
    return {row.tobytes(): int(count) for row, count in zip(vectors, table.multiplicities, strict=True)}


def _name_vector(names: NDArray[np.object_], vector: bytes) -> str:
    return " + ".join(names[np.frombuffer(vector, dtype=np.bool_)]) or "no class"
