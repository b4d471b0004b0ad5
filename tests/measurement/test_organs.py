import numpy as np
import pytest
from pydantic import ValidationError

from core.domain.masks import LabelMask
from core.domain.measuring import OrganChoice
from core.measurement.cases import measure_case
from core.measurement.organs import find_pairs, guess_organs, measure_chest, measure_halves, measure_pair


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
    assert measure_halves("lungs:", region).value == 4 / 16
    assert measure_halves("lungs:", region[:, :4]).value is None


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
    found = measure_case(LabelMask(pixels, 4), names, (1.0, 1.0), [1, 2, 3], guess_organs(names))
    assert [item.name for item in found] == ["left lung", "right lung", "heart", "between organs"]
    between = {(item.name, item.unit): item.value for item in found[-1].measures}
    assert between["left lung and right lung: left / right", ""] == 2
    assert between["cardiothoracic ratio", ""] == 4 / 13


def test_a_case_without_organs_to_compare_has_its_classes_only() -> None:
    found = measure_case(LabelMask(np.zeros((4, 4), np.int16), 1), ["disc"], None, [0], OrganChoice())
    assert [item.name for item in found] == ["disc"]


def test_organs_are_guessed_from_names() -> None:
    apart = guess_organs(["Background", "left_lung", "right_lung", "Cardiac silhouette"])
    assert apart.pairs == (("left_lung", "right_lung"),)
    assert (apart.lungs, apart.heart, apart.doubles) == (
        ("left_lung", "right_lung"),
        "Cardiac silhouette",
        (),
    )
    assert guess_organs(["disc", "cup", "heart failure", "lung opacity"]) == OrganChoice()
    assert guess_organs(["both kidneys"]).doubles == ("both kidneys",)


def test_both_lungs_in_one_class_are_compared_and_give_the_chest() -> None:
    pixels = np.zeros((10, 20), np.int16)
    pixels[2:8, 2:8], pixels[2:8, 12:15], pixels[4:8, 8:12] = 1, 1, 2
    names = ["background", "lungs", "heart"]
    pixels[2:8, 8] = 0
    found = measure_case(LabelMask(pixels, 3), names, None, [1, 2], guess_organs(names))
    between = {item.name: item.value for item in found[-1].measures if item.unit != "mm"}
    assert between["lungs: smaller / larger of the two largest parts"] == 0.5
    assert between["cardiothoracic ratio"] == 3 / 13


def test_organs_that_the_mask_lacks_are_passed_over() -> None:
    organs = OrganChoice(pairs=(("a", "b"),), lungs=("a",), heart="b", doubles=("c",))
    assert len(measure_case(LabelMask(np.zeros((4, 4), np.int16), 1), ["disc"], None, [0], organs)) == 1


def test_one_class_cannot_be_two_organs() -> None:
    with pytest.raises(ValidationError, match="left and right of a pair are one class"):
        OrganChoice(pairs=(("lung", "lung"),))
    with pytest.raises(ValidationError, match="heart and lungs are one class"):
        OrganChoice(lungs=("chest",), heart="chest")
