"""The commonest combinations, in the same order as everywhere."""

import numpy as np
import pytest

from core.domain.label_table import LabelTable
from pages._ui.dataset.combinations import most_common


@pytest.fixture
def table() -> LabelTable:
    return LabelTable(
        class_names=("disc", "Vessels"),
        vectors=np.array([[0, 0], [1, 0], [1, 1]], np.uint8),
        multiplicities=np.array([1, 3, 6]),
        row_of_sample=np.repeat([0, 1, 2], [1, 3, 6]),
        sample_ids=tuple(f"eye_{i}" for i in range(10)),
    )


def test_the_commonest_combination_comes_first_with_its_share(table: LabelTable) -> None:
    lines, found = most_common(table, most=2)
    assert lines["combination"].tolist() == ["disc + Vessels", "disc"]
    assert lines["share"].tolist() == [0.6, 0.3]
    assert found == 3


def test_an_image_without_any_class_has_a_name_too(table: LabelTable) -> None:
    assert most_common(table, most=9)[0]["combination"].tolist()[-1] == "no class"


def test_a_word_finds_classes_in_whatever_case(table: LabelTable) -> None:
    lines, found = most_common(table, most=9, word="vess")
    assert (lines["images"].tolist(), found) == ([6], 1)
    assert most_common(table, most=9, word="nothing")[1] == 0
