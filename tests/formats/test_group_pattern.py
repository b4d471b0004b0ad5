"""Groups by name."""

import pytest

from core.errors import DatasetError
from core.formats.group_pattern import build_group_finder


@pytest.mark.parametrize(
    ("pattern", "group"),
    [
        ("^[^_]+", "1d4f"),  # the file name comes first
        ("^image-chips/([0-9a-f]+)_", "1d4f"),  # then the path
        (r"_(\d+)\.png$", "0002"),  # the capture group, where there is one
        (r"image-chips", "image-chips"),
        ("nothing", ""),
        ("(x)?1d4f", ""),  # a capture group that took no part
    ],
)
def test_a_pattern_finds_the_group_in_the_name_or_else_in_the_path(pattern, group):
    assert build_group_finder(pattern)("image-chips/1d4f_F1_0002.png") == group


def test_without_a_pattern_there_are_no_groups():
    assert build_group_finder(None)("a/b.png") == ""


def test_what_is_no_regular_expression_is_refused_with_an_example():
    with pytest.raises(DatasetError, match=r"'\(' is no regular expression .*for example"):
        build_group_finder("(")
