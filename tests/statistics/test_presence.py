import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.statistics import (
    compute_cooccurrence,
    compute_image_shares,
    compute_pixel_shares,
    compute_presence_shares,
)

presences = arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 5)))


def test_pixel_share_leaves_void_pixels_out() -> None:
    shares = compute_pixel_shares(np.array([[2, 2], [0, 1]]), np.array([4, 1]))
    assert shares == pytest.approx([0.4, 0.6])


def test_no_images_give_nan_and_not_zero() -> None:
    assert np.isnan(compute_presence_shares(np.zeros((0, 3), np.bool_))).all()
    assert np.isnan(compute_pixel_shares(np.zeros((0, 3), np.int64), np.zeros(0, np.int64))).all()


def test_a_class_that_never_occurs_has_no_conditional_share() -> None:
    found = compute_cooccurrence(np.array([[True, False]]))
    assert np.isnan(found.conditional[1]).all()
    assert found.conditional[0, 1] == 0


@given(presences)
def test_cooccurrence_counts_what_a_loop_counts(presence: np.ndarray) -> None:
    found = compute_cooccurrence(presence)
    for i in range(presence.shape[1]):
        for j in range(presence.shape[1]):
            assert found.counts[i, j] == sum(bool(row[i] and row[j]) for row in presence)


@given(presences)
def test_distinct_vectors_with_their_multiplicities_count_alike(presence: np.ndarray) -> None:
    vectors, multiplicities = np.unique(presence, axis=0, return_counts=True)
    found = compute_cooccurrence(vectors, multiplicities)
    assert found.counts.tolist() == compute_cooccurrence(presence).counts.tolist()


def test_pieces_of_a_long_table_are_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    presence = np.random.default_rng(0).random((50, 4)) < 0.4
    whole = compute_cooccurrence(presence).counts
    monkeypatch.setattr("core.statistics.presence._CHUNK", 7)
    assert compute_cooccurrence(presence).counts.tolist() == whole.tolist()


@given(presences)
def test_presence_share_is_the_mean(presence: np.ndarray) -> None:
    np.testing.assert_allclose(compute_presence_shares(presence), presence.mean(axis=0))


def test_every_image_counts_alike_in_the_shares_of_images() -> None:
    pixels, totals = np.array([[50], [1], [0]]), np.array([100, 10, 0])
    shares = compute_image_shares(pixels, totals)
    assert shares[:, 0].tolist() == [0.5, 0.1, 0.0]
    assert shares.mean() == pytest.approx(0.2)
    assert compute_pixel_shares(pixels, totals)[0] == pytest.approx(51 / 110)
