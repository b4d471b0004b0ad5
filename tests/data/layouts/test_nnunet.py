"""The layout of nnU-Net v2, checked by its own rules (`verify_dataset_integrity`)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.data.entries import Entry
from core.data.layouts.nnunet import build_folds
from core.data.materialise import materialise
from core.domain.augmentation import MaterialiseSpec
from core.errors import DatasetError
from tests.data.sets import (
    SIZE,
    describe,
    expected_shares,
    index_mask,
    make_plan,
    save,
    write_index_set,
    write_layer_set,
)

NNUNET = MaterialiseSpec(workers=1, layout="nnunet")


def check_integrity(root: Path) -> dict[str, Any]:
    """What nnU-Net demands: every case with all its channels, consecutive labels, nothing else in masks."""
    about: dict[str, Any] = json.loads((root / "dataset.json").read_text())
    assert about["labels"]["background"] == 0
    numbers = sorted(about["labels"].values())
    assert numbers == list(range(len(numbers)))
    cases = sorted(path.stem for path in (root / "labelsTr").iterdir())
    assert len(cases) == about["numTraining"]
    images = {path.name for path in (root / "imagesTr").iterdir()}
    size = len(about["channel_names"])
    for case in cases:
        bands = [name for name in images if name.startswith(f"{case}_") and len(name) == len(case) + 9]
        shapes = [np.asarray(Image.open(root / "imagesTr" / name)) for name in bands]
        channels = sum(1 if shape.ndim == 2 else shape.shape[2] for shape in shapes)
        assert channels == size
        mask = np.asarray(Image.open(root / "labelsTr" / f"{case}.png"))
        assert all(shape.shape[:2] == mask.shape for shape in shapes)
        assert set(np.unique(mask).tolist()) <= set(numbers)
    return about


def test_a_plan_is_written_as_nnunet_expects_it(tmp_path: Path) -> None:
    plan = make_plan(write_index_set(tmp_path / "set"), {0: 3, 1: 0})
    materialise(plan, tmp_path / "out", NNUNET)
    about = check_integrity(tmp_path / "out")
    assert about["labels"] == {"background": 0, "disc": 1, "vessel": 2, "spot": 3, "ignore": 4}
    assert about["channel_names"] == {"0": "R", "1": "G", "2": "B"}
    masks = [np.asarray(Image.open(path)) for path in (tmp_path / "out/labelsTr").iterdir()]
    found = {name: np.mean([(mask == n).any() for mask in masks]) for name, n in about["labels"].items()}
    del found["ignore"]
    assert found == pytest.approx(expected_shares(plan))
    original = np.asarray(Image.open(tmp_path / "out/labelsTr/left_00.png"))
    np.testing.assert_array_equal(original[3:], index_mask(0)[3:])
    assert (original[:3, :3] == 4).all()


def test_five_bands_become_five_files(tmp_path: Path) -> None:
    root = tmp_path / "set"
    bands = np.random.default_rng(0).integers(0, 60000, (SIZE, SIZE, 5), np.uint16)
    for number in range(2):
        save(Image.fromarray(index_mask(number)), root / "masks" / f"{number}.png")
        (root / "images").mkdir(exist_ok=True)
        tifffile.imwrite(
            root / "images" / f"{number}.tif", bands, photometric="minisblack", planarconfig="contig"
        )
    plan = make_plan(describe(root, "index", ["0", "1", "2", "3"]), {0: 2})
    materialise(plan, tmp_path / "out", NNUNET)
    about = check_integrity(tmp_path / "out")
    assert len(about["channel_names"]) == 5
    assert "ignore" not in about["labels"]
    third = np.asarray(Image.open(tmp_path / "out/imagesTr/1_0002.png"))
    np.testing.assert_array_equal(third, bands[..., 2])


def test_grey_among_colour_becomes_colour(tmp_path: Path) -> None:
    spec = write_index_set(tmp_path / "set")
    save(Image.new("L", (SIZE, SIZE), 77), tmp_path / "set/images/left/03.png")
    materialise(make_plan(spec), tmp_path / "out", NNUNET)
    check_integrity(tmp_path / "out")
    assert (np.asarray(Image.open(tmp_path / "out/imagesTr/left_03_0000.png")) == 77).all()


def test_colour_among_grey_is_a_problem(tmp_path: Path) -> None:
    spec = write_layer_set(tmp_path / "set")
    save(Image.new("RGB", (SIZE, SIZE)), tmp_path / "set/images/3.png")
    written = materialise(make_plan(spec), tmp_path / "out", NNUNET)
    assert [problem.file for problem in written.problems] == ["images/3.png"]
    assert "3 bands" in written.problems[0].problem
    check_integrity(tmp_path / "out")


def test_cases_whose_names_fall_together_are_kept_apart(tmp_path: Path) -> None:
    spec = write_index_set(tmp_path / "set", count=3)
    for kind in ("images", "masks"):
        (tmp_path / "set" / kind / "left" / "00.png").rename(tmp_path / "set" / kind / "left_01.png")
    materialise(make_plan(spec, {0: 2}), tmp_path / "out", NNUNET)
    assert check_integrity(tmp_path / "out")["numTraining"] == 4


def entry(sample: str, copy: int, group: str = "") -> Entry:
    name = f"{sample}__copy{copy}" if copy > 1 else sample
    return Entry(
        sample, group, copy, f"imagesTr/{name}_0000.png", (f"labelsTr/{name}.png",), None, "original", 0, {}
    )


def test_folds_keep_duplicates_and_groups_together() -> None:
    entries = [entry(f"s{i}", copy, f"p{i // 2}") for i in range(20) for copy in range(1, 4)]
    folds = build_folds(entries)
    group_of = {e.masks[0][9:-4]: e.group for e in entries}
    assert len(folds) == 5
    for fold in folds:
        assert not {group_of[case] for case in fold["train"]} & {group_of[case] for case in fold["val"]}
        assert not any("__copy" in case for case in fold["val"])
    assert sorted(case for fold in folds for case in fold["val"]) == sorted(f"s{i}" for i in range(20))


def test_more_classes_than_a_png_holds_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "set"
    mask = np.arange(SIZE * SIZE).reshape(SIZE, SIZE) % 300
    save(Image.fromarray(mask.astype(np.uint16)), root / "masks" / "a.png")
    save(Image.new("L", (SIZE, SIZE)), root / "images" / "a.png")
    plan = make_plan(
        describe(root, "index", [str(i) for i in range(300)], names=tuple(f"c{i}" for i in range(300)))
    )
    with pytest.raises(DatasetError, match="plain layout"):
        materialise(plan, tmp_path / "out", NNUNET)
    with pytest.raises(DatasetError, match="plain layout"):
        materialise(plan, tmp_path / "out", MaterialiseSpec(workers=1, layout="mmseg"))
