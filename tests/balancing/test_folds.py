"""The spec on a part of the dataset."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.balancing import check_bounds, restrict_spec, restrict_table
from core.domain.balance import Bounds
from tests.balancing.golden import make_random_table, make_spec, make_table


def test_a_part_holds_the_same_vectors_as_its_samples():
    table = make_random_table(1)
    chosen = np.array([3, 5, 8, 13, 21, 34, 55])
    part = restrict_table(table, chosen)
    assert part.sample_ids == tuple(f"image{place}" for place in chosen)
    assert np.array_equal(part.vectors[part.row_of_sample], table.vectors[table.row_of_sample[chosen]])
    assert part.multiplicities.sum() == 7


def test_the_size_shrinks_in_proportion():
    table = make_table([[1]] * 12)
    part = restrict_table(table, np.arange(8))
    spec, _ = restrict_spec(table, make_spec(table, [1.0], bounds=Bounds(total=100)), part)
    assert spec.bounds.total == 67
    spec, _ = restrict_spec(table, make_spec(table, [1.0]), part)
    assert spec.bounds.total is None


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 6), st.booleans(), st.integers(1, 240))
def test_bounds_that_the_whole_could_keep_the_part_can_keep(images, kept, most, keep, total):
    kept = min(kept, images)
    total = max(min(total, most * images), images if keep else 1)
    table = make_table([[1]] * images)
    spec = make_spec(table, [1.0], bounds=Bounds(total=total, max_copies=most, keep_originals=keep))
    part, _ = restrict_spec(table, spec, restrict_table(table, np.arange(kept)))
    check_bounds(images, spec.bounds)
    check_bounds(kept, part.bounds)


def test_a_class_that_the_part_lacks_is_asked_for_no_more_and_said():
    table = make_table([[1, 0], [1, 1], [1, 0]])
    part = restrict_table(table, np.array([0, 2]))
    spec, notes = restrict_spec(table, make_spec(table, [1.0, 0.4]), part)
    assert [item.share for item in spec.targets] == [1.0, 0.0]
    assert notes == [
        "'c1' occurs in no image of the training part, so it cannot be raised to 40.0 %; its target there "
        "is 0 %."
    ]


def test_a_target_of_nothing_needs_no_note():
    table = make_table([[1, 0], [1, 1]])
    _, notes = restrict_spec(table, make_spec(table, [1.0, 0.0]), restrict_table(table, np.array([0])))
    assert notes == []


def test_everything_else_stays_as_it_was():
    table = make_table([[1, 0], [1, 1], [0, 1]])
    spec = make_spec(table, [0.6, 0.5], bounds=Bounds(max_copies=3), weights=[2, 1])
    part, _ = restrict_spec(table, spec, restrict_table(table, np.array([0, 1])))
    assert part == spec


@pytest.mark.parametrize("samples", [[0, 1, 2], [2]])
def test_classes_keep_their_places(samples):
    table = make_table([[1, 0, 0], [1, 1, 0], [0, 1, 0]], ["a", "b", "c"])
    assert restrict_table(table, np.array(samples)).class_names == ("a", "b", "c")
