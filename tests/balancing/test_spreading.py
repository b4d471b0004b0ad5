"""Copies of a group, shared out among its images."""

import numpy as np
import pytest

from core.balancing import spread_copies, summarise_copies
from core.domain.balance import Bounds
from core.errors import InfeasibleError
from tests.balancing.golden import make_s1_table, make_table

TABLE = make_table([[1, 0]] * 5 + [[0, 1]] * 3)


def test_images_of_a_group_get_the_floor_or_the_ceiling():
    copies = spread_copies(TABLE, np.array([12, 1]), seed=0)
    assert sorted(copies[:5].tolist()) == [2, 2, 2, 3, 3]
    assert sorted(copies[5:].tolist()) == [0, 0, 1]


def test_copies_of_a_group_sum_to_what_was_asked():
    table = make_s1_table()
    asked = np.arange(len(table.vectors)) * 7
    copies = spread_copies(table, asked, seed=3)
    assert (np.bincount(table.row_of_sample, weights=copies) == asked).all()


def test_the_seed_decides_who_gets_the_remainder():
    draws = {tuple(spread_copies(TABLE, np.array([6, 3]), seed=seed)) for seed in range(40)}
    assert len(draws) == 5
    same = [tuple(spread_copies(TABLE, np.array([6, 3]), seed=7)) for _ in range(2)]
    assert same[0] == same[1]


def test_copies_beyond_a_cap_are_refused():
    with pytest.raises(InfeasibleError, match="copied 3 times"):
        spread_copies(TABLE, np.array([12, 3]), seed=0, bounds=Bounds(max_copies=2))


def test_a_dropped_original_is_refused_where_all_are_kept():
    with pytest.raises(InfeasibleError, match="originals would be dropped"):
        spread_copies(TABLE, np.array([4, 3]), seed=0, bounds=Bounds(keep_originals=True))


def test_a_summary_counts_duplicates_and_dropped_images():
    summary = summarise_copies(np.array([3, 1, 0, 0]))
    assert (summary.total, summary.duplicates, summary.dropped, summary.max_copies) == (4, 2, 2, 3)
    assert summary.ess == pytest.approx(16 / 10 / 4)


def test_a_summary_of_no_copies_has_no_sample_size():
    assert summarise_copies(np.zeros(3, np.int64)).ess == 0.0
