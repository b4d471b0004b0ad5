"""S1's augmentation of duplicates: an elastic transform and flips, the same for an image and its masks.

The only module that knows albumentations. Everything random follows from the seed that is given, so equal
seeds give equal pixels whatever the process, its worker number or the order of the work.
"""

import os
import sys
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.domain.augmentation import AugmentationSpec
from core.errors import MaskError

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # it asks the network for a newer version when it is imported
# Its bridge to torch would load torch, which takes three times as long as all the rest and is not used here.
sys.modules.setdefault("albumentations.pytorch", None)  # type: ignore[arg-type]  # None: "cannot be imported"
import albumentations  # noqa: E402  the lines above decide how it is imported

if sys.modules["albumentations.pytorch"] is None:
    del sys.modules["albumentations.pytorch"]

# What cv2.remap interpolates. Other types cannot be deformed without changing their depth.
_DEPTHS = ("uint8", "uint16", "int16", "float32", "float64")
_CELLS = 4.0  # Cells of the displacement grid per standard deviation of its Gaussian


def compute_seed(base: int, sample_id: str, *numbers: int) -> int:
    """The seed of one duplicate: 63 bits of a hash, so that near numbers give unrelated streams.

    >>> compute_seed(0, "a.png", 2) == compute_seed(0, "a.png", 2) != compute_seed(0, "a.png", 3)
    True
    """
    text = "\0".join([str(base), sample_id, *map(str, numbers)])
    digest = blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def augment(
    image: NDArray[Any], masks: Sequence[NDArray[Any]], spec: AugmentationSpec, seed: int
) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """Deform and flip an image with its masks, all by the same displacement.

    Args:
        image: `(H, W)` or `(H, W, bands)`, any number of bands; uint8, uint16, int16, float32 or float64.
        masks: `(H, W)` or `(H, W, channels)` each, of any type; read at the nearest pixel, so no value is
            ever made up.
        spec: What is done, and how much.
        seed: Decides everything random.

    Returns:
        The image (bilinear; beyond the border mirrored) and its masks, in the shapes and types they had.

    Raises:
        MaskError: A type of pixels that cannot be deformed.
    """
    _check_depth(image)
    height, width = image.shape[:2]
    transform = _build_transform(spec)
    # Compose would give one seed to all its steps, and both flips would always agree.
    for step, number in zip(transform.transforms, _spawn_seeds(seed, len(transform.transforms)), strict=True):
        step.set_random_seed(number)
    # albumentations would give all masks one shape and type; where each pixel comes from serves them all.
    changed = transform(image=np.ascontiguousarray(image), mask=_number_pixels(height, width))
    places = changed["mask"].astype(np.intp)
    return np.asarray(changed["image"]), [_take(mask, places) for mask in masks]


def flip_only(
    image: NDArray[Any], masks: Sequence[NDArray[Any]], spec: AugmentationSpec, seed: int
) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """One of the flips that `spec` allows, chosen by the seed; no pixel and so no class can be lost.

    Shapes and types as in `augment`. Where `spec` allows no flip the arrays come back as they are.
    """
    sides: list[tuple[int, ...]] = []
    if spec.horizontal_flip:
        sides.append((1,))
    if spec.vertical_flip:
        sides.append((0,))
    if len(sides) == 2:
        sides.append((0, 1))
    if not sides:
        return image, list(masks)
    axes = sides[int(np.random.default_rng(seed).integers(len(sides)))]
    return np.flip(image, axes), [np.flip(mask, axes) for mask in masks]


def _spawn_seeds(seed: int, count: int) -> list[int]:
    return [int(number) for number in np.random.SeedSequence(seed).generate_state(count, np.uint64)]


def _number_pixels(height: int, width: int) -> NDArray[Any]:
    """`(H, W)`: the number of each pixel, in the smallest type that OpenCV moves and that is exact so far."""
    count = height * width
    return np.arange(count, dtype=np.float32 if count <= 1 << 24 else np.float64).reshape(height, width)


def _take(mask: NDArray[Any], places: NDArray[np.intp]) -> NDArray[Any]:
    flat = mask.reshape(-1, *mask.shape[2:])  # (H, W, ...) -> (H W, ...)
    return np.asarray(flat.take(places, axis=0))


def _check_depth(pixels: NDArray[Any]) -> None:
    if pixels.dtype.name not in _DEPTHS:
        raise MaskError(
            f"pixels of the type {pixels.dtype.name} cannot be deformed; save them as one of "
            f"{', '.join(_DEPTHS)}."
        )


@lru_cache(maxsize=8)
def _build_transform(spec: AugmentationSpec) -> albumentations.Compose:
    steps: list[Any] = []
    if spec.elastic:
        steps.append(_SmoothElastic(spec.shift, spec.smoothness))
    if spec.horizontal_flip:
        steps.append(albumentations.HorizontalFlip(p=0.5))
    if spec.vertical_flip:
        steps.append(albumentations.VerticalFlip(p=0.5))
    return albumentations.Compose(steps)


class _SmoothElastic(albumentations.ElasticTransform):  # type: ignore[misc]  # albumentations has no types
    """The elastic transform with lengths relative to the image, its displacement drawn on a coarse grid.

    Smoothed noise holds no detail below its Gaussian's width, so a grid of four cells per standard
    deviation says the same as one cell per pixel (Simard, Steinkraus & Platt 2003, section 2), but for an
    image of 4000 x 3000 pixels in milliseconds instead of half a minute.
    """

    def __init__(self, shift: float, smoothness: float) -> None:
        super().__init__(p=1.0)
        self._shift, self._smoothness = shift, smoothness

    def get_params_dependent_on_data(
        self, params: dict[str, Any], data: dict[str, Any]
    ) -> dict[str, NDArray[np.float32]]:
        """The map of source coordinates, `(H, W)` each, in pixels."""
        del data  # the displacement depends on the size only
        height, width = params["shape"][:2]
        dx, dy = self._draw_displacement(height, width)
        return {
            "map_x": dx + np.arange(width, dtype=np.float32),
            "map_y": dy + np.arange(height, dtype=np.float32)[:, None],
        }

    def apply(
        self, img: NDArray[Any], map_x: NDArray[np.float32], map_y: NDArray[np.float32], **_: Any
    ) -> NDArray[Any]:
        """The deformed image; as albumentations does it, but without joining the two maps for each call."""
        return _remap(img, map_x, map_y, cv2.INTER_LINEAR)

    def apply_to_mask(
        self, mask: NDArray[Any], map_x: NDArray[np.float32], map_y: NDArray[np.float32], **_: Any
    ) -> NDArray[Any]:
        """The deformed mask, of values that it had."""
        return _remap(mask, map_x, map_y, cv2.INTER_NEAREST)

    def _draw_displacement(self, height: int, width: int) -> list[NDArray[np.float32]]:
        side = min(height, width)
        cell = max(self._smoothness * side / _CELLS, 1.0)  # pixels
        sigma = max(self._smoothness * side / cell, 0.5)  # cells
        grid = (int(np.ceil(height / cell)) + 1, int(np.ceil(width / cell)) + 1)
        # White noise through a Gaussian keeps 1 / (2 σ √π) of its standard deviation.
        scale = np.float32(self._shift * side * 2.0 * sigma * np.sqrt(np.pi))
        fields = []
        for noise in self.random_generator.standard_normal((2, *grid), dtype=np.float32):
            smooth = cv2.GaussianBlur(noise, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
            fields.append(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_CUBIC) * scale)
        return fields


def _remap(
    pixels: NDArray[Any], map_x: NDArray[np.float32], map_y: NDArray[np.float32], interpolation: int
) -> NDArray[Any]:
    """`cv2.remap` for any number of bands; beyond the border the picture is mirrored."""

    def move(bands: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(cv2.remap(bands, map_x, map_y, interpolation, borderMode=cv2.BORDER_REFLECT_101))

    if pixels.ndim == 2:
        return move(pixels)
    parts = [move(pixels[..., start : start + 4]) for start in range(0, pixels.shape[2], 4)]
    if len(parts) == 1:
        return parts[0].reshape(pixels.shape)
    return np.concatenate([part.reshape(*pixels.shape[:2], -1) for part in parts], axis=2)
