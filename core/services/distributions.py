"""How large images and regions are, and how bright: the distributions of the dataset page."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.domain.classes import class_colours
from core.domain.scan import ScannedDataset
from core.formats.intensity_file import ImageLevel, IntensityReport, find_intensity
from core.jobs.submit import submit
from core.runs.folder import create_run, list_runs
from core.runs.progress import RunProgress, read_progress
from core.services import datasets
from core.statistics import (
    REGION_QUANTILES,
    PixelKind,
    compute_region_quantiles,
    count_sizes,
    find_smallest_regions,
)
from core.workspace.paths import workspace

__all__ = ["BANDS", "Distributions", "ImageLevel", "IntensityReport", "PixelKind", "SmallRegion"]
BANDS = ("smallest", "p5", "p25", "median", "p75", "p95", "largest")
_MOST_RUNS = 20  # of the latest measurements, among which that of a dataset is looked for


@dataclass(frozen=True, slots=True)
class SmallRegion:
    """One class in one image: the sample's position, the class's, its pixels and its share of the image."""

    position: int
    column: int
    pixels: int
    share: float


@dataclass(frozen=True, slots=True)
class Distributions:
    """Sizes of a dataset's images and regions; each part as the function of its name gives it."""

    size_table: pd.DataFrame
    extremes: tuple[int, int] | None
    volume_table: pd.DataFrame
    region_table: pd.DataFrame
    smallest_regions: list[SmallRegion]


def describe(dataset: ScannedDataset) -> Distributions:
    """All that is known of sizes without a look into a file."""
    return Distributions(
        size_table(dataset),
        find_extremes(dataset),
        volume_table(dataset),
        region_table(dataset),
        smallest_regions(dataset),
    )


def size_table(dataset: ScannedDataset) -> pd.DataFrame:
    """One line a size, the commonest first: width, height, images, share; empty where sizes are unknown."""
    sizes = dataset.sizes if dataset.sizes is not None else np.zeros((0, 2), dtype=np.int32)
    distinct, counts = count_sizes(sizes)
    return pd.DataFrame(
        {
            "width": distinct[:, 1],
            "height": distinct[:, 0],
            "images": counts,
            "share": counts / max(len(sizes), 1),
        }
    )


def find_extremes(dataset: ScannedDataset) -> tuple[int, int] | None:
    """Positions of the samples with the fewest and the most pixels; None where all have the same size."""
    if dataset.sizes is None or not len(dataset.sizes):
        return None
    areas = dataset.sizes.astype(np.int64).prod(axis=1)
    smallest, largest = int(np.argmin(areas)), int(np.argmax(areas))
    return None if areas[smallest] == areas[largest] else (smallest, largest)


def volume_table(dataset: ScannedDataset) -> pd.DataFrame:
    """One line a quantity of volumes: slices, and mm between rows, columns and slices.

    Smallest, median, largest, and `known`, the samples that say it; empty for pictures.
    """
    lines: list[tuple[str, float, float, float, int]] = []
    columns: dict[str, np.ndarray] = {}
    if dataset.depths is not None:
        columns["slices"] = dataset.depths.astype(np.float64)
    if dataset.spacings is not None:
        names = ("mm between rows", "mm between columns", "mm between slices")
        columns |= dict(zip(names, dataset.spacings.T, strict=True))
    for name, values in columns.items():
        known = values[np.isfinite(values)]
        if known.size:
            middle = float(np.median(known))
            lines.append((name, float(known.min()), middle, float(known.max()), known.size))
    return pd.DataFrame(lines, columns=["quantity", "smallest", "median", "largest", "known"])


def region_table(dataset: ScannedDataset) -> pd.DataFrame:
    """One line a class that is balanced: name, colour, images, and quantiles of its share of an image.

    Shares in [0, 1] over the images that hold the class; missing for a class that none holds. Empty without
    masks.
    """
    columns = dataset.balanced_columns
    colours = class_colours(dataset.classes)
    found = np.full((0, len(BANDS)), np.nan)
    if dataset.pixels is None or dataset.totals is None:
        columns = columns[:0]
    else:
        found = compute_region_quantiles(dataset.pixels[:, columns], dataset.totals, REGION_QUANTILES)
    table = pd.DataFrame(
        {
            "name": [dataset.classes[column].name for column in columns],
            "colour": [colours[column] for column in columns],
            "images": dataset.presence[:, columns].sum(axis=0, dtype=np.int64),
        }
    )
    return pd.concat([table, pd.DataFrame(found, columns=list(BANDS))], axis=1)


def smallest_regions(dataset: ScannedDataset, most: int = 6) -> list[SmallRegion]:
    """The smallest regions of classes by their share of the image; none without masks."""
    if dataset.pixels is None or dataset.totals is None:
        return []
    columns = dataset.balanced_columns.tolist()
    return [
        SmallRegion(
            row,
            column,
            int(dataset.pixels[row, column]),
            float(dataset.pixels[row, column] / dataset.totals[row]),
        )
        for row, column in find_smallest_regions(dataset.pixels, dataset.totals, columns, most)
    ]


def start_intensity(dataset_id: str) -> str:
    """Measure grey values in the background; returns the run's id.

    Raises:
        DatasetError: There is no such dataset.
        RunError: The process cannot be started.
    """
    datasets.find_spec(dataset_id)
    folder = create_run("intensity", {"dataset": dataset_id})
    submit(folder)
    return folder.id


def find_measuring(dataset_id: str) -> RunProgress | None:
    """The latest measurement of a dataset, whoever started it, running or over; None where there is none."""
    for folder in list_runs("intensity")[:_MOST_RUNS]:
        if folder.read_spec().arguments.get("dataset") == dataset_id:
            return read_progress(folder)
    return None


def find_measured(dataset_id: str) -> IntensityReport | None:
    """What was measured last, perhaps of an earlier state of the dataset; None where nothing was."""
    return find_intensity(workspace().dataset(dataset_id))
