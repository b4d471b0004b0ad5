"""A split that leaks is refused, whoever made it."""

import numpy as np
import pytest

from core.errors import SplitError
from core.splitting import check_no_leakage


def test_groups_in_one_fold_each_pass():
    check_no_leakage(["a", "a", "b"], ["1", "1", "2"], [0, 0, 1])


def test_a_group_in_two_folds_is_named():
    with pytest.raises(SplitError, match=r"1 group is in more than one fold \('eye 1' in folds 1, 3\)"):
        check_no_leakage(["eye 1", "eye 1", "b"], None, np.array([0, 2, 1]))


def test_equal_content_in_two_folds_is_named_although_the_groups_differ():
    with pytest.raises(SplitError, match="1 image content is in more than one fold"):
        check_no_leakage(["a", "b"], ["same", "same"], [0, 1])


def test_an_empty_text_ties_nothing():
    check_no_leakage(["", "", "a"], ["", "", ""], [0, 1, 1])


def test_of_many_leaks_the_rest_is_counted():
    groups = np.repeat(np.arange(9), 2)
    with pytest.raises(SplitError, match=r"9 groups are .*and 4 more"):
        check_no_leakage(groups, None, np.tile([0, 1], 9))


def test_lengths_that_disagree_are_a_fault_of_the_caller():
    with pytest.raises(ValueError, match="2 folds are given for 1 samples"):
        check_no_leakage(["a"], None, [0, 1])
