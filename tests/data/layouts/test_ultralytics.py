"""The layout of Ultralytics, read back the way Ultralytics reads it."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.data.layouts.ultralytics import find_polygons, format_polygons
from core.data.materialise import materialise
from core.domain.augmentation import MaterialiseSpec
from core.domain.classes import ClassRole
from core.domain.masks import LabelMask
from core.formats.pixels.images import read_size
from tests.data.sets import SIZE, expected_shares, index_mask, make_plan, write_index_set

CLASS = ClassRole.CLASS


def read_back(text: str, number: int, height: int, width: int) -> NDArray[np.bool_]:
    """Ultralytics: shares times size, truncated, filled (`polygon2mask`)."""
    canvas = np.zeros((height, width), np.uint8)
    for line in text.splitlines():
        found, *numbers = line.split()
        if int(found) == number:
            polygon = np.array(numbers, np.float64).reshape(-1, 2) * (width, height)
            assert len(polygon) >= 3
            cv2.fillPoly(canvas, [polygon.astype(np.int32)], 1)
    return canvas.astype(bool)


def blobs(seed: int) -> NDArray[np.bool_]:
    noise = np.random.default_rng(seed).random((70, 90))
    return cv2.GaussianBlur(noise, (0, 0), 2.5) > 0.5


@pytest.mark.parametrize("seed", range(12))
def test_any_region_comes_back_pixel_by_pixel(seed: int) -> None:
    region = blobs(seed)  # islands, holes, islands in holes
    text = format_polygons(LabelMask(region[None], 1), [CLASS])
    wrong = read_back(text, 0, *region.shape) != region
    assert wrong.mean() < 0.001


def test_a_ring_keeps_its_hole() -> None:
    region = np.zeros((40, 40), bool)
    region[5:35, 5:35] = True
    region[15:25, 12:28] = False
    assert len(find_polygons(region)) == 1
    text = format_polygons(LabelMask(region[None], 1), [CLASS])
    np.testing.assert_array_equal(read_back(text, 0, 40, 40), region)


def test_single_pixels_are_kept() -> None:
    region = np.zeros((20, 20), bool)
    region[3, 4] = region[10, 10] = region[10, 11] = region[19, 19] = True
    text = format_polygons(LabelMask(region[None], 1), [CLASS])
    np.testing.assert_array_equal(read_back(text, 0, 20, 20), region)


def test_background_has_no_number_and_an_empty_mask_no_line() -> None:
    label = LabelMask(np.array([[0, 2], [2, 0]], np.int16), 3)
    roles = [ClassRole.BACKGROUND, CLASS, CLASS]
    assert {line.split()[0] for line in format_polygons(label, roles).splitlines()} == {"1"}
    assert format_polygons(LabelMask(np.zeros((4, 4), np.int16), 3), roles) == ""


def test_a_plan_is_written_as_ultralytics_expects_it(tmp_path: Path) -> None:
    plan = make_plan(write_index_set(tmp_path / "set"), {0: 3, 1: 0})
    materialise(plan, tmp_path / "out", MaterialiseSpec(workers=1, layout="ultralytics"))
    images = sorted((tmp_path / "out/images/train").rglob("*.png"))
    assert len(images) == sum(plan.copies.values())
    found = np.zeros(3)
    for image in images:
        label = Path(str(image).replace("/images/", "/labels/")).with_suffix(".txt")
        found += [any(line.startswith(f"{n} ") for line in label.read_text().splitlines()) for n in range(3)]
    shares = dict(zip(("disc", "vessel", "spot"), found / len(images), strict=True))
    assert shares == pytest.approx({k: v for k, v in expected_shares(plan).items() if k != "background"})
    original = (tmp_path / "out/labels/train/left/00.txt").read_text()
    np.testing.assert_array_equal(read_back(original, 2, SIZE, SIZE), index_mask(0) == 3)
    assert read_size(images[0]) == (SIZE, SIZE)


def test_the_data_file_names_the_classes(tmp_path: Path) -> None:
    spec = write_index_set(tmp_path / "set")
    renamed = [item.model_copy(update={"name": f'{item.name}: "x" #1'}) for item in spec.classes]
    plan = make_plan(spec.model_copy(update={"classes": tuple(renamed)}))
    materialise(plan, tmp_path / "out", MaterialiseSpec(workers=1, layout="ultralytics"))
    lines = (tmp_path / "out/data.yaml").read_text().splitlines()
    names = [line.partition(": ") for line in lines[lines.index("names:") + 1 :]]
    assert {int(number): json.loads(name) for number, _, name in names} == {
        0: 'disc: "x" #1',
        1: 'vessel: "x" #1',
        2: 'spot: "x" #1',
    }
    assert "train: images/train" in lines
