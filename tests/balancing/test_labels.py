"""The products of the label matrix, on every path that may compute them."""

import numpy as np
import pytest

from core.balancing import labels
from core.balancing.labels import LabelMatrix

RNG = np.random.default_rng(0)
VECTORS = (RNG.random((50, 9)) < 0.3).astype(np.uint8)
WEIGHTS = RNG.random(50)


@pytest.mark.parametrize("cells", [0, 10_000], ids=["sparse", "dense"])
def test_scores_and_shares_are_plain_products(cells, monkeypatch):
    monkeypatch.setattr(labels, "_DENSE_CELLS", cells)
    matrix = LabelMatrix.from_vectors(VECTORS)
    assert (matrix.dense is None) == (cells == 0)
    assert matrix.scores(np.arange(9.0)) == pytest.approx(VECTORS @ np.arange(9.0))
    assert matrix.shares(WEIGHTS) == pytest.approx(WEIGHTS @ VECTORS)


@pytest.mark.parametrize(("dense", "short", "cost"), [(10_000, 0, 100), (0, 10**9, 100), (0, 0, 1e9)])
def test_the_gram_matrix_is_the_same_on_all_paths(dense, short, cost, monkeypatch):
    monkeypatch.setattr(labels, "_DENSE_CELLS", dense)
    monkeypatch.setattr(labels, "_SHORT_STEPS", short)
    monkeypatch.setattr(labels, "_SPARSE_STEP_COST", cost)
    monkeypatch.setattr(labels, "_CHUNK_CELLS", 70)
    matrix = LabelMatrix.from_vectors(VECTORS)
    assert matrix.gram(WEIGHTS) == pytest.approx(VECTORS.T @ (VECTORS * WEIGHTS[:, None]))
