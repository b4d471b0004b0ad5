"""Ties of several kinds, taken together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.splitting import join_groups

TEXTS = st.sampled_from(["", "a", "b", "c", "d"])
TIES = st.integers(0, 12).flatmap(
    lambda count: st.tuples(
        st.just(count), st.lists(st.lists(TEXTS, min_size=count, max_size=count), max_size=3)
    )
)


def join_slowly(count, ties):
    """Merge sets of samples until nothing changes."""
    groups = [{place} for place in range(count)]
    for tie in ties:
        for text in set(tie) - {""}:
            tied = {place for place, own in enumerate(tie) if own == text}
            groups = [group for group in groups if not group & tied] + [
                set().union(*(group for group in groups if group & tied))
            ]
    return {frozenset(group) for group in groups}


@given(TIES)
def test_groups_are_the_chains_of_equal_texts(case):
    count, ties = case
    found = join_groups(count, *ties)
    sets = {frozenset(np.flatnonzero(found == group).tolist()) for group in np.unique(found)}
    assert sets == join_slowly(count, ties)


def test_groups_are_numbered_as_they_occur():
    assert join_groups(5, ["z", "", "a", "z", ""]).tolist() == [0, 1, 2, 0, 3]


def test_without_ties_each_sample_is_alone():
    assert join_groups(3).tolist() == [0, 1, 2]


def test_a_tie_of_another_length_is_a_fault_of_the_caller():
    with pytest.raises(ValueError, match="2 texts; 3 samples"):
        join_groups(3, ["a", "a"])
