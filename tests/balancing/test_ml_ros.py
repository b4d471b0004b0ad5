"""Random clones of the images of minority labels."""

import numpy as np
import pytest

from core.balancing import build_problem
from core.balancing.ml_ros import clone_minorities
from tests.balancing.golden import ROW_ZERO, make_s1_table, make_spec, make_table


def build(table, target):
    return build_problem(table, make_spec(table, target))


def test_only_images_of_minority_labels_are_cloned():
    table = make_table([[1, 0, 0]] * 10 + [[1, 1, 0]] * 8 + [[1, 0, 1]] * 2)
    problem = build(table, [1.0, 0.4, 0.5])
    copies, share = clone_minorities(problem)
    group = np.repeat(np.arange(3), problem.multiplicities)
    rare = problem.labels.rows.toarray()[group, 2] == 1
    assert np.all(copies[~rare] == 1)
    assert copies[rare].sum() - 2 == round(share * 20) > 0


LONG_TAIL = make_table([[1, 0]] * 18 + [[0, 1]] * 2)  # imbalance 1 and 9, mean 5


def test_it_stops_where_the_distance_is_least():
    copies, share = clone_minorities(build(LONG_TAIL, [18 / 21, 3 / 21]))
    assert copies.sum() == 21
    assert share == pytest.approx(1 / 20)


def test_it_stops_where_no_label_is_a_minority_any_more_although_the_target_is_farther():
    copies, _ = clone_minorities(build(LONG_TAIL, [0.5, 0.5]))
    assert copies.sum() == 22  # 18 to 4: imbalance 4.5


def test_the_same_seed_gives_the_same_clones():
    problem = build(make_s1_table(), ROW_ZERO)
    assert np.array_equal(clone_minorities(problem, 1)[0], clone_minorities(problem, 1)[0])
    assert not np.array_equal(clone_minorities(problem, 1)[0], clone_minorities(problem, 2)[0])


@pytest.mark.parametrize("rows", [[[1], [1]], [[0], [0]], [[1, 0], [0, 1]]])
def test_where_no_label_is_a_minority_nothing_is_cloned(rows):
    table = make_table(rows)
    copies, share = clone_minorities(build(table, table.shares))
    assert copies.tolist() == [1, 1]
    assert share == 0
