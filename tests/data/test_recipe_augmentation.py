import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.data.recipe_augmentation import RecipeAugmentation
from core.data.resized import VOID
from core.domain.recipe import AugmentSpec

SIZE = 40


def picture(bands: int = 3) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, bands), np.uint8)


def square() -> NDArray[np.uint8]:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[5:15, 8:20] = 2
    return mask


def draw(spec: AugmentSpec, seeds: int = 40, bands: int = 3):  # type: ignore[no-untyped-def]
    change, image, mask = RecipeAugmentation(spec), picture(bands), square()
    return [change(image, [mask, mask == 2], seed) for seed in range(seeds)]


def test_equal_seeds_give_equal_pixels() -> None:
    spec = AugmentSpec(
        horizontal_flip=True, rotate=20, scale=0.2, perspective=0.1, noise_variance=0.04, hue=30
    )
    change = RecipeAugmentation(spec)
    first, again, other = (change(picture(), [square()], seed) for seed in (7, 7, 8))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1][0], again[1][0])
    assert not np.array_equal(first[0], other[0])


def test_quarter_turns_are_exact_and_all_four_occur() -> None:
    turned = [np.rot90(picture(), turns) for turns in range(4)]
    found = [
        next(turns for turns in range(4) if np.array_equal(image, turned[turns]))
        for image, _ in draw(AugmentSpec(quarter_turns=True))
    ]
    assert set(found) == {0, 1, 2, 3}


def test_a_mask_moves_with_its_image() -> None:
    spec = AugmentSpec(quarter_turns=True, vertical_flip=True, rotate=30, scale=0.3, shift=0.1)
    change = RecipeAugmentation(spec)
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.circle(mask, (24, 17), 8, 1, -1)
    image = np.repeat(mask[..., None] * 255, 3, axis=2)
    for seed in range(20):
        moved, (moved_mask,) = change(image, [mask], seed)
        inside = moved_mask == 1
        assert ((moved[..., 0] > 127) != inside)[moved_mask != VOID].mean() < 0.02


def test_what_comes_from_beyond_the_border_is_void_or_absent() -> None:
    spec = AugmentSpec(shift=0.5)
    found = draw(spec)
    assert any((mask == VOID).any() for _, (mask, _) in found)
    for image, (mask, layer) in found:
        assert layer.dtype == np.bool_
        assert not layer[mask == VOID].any()
        # Along the edge pixels are blended.
        deep = cv2.erode((mask == VOID).astype(np.uint8), np.ones((5, 5))) > 0
        assert not image[deep].any()


def test_masks_only_hold_values_that_they_had() -> None:
    spec = AugmentSpec(rotate=45, scale=0.5, perspective=0.3)
    for _, (mask, layer) in draw(spec):
        assert set(np.unique(mask)) <= {0, 2, VOID}
        assert layer.dtype == np.bool_


def test_noise_has_at_most_the_variance_asked_for() -> None:
    change = RecipeAugmentation(AugmentSpec(noise_variance=0.01))
    grey = np.full((64, 64, 3), 128, np.uint8)
    variances = [((change(grey, [], seed)[0] / 255.0) - 128 / 255).var() for seed in range(60)]
    assert max(variances) < 0.0105
    assert max(variances) > 0.008
    assert min(variances) < 0.002


def test_colours_shift_by_at_most_what_was_asked_for() -> None:
    colour = np.zeros((1, 1, 3), np.uint8)
    colour[...] = (200, 90, 60)
    before = cv2.cvtColor(colour.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)[0, 0]
    change = RecipeAugmentation(AugmentSpec(hue=30, saturation=0.15, value=0.15))
    shifts = []
    for seed in range(200):
        after = cv2.cvtColor(change(colour, [], seed)[0].astype(np.float32) / 255, cv2.COLOR_RGB2HSV)[0, 0]
        shifts.append(((after[0] - before[0] + 180) % 360 - 180, *(after[1:] - before[1:])))
    most = np.abs(shifts).max(axis=0)
    assert np.all(most <= (31, 0.16, 0.16))
    assert np.all(most >= (27, 0.13, 0.13))


def test_a_grey_image_only_changes_its_value() -> None:
    found = draw(AugmentSpec(hue=30, saturation=0.2, value=0.1), bands=1)
    assert all(image.shape == (SIZE, SIZE, 1) for image, _ in found)
    middle = (picture(1) > 30) & (picture(1) < 220)
    for image, _ in found:
        assert np.ptp((image.astype(int) - picture(1))[middle]) <= 1


@pytest.mark.parametrize("bands", [1, 3])
def test_nothing_asked_is_nothing_done(bands: int) -> None:
    for image, (mask, _) in draw(AugmentSpec(), 3, bands):
        assert np.array_equal(image, picture(bands))
        assert np.array_equal(mask, square())


def test_a_crop_of_a_grown_image_never_shows_its_border() -> None:
    change = RecipeAugmentation(AugmentSpec(scale=0.5, pad_and_crop=True))
    seen = [change(picture(), [square()], seed)[1][0] for seed in range(60)]
    assert any((mask == VOID).any() for mask in seen)  # shrunk: padded
    whole = [mask for mask in seen if not (mask == VOID).any()]
    assert len(whole) > 15
