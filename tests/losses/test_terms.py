"""Single losses against hand computation."""

import math

import pytest
import torch

from core.losses.terms import binary_cross_entropy, cross_entropy, dice, focal, jaccard

VALID = torch.ones(1, 1, 4, dtype=torch.bool)


def test_jaccard_and_dice_by_hand() -> None:
    probabilities = torch.tensor([0.5, 1.0, 0.25, 0.0]).view(1, 1, 1, 4)
    wanted = torch.tensor([1.0, 1.0, 0.0, 0.0]).view(1, 1, 1, 4)
    # I = 1.5, predicted = 1.75, true = 2, U = 2.25
    assert jaccard(probabilities, wanted, VALID).item() == pytest.approx(1 - 1.5 / 2.25)
    assert dice(probabilities, wanted, VALID).item() == pytest.approx(1 - 3 / 3.75)


def test_regions_are_taken_over_the_whole_batch() -> None:
    probabilities = torch.tensor([[1.0, 0.0], [1.0, 1.0]]).view(2, 1, 1, 2)
    wanted = torch.tensor([[1.0, 1.0], [1.0, 0.0]]).view(2, 1, 1, 2)
    valid = torch.ones(2, 1, 2, dtype=torch.bool)
    assert jaccard(probabilities, wanted, valid).item() == pytest.approx(1 - 2 / 4)


def test_void_pixels_are_in_neither_area() -> None:
    probabilities = torch.tensor([0.5, 1.0, 0.25, 0.9]).view(1, 1, 1, 4)
    wanted = torch.tensor([1.0, 1.0, 0.0, 1.0]).view(1, 1, 1, 4)
    valid = torch.tensor([True, True, True, False]).view(1, 1, 4)
    assert dice(probabilities, wanted, valid).item() == pytest.approx(1 - 3 / 3.75)


def test_focal_by_hand() -> None:
    p = torch.tensor([0.9, 0.5, 0.01], dtype=torch.float64)
    wanted = [(1 - x) ** 2 * -math.log(x) for x in (0.9, 0.5, 0.01)]
    assert focal(-p.log(), 2.0).tolist() == pytest.approx(wanted)
    assert focal(-p.log(), 0.0).tolist() == pytest.approx((-p.log()).tolist())


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
def test_focal_has_a_finite_slope_where_the_answer_is_certain(gamma: float) -> None:
    entropy = torch.tensor([0.0, 1e-30, 1e-8, 1.0, 1e4], requires_grad=True)
    focal(entropy, gamma).sum().backward()
    assert entropy.grad is not None
    assert entropy.grad.isfinite().all()


def test_entropies_by_hand() -> None:
    logits = torch.tensor([0.0, math.log(3.0)]).view(1, 2, 1, 1)
    assert cross_entropy(logits, torch.tensor([[[1]]])).item() == pytest.approx(-math.log(0.75))
    wanted = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)
    assert binary_cross_entropy(logits, wanted).flatten().tolist() == pytest.approx(
        [math.log(2), -math.log(0.25)]
    )
