import numpy as np
import pytest

from core.domain.masks import LabelMask
from core.reviews.figures import compute_band_entropy, compute_disagreement, compute_rarity


def square(size: int = 40) -> LabelMask:
    pixels = np.zeros((size, size), np.int16)
    pixels[10:30, 10:30] = 1
    return LabelMask(pixels, 2)


def test_only_entropy_near_the_outline_counts() -> None:
    entropy = np.zeros((40, 40))
    entropy[8:12, 8:32] = entropy[28:32, 8:32] = entropy[8:32, 8:12] = entropy[8:32, 28:32] = 0.8
    assert compute_band_entropy(square(), entropy, [1], width=1) == pytest.approx(0.8)
    away = np.full((40, 40), 0.9)
    away[entropy > 0] = 0.1
    assert compute_band_entropy(square(), away, [1], width=1) == pytest.approx(0.1)


def test_the_band_reaches_its_width_to_either_side() -> None:
    entropy = np.zeros((40, 40))
    entropy[20, 13] = 1  # the fourth pixel inside the outline
    assert compute_band_entropy(square(), entropy, [1], width=3) == 0
    assert compute_band_entropy(square(), entropy, [1], width=4) > 0


def test_the_pictures_border_is_no_outline() -> None:
    pixels = np.zeros((20, 20), np.int16)
    pixels[:, :10] = 1
    entropy = np.zeros((20, 20))
    entropy[:, 0] = 1
    assert compute_band_entropy(LabelMask(pixels, 2), entropy, [1], width=2) == 0


def test_where_nothing_is_predicted_the_whole_image_counts() -> None:
    entropy = np.linspace(0, 1, 16).reshape(4, 4)
    empty = LabelMask(np.zeros((4, 4), np.int16), 2)
    assert compute_band_entropy(empty, entropy, [1]) == pytest.approx(0.5)


def test_rarity_is_the_share_of_the_shortfall_that_a_case_holds() -> None:
    presence = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 0]], bool)
    shares, targets = np.array([0.9, 0.1, 0.2]), np.array([0.5, 0.4, 0.3])
    np.testing.assert_allclose(compute_rarity(presence, shares, targets), [0, 0.75, 1, 0])


def test_nothing_is_rare_where_every_target_is_reached() -> None:
    assert compute_rarity(np.ones((2, 1), bool), np.array([0.5]), np.array([0.5])).tolist() == [0, 0]


def test_disagreement_is_what_dice_leaves() -> None:
    other = LabelMask(np.zeros((40, 40), np.int16), 2)
    other.pixels[10:30, 10:20] = 1
    assert compute_disagreement(square(), square(), [1]) == 0
    assert compute_disagreement(square(), other, [1]) == pytest.approx(1 - 2 * 200 / 600)
    empty = LabelMask(np.zeros((40, 40), np.int16), 2)
    assert compute_disagreement(square(), empty, [1]) == 1
    assert compute_disagreement(empty, empty, [1]) == 0
