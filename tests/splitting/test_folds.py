"""Folds by group: disjoint, even, and honest about what cannot be split."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import SplitError
from core.splitting import check_no_leakage, split_groups
from core.splitting.loads import build_loads


def name(count):
    return [f"c{column}" for column in range(count)]


def draw(seed, groups=12, classes=4, most=4):
    """Groups of 1 to `most` samples with classes of very different frequency."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), rng.integers(1, most + 1, groups))
    presence = rng.random((group.size, classes)) < np.geomspace(0.05, 0.9, classes)
    return presence, group


@st.composite
def cases(draw_value):
    seed = draw_value(st.integers(0, 10_000))
    groups = draw_value(st.integers(2, 14))
    presence, group = draw(seed, groups, draw_value(st.integers(0, 5)))
    return presence, group, draw_value(st.integers(2, groups)), seed


@given(cases())
@settings(max_examples=30, deadline=None)
def test_every_group_is_in_one_fold_and_no_fold_is_empty(case):
    presence, group, folds, seed = case
    split = split_groups(presence, name(presence.shape[1]), group, folds, seed)
    check_no_leakage(group, None, split.fold)
    assert sorted(np.unique(split.fold)) == list(range(folds))
    assert split.sizes.tolist() == [split.test(fold).size for fold in range(folds)]
    assert split.class_counts.tolist() == [
        presence[split.test(fold)].sum(0).tolist() for fold in range(folds)
    ]


@given(cases())
@settings(max_examples=20, deadline=None)
def test_what_cannot_be_split_is_what_too_few_groups_hold(case):
    presence, group, folds, seed = case
    split = split_groups(presence, name(presence.shape[1]), group, folds, seed)
    holders = {
        f"c{column}": len(set(group[presence[:, column]].tolist())) for column in range(presence.shape[1])
    }
    assert {item.name: item.groups for item in split.unsplittable} == {
        key: held for key, held in holders.items() if held < folds
    }


def test_tiny_cases_are_nearly_as_even_as_the_best_of_all():
    ratios = []
    every = np.eye(3)[[fold for fold in product(range(3), repeat=7) if len(set(fold)) == 3]]
    for seed in range(25):
        presence, group = draw(seed, groups=7, classes=3)
        split = split_groups(presence, name(3), group, 3, seed)
        _, first = np.unique(group, return_index=True)
        loads = build_loads(presence, group, 7, 3)
        found = loads.compute_cost(loads.sum_folds(split.fold[first], 3))
        held = np.einsum("agf,gc->afc", every, loads.rows.toarray())
        best = ((held - loads.wanted) ** 2 @ loads.weights).sum(axis=1).min()
        ratios.append((found + 1e-9) / (best + 1e-9))
    assert np.mean(np.isclose(ratios, 1.0)) >= 0.8
    assert max(ratios) < 1.5


def test_the_worst_class_is_more_even_than_in_a_random_split_by_group():
    gains = []
    for seed in range(15):
        presence, group = draw(seed, groups=60, classes=8)
        split = split_groups(presence, name(8), group, 5, seed)
        fold = np.random.default_rng(seed).permutation(np.arange(60) % 5)[group]
        counts = np.array([presence[fold == part].sum(0) for part in range(5)])
        part = counts.sum(0) / 5
        split_able = [item not in {lost.name for lost in split.unsplittable} for item in name(8)]
        random = (np.abs(counts - part).max(0)[split_able] / part[split_able]).max()
        gains.append(random - split.worst_deviation)
    assert np.median(gains) > 0.2
    assert min(gains) >= 0


def test_one_image_a_group_spreads_every_class_to_within_one_image():
    rng = np.random.default_rng(3)
    presence = rng.random((300, 10)) < np.geomspace(0.02, 0.9, 10)
    split = split_groups(presence, name(10), np.arange(300), 5)
    assert (split.class_counts.max(0) - split.class_counts.min(0)).max() <= 1
    assert split.sizes.tolist() == [60] * 5


def test_a_rare_class_is_in_every_fold_where_its_groups_allow_it():
    presence = np.zeros((40, 2), bool)
    presence[:3, 0] = True
    split = split_groups(presence, ["rare", "never"], np.arange(40), 3)
    assert split.class_counts[:, 0].tolist() == [1, 1, 1]
    assert [(item.name, item.groups, item.images) for item in split.unsplittable] == [("never", 0, 0)]
    assert split.deviations[0] == 0
    assert np.isnan(split.deviations[1])


def test_the_same_seed_gives_the_same_folds_and_another_seed_others():
    presence, group = draw(5, groups=40)
    folds = [split_groups(presence, name(4), group, 3, seed).fold for seed in (1, 1, 2)]
    assert np.array_equal(folds[0], folds[1])
    assert not np.array_equal(folds[0], folds[2])


def test_test_and_training_part_are_all_samples():
    presence, group = draw(2)
    split = split_groups(presence, name(4), group, 4)
    for fold in range(split.folds):
        assert sorted([*split.test(fold), *split.train(fold)]) == list(range(group.size))


def test_a_hundred_folds_of_one_group_each_are_made():
    presence, group = draw(4, groups=100)
    assert split_groups(presence, name(4), group, 100).sizes.min() >= 1


@pytest.mark.parametrize(
    ("groups", "folds", "sentence"),
    [
        ([0, 0, 1, 1], 3, "at least 3 groups, but the 4 images form only 2.*at most 2 folds"),
        ([0, 0, 0], 2, "All 3 images form one group"),
        ([0, 1, 2], 1, "1 folds leave nothing"),
    ],
)
def test_folds_that_the_groups_cannot_fill_are_refused(groups, folds, sentence):
    with pytest.raises(SplitError, match=sentence):
        split_groups(np.ones((len(groups), 1), bool), ["a"], np.array(groups), folds)


def test_shapes_that_disagree_are_a_fault_of_the_caller():
    with pytest.raises(ValueError, match="3 samples × 1 classes are needed"):
        split_groups(np.ones((2, 1), bool), ["a"], np.arange(3), 2)
