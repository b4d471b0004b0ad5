import numpy as np
import pytest
from scipy.stats import entropy

from core.inference.certainty import compute_confidence, compute_entropy


def test_entropy_is_the_share_of_the_largest_possible() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(5), 20).T.astype(np.float32)
    wanted = entropy(probabilities, axis=0) / np.log(5)
    assert compute_entropy(probabilities, "multiclass") == pytest.approx(wanted, abs=1e-5)


def test_a_guess_has_entropy_one_and_a_certain_answer_none() -> None:
    assert compute_entropy(np.full((4, 1), 0.25, np.float32), "multiclass") == pytest.approx(1)
    assert compute_entropy(np.array([[1.0], [0.0]], np.float32), "multiclass") == pytest.approx(0, abs=1e-6)
    assert compute_entropy(np.array([[0.5]], np.float32), "binary") == pytest.approx(1)
    assert compute_entropy(np.array([[1.0], [0.5]], np.float32), "multilabel") == pytest.approx(0.5, abs=1e-6)


def test_confidence_is_the_probability_of_the_answer() -> None:
    probabilities = np.array([[0.9, 0.2], [0.4, 0.5]], np.float32)
    assert compute_confidence(probabilities, "multiclass") == pytest.approx([0.9, 0.5])
    assert compute_confidence(probabilities, "multilabel") == pytest.approx([0.6, 0.5])
    assert compute_confidence(probabilities[:1], "binary") == pytest.approx([0.9, 0.8])
