"""Sizes of images and regions, and grey values measured in the background."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data import intensity
from core.domain.scan import ScannedDataset
from core.errors import CancelledError
from core.jobs.intensity import run_intensity
from core.jobs.scan import run_scan
from core.services import distributions


def test_sizes_are_counted_and_the_extremes_named(dataset: ScannedDataset) -> None:
    assert dataset.sizes is not None
    assert distributions.find_extremes(dataset) is None
    sizes = dataset.sizes.copy()
    sizes[5], sizes[9] = (10, 20), (40, 50)
    found = distributions.describe(replace(dataset, sizes=sizes))
    assert found.size_table.iloc[0][["width", "height", "images"]].tolist() == [24, 24, 38]
    assert found.extremes == (5, 9)


def test_the_region_of_a_class_is_its_share_of_the_images_that_hold_it(dataset: ScannedDataset) -> None:
    table = distributions.region_table(dataset).set_index("name")
    assert table.loc["spot", ["images", "smallest", "median", "largest"]].tolist() == [
        10,
        0.125,
        0.125,
        0.125,
    ]
    region = distributions.smallest_regions(dataset, most=1)[0]
    assert (region.pixels, region.share) == (72, 0.125)


def test_without_masks_or_sizes_the_tables_are_empty(dataset: ScannedDataset) -> None:
    found = distributions.describe(replace(dataset, pixels=None, totals=None, sizes=None))
    assert found.size_table.empty
    assert found.region_table.empty
    assert (found.extremes, found.smallest_regions) == (None, [])


def test_slices_and_spacing_are_summed_up_where_they_are_known(dataset: ScannedDataset) -> None:
    count = len(dataset.samples)
    spacings = np.full((count, 3), 0.5)
    spacings[0, 2] = np.nan
    found = distributions.volume_table(
        replace(dataset, depths=np.arange(1, count + 1, dtype=np.int32), spacings=spacings)
    ).set_index("quantity")
    assert found.loc["slices"].tolist() == [1, 20.5, 40, 40]
    assert found.loc["mm between slices", "known"] == 39


def test_grey_values_are_measured_kept_and_marked_by_their_dataset(dataset_id: str, folder: Path) -> None:
    Image.new("RGB", (24, 24)).save(folder / "images" / "03.png")
    Image.new("RGB", (24, 24), (250, 250, 250)).save(folder / "images" / "04.png")
    whole = (folder / "images" / "05.png").read_bytes()
    (folder / "images" / "05.png").write_bytes(whole[: len(whole) // 2])
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    assert distributions.find_measured(dataset_id) is None
    run_intensity({"dataset": dataset_id}, lambda *_: None, lambda: False)
    report = distributions.find_measured(dataset_id)
    assert report is not None
    assert [problem.file for problem in report.problems] == ["images/05.png"]
    assert (report.images, len(report.levels), report.kinds[0].images) == (40, 39, 39)
    by_level = sorted(report.levels, key=lambda item: item.level)
    assert (by_level[0].id, by_level[-1].id) == ("images/03.png", "images/04.png")
    pixels = [
        np.asarray(Image.open(path)).reshape(-1, 3)
        for path in sorted((folder / "images").iterdir())
        if path.name != "05.png"
    ]
    assert report.kinds[0].channels[1].mean == pytest.approx(np.concatenate(pixels)[:, 1].mean())


def test_of_a_large_set_always_the_same_images_are_drawn(
    dataset: ScannedDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intensity, "MOST_IMAGES", 7)
    first, second = (_measure(dataset) for _ in range(2))
    assert [item.id for item in first.levels] == [item.id for item in second.levels]
    assert (len(first.levels), first.images) == (7, 40)


def test_measuring_can_be_stopped(dataset: ScannedDataset) -> None:
    with pytest.raises(CancelledError):
        _measure(dataset, stop=True)


def _measure(dataset: ScannedDataset, stop: bool = False) -> distributions.IntensityReport:
    from datetime import UTC, datetime

    now = datetime(2026, 1, 1, tzinfo=UTC)
    return intensity.measure_intensity(dataset, now, lambda *_: None, lambda: stop)
