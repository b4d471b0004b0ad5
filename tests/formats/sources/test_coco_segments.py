import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as rle
from skimage.draw import polygon2mask

from core.formats.sources.coco_segments import NO_OUTLINE, read_segment
from core.formats.sources.regions import decode, measure
from core.formats.sources.runs import parse_runs

HEIGHT, WIDTH = 40, 60


def area(outline: object, height: int = HEIGHT, width: int = WIDTH) -> int:
    segment = read_segment(outline, height, width)
    assert segment.usable, segment.fault
    return measure([segment.encode(height, width)])


@st.composite
def masks(draw: st.DrawFn) -> np.ndarray:
    height, width = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    return rng.random((height, width)) < draw(st.sampled_from([0.0, 0.03, 0.5, 0.97, 1.0]))


@st.composite
def outlines(draw: st.DrawFn) -> list[float]:
    count = draw(st.integers(3, 12))
    points = st.tuples(st.floats(-10, WIDTH + 10), st.floats(-10, HEIGHT + 10))
    return [value for _ in range(count) for value in draw(points)]


@given(masks())
def test_compressed_and_plain_runs_are_the_mask_they_were_made_of(mask: np.ndarray) -> None:
    height, width = mask.shape
    packed = rle.encode(np.asfortranarray(mask, dtype=np.uint8))
    text = packed["counts"].decode()
    runs = parse_runs(text)
    assert runs is not None
    for counts in (text, runs.tolist(), [0, 0, *runs.tolist(), 0, 0]):
        segment = read_segment({"size": [height, width], "counts": counts}, height, width)
        assert segment.encode(height, width) == packed
        assert (decode(segment.encode(height, width)) == mask).all()


# pycocotools 2.0.11 decodes with an array protocol that NumPy 2 calls outdated.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@given(outlines())
def test_a_polygon_covers_what_pycocotools_fills(outline: list[float]) -> None:
    segment = read_segment([outline], HEIGHT, WIDTH)
    dense = rle.decode(rle.frPyObjects([outline], HEIGHT, WIDTH)[0])
    if segment.usable:
        assert (decode(segment.encode(HEIGHT, WIDTH)) == dense).all()
    else:
        assert not dense.any()


@given(st.integers(3, 9), st.integers(0, 999))
def test_a_polygon_covers_about_what_scikit_image_fills(corners: int, seed: int) -> None:
    # The two round outlines differently, by half a pixel at most: together by no more than their length.
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radii = rng.uniform(5, 18, corners)
    points = np.stack([20 + radii * np.sin(angles), 30 + radii * np.cos(angles)], axis=1)  # rows, columns
    dense = polygon2mask((HEIGHT, WIDTH), points - 0.5)
    length = np.abs(np.diff(points, axis=0, append=points[:1])).sum()
    assert abs(area([points[:, ::-1].ravel().tolist()]) - dense.sum()) <= length


def test_parts_of_one_object_are_united() -> None:
    assert area([[0, 0, 10, 0, 10, 10, 0, 10], [5, 0, 15, 0, 15, 10, 5, 10]]) == 150
    assert area([0, 0, 10, 0, 10, 10, 0, 10]) == 100  # a single outline without its list


def test_what_lies_beyond_the_border_is_cut() -> None:
    assert area([[-5, -5, 5, -5, 5, 5, -5, 5]]) == 25
    assert area([[-1000, -1000, 1000, -1000, 1000, 1000, -1000, 1000]]) == HEIGHT * WIDTH


@pytest.mark.parametrize(
    ("outline", "fault"),
    [
        (None, NO_OUTLINE), ([], NO_OUTLINE), ({}, NO_OUTLINE),
        ("1 2 3", "no list of finite numbers"), (7, "no list of finite numbers"),
        ([[1, 2, 3, 4, 5, "6"]], "no list of finite numbers"),
        ([[1, 2, 3, 4, 5, None]], "no list of finite numbers"),
        ([[1, 2, 3, 4, 5, [6]]], "no list of finite numbers"),
        ([[1, 2, 3, 4, 5, math.nan]], "no list of finite numbers"),
        ([[1, 2, 3, 4, 5, -math.inf]], "no list of finite numbers"),
        ([[1, 2, 3, 4, 5, 10**400]], "no list of finite numbers"),
        ([[1, 2, 3, 4, 5, 6, 7]], "no list of finite numbers"),
        ([[1, 2, 3, 4]], "fewer than three points"), ([[]], "fewer than three points"),
        ([[100, 1, 110, 1, 105, 9]], "outside of its image"),
        ([[-9, 1, -3, 1, -5, 9]], "outside of its image"),
        ([[1e12, 1e12, 2e12, 1e12, 1e12, 2e12]], "outside of its image"),
        ([[-1e9, -1e9, 1e9, 1e9, 1e9, -1e9]], "far longer than its image"),
        ([[-1e5, 0, 1e5, 9] * 40], "far longer than its image"),
        ({"size": [HEIGHT, WIDTH]}, "do not fill"),
        ({"size": [HEIGHT, WIDTH], "counts": [5, 5]}, "do not fill"),
        ({"size": [HEIGHT, WIDTH], "counts": [-5, HEIGHT * WIDTH + 5]}, "do not fill"),
        ({"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH / 1]}, "do not fill"),
        ({"size": [HEIGHT, WIDTH], "counts": [[1], [2, 3]]}, "do not fill"),
        ({"size": [HEIGHT, WIDTH], "counts": "~~~~"}, "do not fill"),
        ({"size": [HEIGHT, WIDTH], "counts": "ooooooooooooooooooooooo1"}, "do not fill"),
        ({"size": [HEIGHT, WIDTH], "counts": "\u00e9"}, "do not fill"),
        ({"size": [HEIGHT, WIDTH], "counts": ""}, "do not fill"),
        ({"size": [9, 9], "counts": [81]}, "another size"),
        ({"size": "big", "counts": [81]}, "another size"),
    ],
)  # fmt: skip
def test_an_outline_that_cannot_be_drawn_is_named(outline: object, fault: str) -> None:
    segment = read_segment(outline, HEIGHT, WIDTH)
    assert fault in segment.fault
    assert not segment.usable


def test_a_good_part_is_kept_beside_a_bad_one() -> None:
    segment = read_segment([[1, 2, 3, 4], [0, 0, 10, 0, 10, 10, 0, 10]], HEIGHT, WIDTH)
    assert "three points" in segment.fault
    assert measure([segment.encode(HEIGHT, WIDTH)]) == 100
