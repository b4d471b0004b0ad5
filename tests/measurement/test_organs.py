import numpy as np
import pytest

from core.domain.masks import LabelMask
from core.measurement.cases import measure_case
from core.measurement.organs import find_pairs, measure_chest, measure_halves, measure_pair


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["left lung", "right lung"], [(0, 1)]),
        (["Lung_R", "Lung_L", "heart"], [(1, 0)]),
        (["lt-hilum", "rt-hilum"], [(0, 1)]),
        (["left lung", "right kidney"], []),
        (["left", "right"], []),
        (["left lung", "right lung", "lung right"], []),
        (["lung", "heart"], []),
    ],
)
def test_left_and_right_are_found_by_name(names: list[str], pairs: list[tuple[int, int]]) -> None:
    assert find_pairs(names) == pairs


def test_the_ratio_of_a_pair_is_left_over_right() -> None:
    left, right = np.zeros((2, 4, 4), bool)
    right[:2] = left[0] = True
    assert measure_pair("lungs", left, right).value == 0.5
    assert measure_pair("lungs", left, np.zeros_like(right)).value is None


def test_two_organs_in_one_class_are_compared_by_size() -> None:
    region = np.zeros((6, 12), bool)
    region[1:3, 1:3] = region[1:5, 6:10] = True
    region[0, 11] = True  # a speck
    assert measure_halves(region).value == 4 / 16
    assert measure_halves(region[:, :4]).value is None


def test_widths_of_the_chest_are_those_of_the_drawing() -> None:
    lungs, heart = np.zeros((2, 20, 40), bool)
    lungs[2:18, 4:16] = lungs[2:18, 24:36] = True
    lungs[17, 2] = True  # the widest row: columns 2 to 35
    heart[10:16, 14:30] = True
    values = {(item.name, item.unit): item.value for item in measure_chest(lungs, heart, 0.5)}
    assert values == {
        ("width across both lungs", "px"): 34,
        ("width across both lungs", "mm"): 17,
        ("width of the heart", "px"): 16,
        ("width of the heart", "mm"): 8,
        ("cardiothoracic ratio", ""): 16 / 34,
    }


def test_without_lungs_heart_or_spacing_widths_are_not_known() -> None:
    empty = np.zeros((5, 5), bool)
    assert all(item.value is None for item in measure_chest(empty, empty, 1.0))
    lungs = np.ones((5, 5), bool)
    assert [item.value for item in measure_chest(lungs, None, None)] == [5, None]


def test_a_case_is_measured_class_by_class_and_between_organs() -> None:
    pixels = np.zeros((10, 20), np.int16)
    pixels[2:8, 2:8], pixels[2:8, 12:15], pixels[4:8, 8:12] = 1, 2, 3
    names = ["background", "left lung", "right lung", "heart"]
    found = measure_case(LabelMask(pixels, 4), names, (1.0, 1.0), [1, 2, 3])
    assert [item.name for item in found] == ["left lung", "right lung", "heart", "between organs"]
    between = {(item.name, item.unit): item.value for item in found[-1].measures}
    assert between["left lung and right lung: left / right", ""] == 2
    assert between["cardiothoracic ratio", ""] == 4 / 13


def test_a_case_without_organs_to_compare_has_its_classes_only() -> None:
    found = measure_case(LabelMask(np.zeros((4, 4), np.int16), 1), ["disc"], None, [0])
    assert [item.name for item in found] == ["disc"]
