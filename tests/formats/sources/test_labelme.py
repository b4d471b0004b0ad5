import base64
import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.domain.classes import ClassRole
from core.errors import DatasetError
from core.formats.sources.labelme_file import parse_labelme
from core.formats.sources.labelme_shapes import draw_shapes
from core.formats.sources.regions import decode
from core.formats.whole import find_samples, read_display, read_label, read_pixels, scan_dataset
from tests.formats.sources.annotations import (
    labelme_shape,
    labelme_spec,
    png,
    write_labelme,
    write_png,
)

SQUARE = [(2, 2), (8, 2), (8, 8), (2, 8)]
"""49 pixels: labelme counts the outline as inside."""


def pixels_of(root: Path, **fields: object) -> dict[str, list[int]]:
    scanned = scan_dataset(labelme_spec(root, **fields), None)
    return {item.key: scanned.pixels[:, place].tolist() for place, item in enumerate(scanned.classes)}


def mask_shape(label: str, corner: tuple[int, int], mask: np.ndarray) -> dict:
    buffer = BytesIO()
    Image.fromarray(mask.astype(np.uint8) * 255).save(buffer, "PNG")
    x, y = corner
    end = (x + mask.shape[1] - 1, y + mask.shape[0] - 1)
    return {
        **labelme_shape(label, [corner, end], "mask"),
        "mask": base64.b64encode(buffer.getvalue()).decode(),
    }


def test_shapes_of_a_label_are_united_and_labels_may_overlap(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png")
    shapes = [
        labelme_shape("cat", SQUARE),
        labelme_shape("cat", SQUARE),
        labelme_shape("dog", [(5, 5), (9, 9)], "rectangle"),
    ]
    write_labelme(tmp_path / "a.json", shapes)
    assert pixels_of(tmp_path) == {"cat": [49], "dog": [25], "background": [600 - 49 - 25 + 16]}


def test_every_kind_of_area_is_drawn(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png")
    letter = np.zeros((4, 6), bool)
    letter[0], letter[:, 0] = True, True
    shapes = [
        labelme_shape("rectangle", [(12, 9), (3, 5)], "rectangle"),
        labelme_shape("circle", [(10, 10), (14, 10)], "circle"),
        labelme_shape("turned", [(2, 2), (6, 2), (6, 6), (2, 6)], "oriented_rectangle"),
        {"label": "old", "points": [[0, 0], [4, 0], [4, 4], [0, 4]]},
        mask_shape("mask", (20, 10), letter),
        mask_shape("cut", (28, 18), letter),
    ]
    write_labelme(tmp_path / "a.json", shapes)
    found = pixels_of(tmp_path)
    assert {key: found[key] for key in ("rectangle", "turned", "old", "mask", "cut")} == {
        "rectangle": [50], "turned": [25], "old": [25], "mask": [9], "cut": [3],
    }  # fmt: skip
    assert found["circle"][0] == pytest.approx(np.pi * 4.5**2, abs=6)


@given(st.lists(st.tuples(st.floats(-5, 35), st.floats(-5, 25)), min_size=3, max_size=8))
def test_a_polygon_is_drawn_as_labelme_exports_it(points: list[tuple[float, float]]) -> None:
    # labelme.utils.shape_to_mask, written out.
    from PIL import ImageDraw

    wanted = Image.new("1", (30, 20))
    ImageDraw.Draw(wanted).polygon(points, outline=1, fill=1)
    content = {"shapes": [labelme_shape("a", points)]}
    file = parse_labelme(json.dumps(content).encode(), "a.json")
    regions, _ = draw_shapes(file.shapes, 20, 30)
    assert (decode(regions["a"]) == np.asarray(wanted)).all()


def test_points_and_lines_are_counted_among_what_is_left_out(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_png(tmp_path / f"{name}.png")
    lines = [labelme_shape("x", [(1, 1), (5, 5)], kind) for kind in ("line", "linestrip")]
    write_labelme(tmp_path / "a.json", [*lines, labelme_shape("x", [(1, 1)], "point")])
    broken = [
        labelme_shape("x", [(1, 1), (2, 2)]), labelme_shape("x", [(1, 1), (float("nan"), 2), (3, 3)]),
        labelme_shape("x", [(1, 1)], "circle"), labelme_shape("x", SQUARE, "blob"), labelme_shape("", SQUARE),
        labelme_shape("x", [(1, 1), (1e9, 2), (3, 3)]), {"label": "x", "points": "none"}, 7,
        labelme_shape("x", [(1, 1), (2, 2)], "mask"), {"label": 5, "points": []},
        {**labelme_shape("x", [(1, 1), (2, 2)], "mask"), "mask": base64.b64encode(b"no PNG").decode()},
        labelme_shape("x", [(100, 100), (110, 100), (105, 110)]),
    ]  # fmt: skip
    write_labelme(tmp_path / "b.json", [*broken, labelme_shape("cat", SQUARE)])
    scanned = scan_dataset(labelme_spec(tmp_path), None, None)
    told = {item.problem.partition(": ")[2]: (item.file, item.problem[:2]) for item in scanned.problems}
    assert told == {
        "points and lines cover no area": ("a.json", "3 "),
        "the shape has too few points, or points that are no finite numbers": ("b.json", "5 "),
        "the kind of shape is not known": ("b.json", "1 "),
        "the shape has no label": ("b.json", "3 "),
        "the shape holds no picture of its mask": ("b.json", "1 "),
        "the picture of its mask is damaged": ("b.json", "1 "),
        "the shape lies outside of its picture": ("b.json", "1 "),
    }
    assert scanned.presence.sum() == 3  # background in both, the cat


def test_what_is_left_out_is_told_again_from_the_cache(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png")
    write_labelme(tmp_path / "a.json", [labelme_shape("x", [(1, 1)], "point")])
    spec, cache = labelme_spec(tmp_path), tmp_path / "c"
    assert scan_dataset(spec, cache).problems == scan_dataset(spec, cache).problems != ()


def test_ignored_areas_are_void_and_background_labels_are_background(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png")
    shapes = [
        labelme_shape("cat", SQUARE),
        labelme_shape("__ignore__", [(0, 0), (5, 19)], "rectangle"),
        labelme_shape("_background_", [(20, 0), (29, 19)], "rectangle"),
    ]
    write_labelme(tmp_path / "a.json", shapes)
    assert pixels_of(tmp_path, void=("__ignore__",)) == {"cat": [21], "background": [480 - 21]}


def test_the_image_is_beside_the_file_or_where_it_says_or_inside_it(tmp_path: Path) -> None:
    write_png(tmp_path / "set" / "a.png")
    write_png(tmp_path / "images" / "other.png")
    write_png(tmp_path / "images" / "c.png")
    write_labelme(tmp_path / "set" / "a.json", [])
    write_labelme(tmp_path / "set" / "b.json", [], "..\\images\\other.png")
    write_labelme(tmp_path / "set" / "c.json", [], "/home/someone/c.png")
    write_labelme(tmp_path / "set" / "d.json", [labelme_shape("cat", SQUARE)], data=png(value=77))
    spec = labelme_spec(tmp_path, "images", "set")
    samples, problems, count = find_samples(spec)
    assert [sample.id for sample in samples] == [
        "images/c.png",
        "images/other.png",
        "set/a.png",
        "set/d.json",
    ]
    assert (problems, count) == ([], 4)
    inside = samples[3]
    assert read_display(spec, inside, 15).shape == (10, 15, 3)
    assert (read_pixels(spec, inside) == 77).all()
    assert scan_dataset(spec, None).problems == ()


def test_images_that_are_nowhere_become_problems_unless_all_are(tmp_path: Path) -> None:
    write_labelme(tmp_path / "a.json", [labelme_shape("cat", SQUARE)])
    assert [sample.image for sample in find_samples(labelme_spec(tmp_path))[0]] == [None]
    assert pixels_of(tmp_path)["cat"] == [49]
    write_png(tmp_path / "b.png")
    write_labelme(tmp_path / "b.json", [])
    samples, problems, count = find_samples(labelme_spec(tmp_path))
    assert ([sample.id for sample in samples], [item.file for item in problems], count) == (
        ["b.png"], ["a.json"], 2,
    )  # fmt: skip
    alone, problems, _ = find_samples(labelme_spec(tmp_path, pairing={"rule": "none"}))
    assert ([sample.id for sample in alone], problems) == (["a.json", "b.json"], [])


def test_two_files_of_one_image_are_a_problem(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png")
    write_labelme(tmp_path / "a.json", [])
    write_labelme(tmp_path / "b.json", [], "a.png")
    samples, problems, _ = find_samples(labelme_spec(tmp_path))
    assert (len(samples), problems[0].file) == (1, "b.json")
    assert "same image as a.json" in problems[0].problem


def test_sizes_that_disagree_are_a_problem(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", 20, 40)
    write_labelme(tmp_path / "a.json", [])
    write_labelme(tmp_path / "b.json", [], data=png(7, 7))
    write_png(tmp_path / "c.png", 12, 13)
    write_labelme(tmp_path / "c.json", [], size=None)
    scanned = scan_dataset(labelme_spec(tmp_path), None)
    assert [(sample.id, *size) for sample, size in zip(scanned.samples, scanned.sizes, strict=True)] == [
        ("c.png", 12, 13)
    ]
    assert [item.file for item in scanned.problems] == ["a.png", "b.json"]


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", '{"shapes": 3}', "7", "[" * 100_000,
        '{"shapes": [], "imageHeight": 999999, "imageWidth": 999999}',
    ],
)  # fmt: skip
def test_broken_files_are_named_and_stop_nothing(tmp_path: Path, text: str) -> None:
    for name in ("a", "b"):
        write_png(tmp_path / f"{name}.png")
    (tmp_path / "a.json").write_text(text)
    write_labelme(tmp_path / "b.json", [])
    scanned = scan_dataset(labelme_spec(tmp_path), None)
    assert [sample.id for sample in scanned.samples] == ["b.png"]
    assert scanned.problems[0].file in ("a.png", "a.json")


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no JSON file"):
        find_samples(labelme_spec(tmp_path))


@pytest.mark.real_data
@pytest.mark.parametrize("part", ["semantic_segmentation", "instance_segmentation"])
def test_areas_equal_those_that_labelme_exported(part: str, real_data: Path) -> None:
    """The exported masks keep one class a pixel, the later shape on top; ours keep both.

    So the background must be equal to the pixel, and where a class is not what was exported, another class
    must lie over it. One pixel of slack: a fill rule of Pillow has changed since 2019.
    """
    root = real_data / "labelme_polygons_voc" / part
    spec = labelme_spec(root, "data_annotated", "data_annotated", void=("__ignore__",))
    scanned = scan_dataset(spec, None)
    assert (len(scanned.samples), scanned.problems) == (3, ())
    names = (root / "data_dataset_voc" / "class_names.txt").read_text().split("\n")
    for sample in scanned.samples:
        label = read_label(scanned.spec, scanned.classes, sample)
        with Image.open(
            root / "data_dataset_voc" / "SegmentationClass" / f"{Path(sample.id).stem}.png"
        ) as png_:
            exported = np.asarray(png_)
        shared = label.stack().sum(axis=0) > 1
        for place, item in enumerate(scanned.classes):
            background = item.role is ClassRole.BACKGROUND
            wanted = exported == (0 if background else names.index(item.name))
            differing = label.region(place) != wanted
            assert (differing & ~shared).sum() <= (0 if background else 1)
        void = ~label.stack().any(axis=0)
        assert (void != (exported == 255)).sum() == 0


def test_a_broken_file_is_named_once_in_the_problem_list(tmp_path: Path) -> None:
    write_labelme(tmp_path / "a.json", [labelme_shape("cat", [[2, 2], [8, 2], [8, 8]])])
    write_png(tmp_path / "a.png")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    _, problems, _ = find_samples(labelme_spec(tmp_path))
    assert [item.file for item in problems] == ["deep.json"]
    assert "deep.json" not in problems[0].problem
    assert not problems[0].problem.endswith(".")
