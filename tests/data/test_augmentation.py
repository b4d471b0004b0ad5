"""The augmentation of duplicates."""

import subprocess
import sys

import numpy as np
import pytest
from pydantic import ValidationError

from core.data.augmentation import augment, compute_seed, flip_only
from core.domain.augmentation import AugmentationSpec
from core.errors import MaskError

SPEC = AugmentationSpec()
RNG = np.random.default_rng(0)


def picture(height: int = 60, width: int = 80) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    return (128 + 60 * np.sin(rows / 7) + 60 * np.cos(columns / 9)).astype(np.uint8)


def test_equal_seeds_give_equal_pixels_and_others_do_not() -> None:
    image, mask = picture(), (picture() > 150).astype(np.uint8)
    first, [first_mask] = augment(image, [mask], SPEC, 7)
    augment(image, [mask], SPEC, 8)  # what was drawn in between must not matter
    again, [again_mask] = augment(image, [mask], SPEC, 7)
    other, _ = augment(image, [mask], SPEC, 9)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first_mask, again_mask)
    assert (first != other).mean() > 0.3


def test_seeds_of_neighbours_are_unrelated() -> None:
    seeds = {compute_seed(base, name, copy) for base in range(5) for name in "abc" for copy in range(5)}
    assert len(seeds) == 75
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_image_and_mask_move_together() -> None:
    mask = picture()
    image, [moved] = augment(mask, [mask], SPEC, 3)
    # Bilinear and nearest differ by less than a step of the picture, which changes by 15 a pixel at most.
    assert np.abs(image.astype(int) - moved.astype(int)).max() < 20
    assert (image != mask).mean() > 0.5


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(40, 50), (40, 50, 1), (40, 50, 3), (40, 50, 4), (40, 50, 7)])
def test_depth_and_bands_are_kept(dtype: str, shape: tuple[int, ...]) -> None:
    image = (RNG.random(shape) * 30000).astype(dtype)
    changed, _ = augment(image, [], SPEC, 1)
    assert (changed.dtype, changed.shape) == (image.dtype, image.shape)


def test_a_depth_that_cannot_be_deformed_is_refused() -> None:
    with pytest.raises(MaskError, match="int64"):
        augment(np.zeros((8, 8), np.int64), [], SPEC, 0)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "int16", "int32"])
def test_masks_hold_only_values_that_they_had(dtype: str) -> None:
    values = np.array([0, 1]) if dtype == "bool" else np.array([0, 40, 120])
    mask = values[RNG.integers(0, len(values), (64, 64))].astype(dtype)
    layers = RNG.random((64, 64, 600)) > 0.5  # more channels than OpenCV takes
    _, [moved, moved_layers] = augment(np.zeros((64, 64), np.uint8), [mask, layers], SPEC, 2)
    assert moved.dtype == mask.dtype
    assert set(np.unique(moved)) <= set(np.unique(mask))
    assert moved_layers.shape == layers.shape


def test_every_mask_pixel_comes_from_near_where_it_was() -> None:
    size, spec = 100, AugmentationSpec(shift=0.02, horizontal_flip=False, vertical_flip=False)
    rows, columns = np.mgrid[:size, :size].astype(np.int32)
    shifts = []
    for seed in range(20):
        _, [row, column] = augment(np.zeros((size, size), np.uint8), [rows, columns], spec, seed)
        shifts += [row - rows, column - columns]
    # shift is the standard deviation, as a share of the shorter side
    assert np.std(shifts) == pytest.approx(0.02 * size, rel=0.15)


def test_displacement_grows_with_the_image() -> None:
    spec = AugmentationSpec(horizontal_flip=False, vertical_flip=False)
    spread = {}
    for size in (64, 256):
        columns = np.tile(np.arange(size, dtype=np.int32), (size, 1))
        moved = [
            augment(np.zeros((size, size), np.uint8), [columns], spec, s)[1][0] - columns for s in range(9)
        ]
        spread[size] = np.std(moved) / size
    assert spread[64] == pytest.approx(spread[256], rel=0.25)


def test_half_of_the_duplicates_are_flipped_each_way() -> None:
    spec = AugmentationSpec(elastic=False)
    corner = np.zeros((8, 8), np.uint8)
    corner[0, 0] = 1
    where = [tuple(np.argwhere(augment(corner, [corner], spec, seed)[1][0])[0]) for seed in range(400)]
    for place in [(0, 0), (0, 7), (7, 0), (7, 7)]:
        assert 60 < where.count(place) < 140


def test_flip_only_keeps_every_pixel_and_changes_the_picture() -> None:
    image = picture()
    seen = set()
    for seed in range(30):
        flipped, [mask] = flip_only(image, [image], SPEC, seed)
        assert (np.bincount(flipped.ravel()) == np.bincount(image.ravel())).all()
        np.testing.assert_array_equal(flipped, mask)
        assert (flipped != image).any()
        seen.add(flipped.tobytes())
    assert len(seen) == 3


def test_a_spec_that_does_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="nothing would change"):
        AugmentationSpec(elastic=False, horizontal_flip=False, vertical_flip=False)


def test_nothing_is_asked_of_the_network_and_torch_is_not_loaded() -> None:
    code = (
        "import socket, sys\n"
        "def refuse(*_): sys.exit('network')\n"
        "socket.socket.connect = refuse\n"
        "import core.data.augmentation\n"
        "sys.exit('torch' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
