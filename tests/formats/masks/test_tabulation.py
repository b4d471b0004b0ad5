from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.domain.classes import ClassRole, ClassSpec
from core.formats.masks.tabulation import flatten, join_classes, look_up
from tests.formats.files import build_spec, named

FILES = st.lists(st.dictionaries(st.integers(0, 9), st.integers(1, 2**40), max_size=6), max_size=8)


@given(FILES)
def test_spreading_sums_every_entry_into_its_cell(files: list[dict[int, int]]) -> None:
    flat = flatten(
        (np.array(list(counts), dtype=np.int64), np.array(list(counts.values()), dtype=np.int64))
        for counts in files
    )
    columns = np.where(flat.values < 7, flat.values // 2, -1)
    expected = np.zeros((len(files), 4), dtype=np.int64)
    for row, counts in enumerate(files):
        for value, pixels in counts.items():
            if value < 7:
                expected[row, value // 2] += pixels
    assert np.array_equal(flat.spread(columns, 4), expected)


def test_look_up_leaves_unknown_values_out() -> None:
    assert look_up(np.array([5, -3, 900, 6]), {900: 0, -3: 1}).tolist() == [-1, 1, 0, -1]
    assert look_up(np.array([5]), {}).tolist() == [-1]
    assert look_up(np.zeros(0, dtype=np.int64), {1: 0}).tolist() == []


def test_known_classes_come_first_and_void_is_left_out(tmp_path: Path) -> None:
    spec = build_spec(tmp_path, classes=named(("2", "two"), ("9", "nine")), void=("9",))
    assert [item.key for item in join_classes(spec, ["1", "2", "9"])] == ["2", "1"]


def test_roles_are_proposed_only_where_the_spec_says_nothing(tmp_path: Path) -> None:
    def propose(key: str) -> ClassRole:
        return ClassRole.BACKGROUND

    assert join_classes(build_spec(tmp_path), ["0"], propose)[0].role is ClassRole.BACKGROUND
    spec = build_spec(tmp_path, classes=(ClassSpec(key="1", name="one"),))
    assert join_classes(spec, ["0"], propose)[1].role is ClassRole.CLASS
