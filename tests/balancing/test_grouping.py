"""Equal label vectors, found by hash and verified."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.balancing import group_label_vectors, grouping
from tests.balancing.golden import make_s1_presence, make_s1_table


@given(st.integers(0, 10_000), st.integers(0, 80), st.integers(0, 140))
@settings(max_examples=60, deadline=None)
def test_rows_are_those_that_numpy_finds(seed, images, classes):
    rng = np.random.default_rng(seed)
    presence = rng.random((images, classes)) < 0.1
    table = group_label_vectors(presence, [f"c{i}" for i in range(classes)], [str(i) for i in range(images)])
    assert (table.vectors[table.row_of_sample] == presence).all()
    assert len(table.vectors) == len(np.unique(presence, axis=0))
    assert (np.bincount(table.row_of_sample, minlength=len(table.vectors)) == table.multiplicities).all()


def test_rows_fall_in_multiplicity_and_then_rise_lexicographically():
    presence = np.array([[1, 0], [0, 1], [1, 1], [1, 1], [0, 0]], np.uint8)
    table = group_label_vectors(presence, ["a", "b"], list("vwxyz"))
    assert table.vectors.tolist() == [[1, 1], [0, 0], [0, 1], [1, 0]]


def test_the_order_of_samples_does_not_change_the_rows():
    presence = make_s1_presence()
    names = [str(i) for i in range(8)]
    ids = [str(i) for i in range(115)]
    shuffled = np.random.default_rng(0).permutation(115)
    one = group_label_vectors(presence, names, ids)
    other = group_label_vectors(presence[shuffled], names, ids)
    assert (one.vectors == other.vectors).all()
    assert (one.multiplicities == other.multiplicities).all()


def test_any_nonzero_value_is_presence():
    table = group_label_vectors(np.array([[255, 0], [1, 0]], np.uint8), ["a", "b"], ["x", "y"])
    assert table.vectors.tolist() == [[1, 0]]


def test_a_collision_of_hashes_does_not_merge_rows(monkeypatch):
    monkeypatch.setattr(grouping, "_mix", lambda words, seed: np.zeros(len(words), np.uint64))
    presence = np.eye(70, dtype=np.uint8)
    table = group_label_vectors(presence, [str(i) for i in range(70)], [str(i) for i in range(70)])
    assert len(table.vectors) == 70
    assert (table.vectors[table.row_of_sample] == presence).all()


def test_many_images_are_packed_in_chunks(monkeypatch):
    monkeypatch.setattr(grouping, "_CHUNK_ROWS", 7)
    presence = make_s1_presence()
    table = group_label_vectors(presence, [str(i) for i in range(8)], [str(i) for i in range(115)])
    assert (table.vectors[table.row_of_sample] == presence).all()


def test_s1_shares_are_the_published_ones():
    assert np.round(100 * make_s1_table().shares).tolist() == [100, 97, 100, 90, 37, 7, 10, 96]


def test_lengths_that_disagree_are_refused():
    with pytest.raises(ValueError, match="3 samples × 2 classes"):
        group_label_vectors(np.zeros((2, 2), np.uint8), ["a", "b"], ["x", "y", "z"])
