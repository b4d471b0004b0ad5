"""What is solved, and said to be less than hoped."""

import pytest

from core.balancing import find_warnings
from core.domain.balance import Bounds
from tests.balancing.golden import ROW_ZERO, make_raw, make_s1_table, make_spec, make_table

TABLE = make_s1_table()


def test_a_plain_spec_has_no_warnings():
    assert find_warnings(TABLE, make_spec(TABLE, TABLE.shares)) == []


def test_images_that_are_all_alike_are_said_to_stay():
    table = make_table([[1, 0]] * 3)
    assert "All images hold the same classes" in find_warnings(table, make_spec(table, [0.5, 0.0]))[0]


def test_one_class_is_said_to_have_no_counterpart():
    table = make_table([[1], [0]])
    assert find_warnings(table, make_spec(table, [0.7])) == [
        "There is one class only: its share can be set, but there is nothing to balance it against."
    ]


def test_a_class_in_every_image_is_said_to_stay():
    warnings = find_warnings(TABLE, make_spec(TABLE, [0.5, *TABLE.shares[1:]]))
    assert warnings == ["'disc' is in every image: its share stays 100.0 %, not 50.0 %."]


@pytest.mark.parametrize(("cap", "points"), [(5, 32), (10, 20), (20, 7)])
def test_caps_too_tight_for_the_target_name_the_worst_class(cap, points):
    bounds = Bounds(total=500, max_copies=cap, keep_originals=True)
    warnings = find_warnings(TABLE, make_spec(TABLE, ROW_ZERO, make_raw(1e-4), bounds=bounds))
    assert len(warnings) == 1
    assert "all originals kept and at most" in warnings[0]
    missed = float(warnings[0].split("by ")[1].split(" percentage")[0])
    assert missed == pytest.approx(points, abs=2.0)


def test_a_size_too_small_for_a_rare_class_is_said():
    spec = make_spec(TABLE, TABLE.shares, bounds=Bounds(total=5))
    assert any("less than half an image" in text and "'fresh'" in text for text in find_warnings(TABLE, spec))
