"""The classes of every pixel of one image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

VOID_POSITION = -1


@dataclass(frozen=True, slots=True)
class LabelMask:
    """One mask, in one of two forms.

    Attributes:
        pixels: Exclusive: `(H, W)` int16 positions into the classes, -1 for void and for values of no class.
            Overlapping: `(C, H, W)` bool, one layer a class.
        class_count: C.
    """

    pixels: NDArray[np.int16] | NDArray[np.bool_]
    class_count: int

    @property
    def overlapping(self) -> bool:
        """Whether one pixel may hold several classes."""
        return self.pixels.ndim == 3

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self.pixels.shape[-2:]
        return height, width

    def region(self, position: int) -> NDArray[np.bool_]:
        """`(H, W)` bool: where one class is."""
        if self.overlapping:
            return np.asarray(self.pixels[position], dtype=np.bool_)
        return np.asarray(self.pixels == position, dtype=np.bool_)

    def index_map(self) -> NDArray[np.int16]:
        """`(H, W)` int16 positions, -1 for none; where classes overlap the later one is on top."""
        if not self.overlapping:
            return self.pixels.astype(np.int16)
        positions = np.full(self.shape, VOID_POSITION, dtype=np.int16)
        for position in range(self.class_count):
            positions[self.region(position)] = position
        return positions

    def stack(self) -> NDArray[np.bool_]:
        """`(C, H, W)` bool, one layer a class."""
        if self.overlapping:
            return self.pixels.astype(np.bool_)
        return np.asarray(self.pixels == np.arange(self.class_count, dtype=np.int16)[:, None, None])
