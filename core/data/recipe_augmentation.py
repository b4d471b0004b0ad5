"""What a recipe does to every training image, anew in each epoch (S2, S3); an image with its masks.

All moves of an image are one projective map, so that pixels are interpolated once. What comes from beyond the
border is black in the image and void in the masks: it counts in neither loss nor figure.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.data.resized import VOID
from core.domain.recipe import AugmentSpec


class RecipeAugmentation:
    """The augmentation of a recipe, ready to be called.

    Args:
        spec: What is done, and how much.
    """

    def __init__(self, spec: AugmentSpec) -> None:
        self._spec = spec

    def __call__(
        self, image: NDArray[Any], masks: Sequence[NDArray[Any]], seed: int
    ) -> tuple[NDArray[Any], list[NDArray[Any]]]:
        """Change one image with its masks.

        Args:
            image: `(H, W, bands)` uint8, 1 or 3 bands.
            masks: `(H, W)` each: uint8 positions with 255 for void, or bool. Read at the nearest pixel.
            seed: Decides everything random.
        """
        rng = np.random.default_rng(seed)
        masks = list(masks)
        image, masks = self._turn(image, masks, rng)
        image, masks = self._move(image, masks, rng)
        return self._shift_colours(self._add_noise(image, rng), rng), masks

    def _turn(
        self, image: NDArray[Any], masks: list[NDArray[Any]], rng: np.random.Generator
    ) -> tuple[NDArray[Any], list[NDArray[Any]]]:
        """Flips and quarter turns, which lose no pixel."""
        turns = int(rng.integers(4)) if self._spec.quarter_turns else 0
        left_right = self._spec.horizontal_flip and rng.random() < 0.5
        top_bottom = self._spec.vertical_flip and rng.random() < 0.5
        axes = tuple(axis for axis, flips in ((0, top_bottom), (1, left_right)) if flips)
        return (
            np.flip(np.rot90(image, turns), axes),
            [np.flip(np.rot90(mask, turns), axes) for mask in masks],
        )

    def _move(
        self, image: NDArray[Any], masks: list[NDArray[Any]], rng: np.random.Generator
    ) -> tuple[NDArray[Any], list[NDArray[Any]]]:
        height, width = image.shape[:2]
        matrix = self._draw_map(height, width, rng)
        if matrix is None:
            return image, masks
        size = (width, height)
        moved = cv2.warpPerspective(np.ascontiguousarray(image), matrix, size, flags=cv2.INTER_LINEAR)
        return moved.reshape(image.shape), [_move_mask(mask, matrix, size) for mask in masks]

    def _draw_map(self, height: int, width: int, rng: np.random.Generator) -> NDArray[Any] | None:
        """The 3 × 3 map from old to new places, in pixels; None where nothing moves."""
        spec = self._spec
        matrix: NDArray[Any] | None = None
        if spec.rotate or spec.scale or spec.shift:
            angle = rng.uniform(-spec.rotate, spec.rotate)
            factor = rng.uniform(1 - spec.scale, 1 + spec.scale)
            # A crop at a random place moves what has grown larger than the picture about in it.
            room = spec.shift + (max(factor - 1, 0) / 2 if spec.pad_and_crop else 0.0)
            right, down = rng.uniform(-room, room, 2)
            affine = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, factor)
            affine[:, 2] += (right * width, down * height)
            matrix = np.vstack([affine, [0.0, 0.0, 1.0]])
        if spec.perspective and rng.random() < 0.5:
            corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
            drawn = rng.uniform(-spec.perspective, spec.perspective, (4, 2)) * (width, height)
            bent = cv2.getPerspectiveTransform(corners, corners + drawn.astype(np.float32))
            matrix = bent if matrix is None else bent @ matrix
        return None if matrix is None else np.asarray(matrix)

    def _add_noise(self, image: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        if not self._spec.noise_variance:
            return image
        deviation = 255 * np.sqrt(rng.uniform(0, self._spec.noise_variance))
        noise = rng.standard_normal(image.shape, dtype=np.float32) * np.float32(deviation)
        return np.asarray(np.clip(np.rint(image + noise), 0, 255), dtype=np.uint8)

    def _shift_colours(self, image: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        """Shift hue (degrees), saturation and value (both in [0, 1]); a grey image has a value only."""
        spec = self._spec
        if not (spec.hue or spec.saturation or spec.value):
            return image
        hue, saturation, value = (
            rng.uniform(-most, most) for most in (spec.hue, spec.saturation, spec.value)
        )
        if image.shape[2] == 1:
            return np.clip(np.rint(image + 255 * value), 0, 255).astype(np.uint8)
        hsv = cv2.cvtColor(np.ascontiguousarray(image).astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0] + hue) % 360
        hsv[..., 1:] = np.clip(hsv[..., 1:] + np.array([saturation, value], dtype=np.float32), 0, 1)
        return np.rint(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255).astype(np.uint8)


def _move_mask(mask: NDArray[Any], matrix: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    beyond = 0 if mask.dtype == np.bool_ else VOID
    moved = cv2.warpPerspective(
        np.ascontiguousarray(mask).astype(np.uint8),
        matrix,
        size,
        flags=cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=beyond,
    )
    return np.asarray(moved, dtype=mask.dtype)
