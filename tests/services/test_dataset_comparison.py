"""Two datasets side by side, and the images that both hold."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.domain.scan import ScannedDataset
from core.errors import DatasetError
from core.jobs.equal import run_equal
from core.jobs.scan import run_scan
from core.services import dataset_comparison, datasets
from core.statistics import wilson_interval


def _rename(dataset: ScannedDataset, **names: str) -> ScannedDataset:
    classes = tuple(
        item.model_copy(update={"name": names.get(item.name, item.name)}) for item in dataset.classes
    )
    return replace(dataset, classes=classes)


@pytest.fixture
def other(dataset: ScannedDataset) -> ScannedDataset:
    """The first thirty images, with a class under another spelling and one that only this set knows."""
    part = replace(
        dataset,
        samples=dataset.samples[:30],
        presence=dataset.presence[:30],
        pixels=None if dataset.pixels is None else dataset.pixels[:30],
        totals=None if dataset.totals is None else dataset.totals[:30],
        sizes=None if dataset.sizes is None else dataset.sizes[:30],
    )
    return _rename(part, disc=" Disc", scar="tear")


def test_classes_are_matched_by_name_whatever_their_case(
    dataset: ScannedDataset, other: ScannedDataset
) -> None:
    found = [(item.name, item.where) for item in dataset_comparison.match_classes(dataset, other)]
    assert found == [
        ("disc", "both"),
        ("vessel", "both"),
        ("spot", "both"),
        ("scar", "only here"),
        ("tear", "only there"),
    ]


def test_classes_that_differ_only_in_case_are_not_thrown_together(dataset: ScannedDataset) -> None:
    twice = _rename(dataset, vessel="Disc")
    found = [(item.name, item.where) for item in dataset_comparison.match_classes(twice, twice)]
    assert found == [(name, "both") for name in ("disc", "Disc", "spot", "scar")]


def test_presence_comes_with_its_interval_and_the_difference(
    dataset: ScannedDataset, other: ScannedDataset
) -> None:
    table = dataset_comparison.presence_comparison(dataset, other).set_index("class")
    spot = table.loc["spot"]
    low, high = wilson_interval(10, 40)
    assert (spot["images"], spot["presence"], spot["low"], spot["high"]) == (10, 0.25, low, high)
    assert (spot["other_images"], spot["other_presence"]) == (8, 8 / 30)
    assert spot["difference"] == pytest.approx(8 / 30 - 0.25)
    assert spot["difference_low"] < 0 < spot["difference_high"]
    assert table.loc["tear"][["images", "presence", "low", "difference_low"]].isna().all()


def test_pixel_shares_are_compared_only_where_both_have_masks(
    dataset: ScannedDataset, other: ScannedDataset
) -> None:
    table = dataset_comparison.pixel_comparison(dataset, other).set_index("class")
    assert table.loc["disc", "share"] == pytest.approx(4 / 24)
    assert table.loc["spot", "low"] < table.loc["spot", "share"] < table.loc["spot", "high"]
    assert dataset_comparison.pixel_comparison(dataset, replace(other, pixels=None)).empty


def test_combinations_that_only_one_holds_are_named_over_the_shared_classes(
    dataset: ScannedDataset, other: ScannedDataset
) -> None:
    rows = ~dataset.presence[:, 3]
    without = replace(
        dataset,
        presence=dataset.presence[rows],
        samples=tuple(sample for sample, kept in zip(dataset.samples, rows, strict=True) if kept),
    )
    table = dataset_comparison.combination_comparison(without, dataset)
    assert set(table["combination"]) == {"disc + spot", "disc + vessel + spot", "disc + spot + scar"} | {
        "disc + vessel + spot + scar"
    }
    assert (table["images"] == 0).all()
    assert table["other_images"].sum() == 10
    assert dataset_comparison.combination_comparison(dataset, other).empty


def test_images_of_equal_bytes_are_found_under_any_name(
    dataset_id: str, folder: Path, tmp_path: Path
) -> None:
    twin = tmp_path / "twin"
    shutil.copytree(folder, twin)
    for path in sorted((twin / "images").iterdir())[2:]:
        path.write_bytes(path.read_bytes() + b"\0")
    (twin / "images" / "00.png").rename(twin / "images" / "zero.png")
    (twin / "masks" / "00.png").rename(twin / "masks" / "zero.png")
    other_id = datasets.keep(datasets.propose(str(twin)).spec)
    for name in (dataset_id, other_id):
        run_scan({"dataset": name}, lambda *_: None, lambda: False)
    run_equal({"dataset": dataset_id, "other": other_id}, lambda *_: None, lambda: False)
    found = dataset_comparison.find_equal(dataset_id, other_id)
    assert found is not None
    assert set(found.pairs) == {("images/00.png", "images/zero.png"), ("images/01.png", "images/01.png")}
    assert (found.files, found.other_files) == (40, 40)


def test_a_dataset_is_not_compared_with_itself(dataset_id: str) -> None:
    with pytest.raises(DatasetError, match="choose another one"):
        dataset_comparison.start_equal(dataset_id, dataset_id)


def test_labels_without_images_have_no_size(dataset: ScannedDataset) -> None:
    facts = dataset_comparison.facts(dataset, replace(dataset, sizes=np.zeros((0, 2), np.int32)))
    assert facts.set_index("fact").loc["median image"].tolist() == ["24 × 24", "not known"]
