"""How the slices of a volume lie in its array, and how people look at them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# An axis whose voxels are so much longer than those of both others was scanned slice by slice.
_THICK = 1.5


@dataclass(frozen=True, slots=True)
class Plane:
    """A way to turn an array into upright slices.

    Attributes:
        axes: Array axes that become rows, columns and slices.
        flips: Whether rows and columns run backwards.
    """

    axes: tuple[int, int, int]
    flips: tuple[bool, bool]

    def face(self, volume: NDArray[Any]) -> NDArray[Any]:
        """`(X, Y, Z, ...)` as stored to `(H, W, D, ...)` upright; a view."""
        rest = range(3, volume.ndim)
        turned = np.transpose(volume, (*self.axes, *rest))
        return np.flip(turned, self._flipped()) if any(self.flips) else turned

    def unface(self, faced: NDArray[Any]) -> NDArray[Any]:
        """What `face` was given; a view."""
        stored = np.flip(faced, self._flipped()) if any(self.flips) else faced
        rest = range(3, faced.ndim)
        return np.transpose(stored, (*(self.axes.index(axis) for axis in range(3)), *rest))

    def order(self, of_axes: tuple[float, float, float]) -> tuple[float, float, float]:
        """A quantity of each array axis as one of rows, columns and slices."""
        rows, columns, slices = self.axes
        return of_axes[rows], of_axes[columns], of_axes[slices]

    def _flipped(self) -> tuple[int, ...]:
        return tuple(axis for axis, flipped in enumerate(self.flips) if flipped)


def find_plane(affine: NDArray[np.float64], spacing: tuple[float, float, float]) -> Plane:
    """The slices of a volume as radiologists hang them: head or front up, the patient's right on the left.

    Slices follow the last array axis, unless another axis is the thick one: its voxels at least half as long
    again as those of both others.

    Args:
        affine: `(4, 4)` from array positions to RAS+ millimetres (right, front and head are positive).
        spacing: Millimetres between voxels along each array axis; NaN where unknown.
    """
    slices = _find_slice_axis(spacing)
    directions = _find_directions(affine)
    rows, columns = sorted((axis for axis in range(3) if axis != slices), key=lambda a: -directions[a][0])
    # Rows run towards feet or back, columns towards the patient's left or back: down every world axis.
    return Plane((rows, columns, slices), (directions[rows][1], directions[columns][1]))


def _find_slice_axis(spacing: tuple[float, float, float]) -> int:
    thickest = int(np.nanargmax(spacing)) if np.isfinite(spacing).any() else 2
    others = [spacing[axis] for axis in range(3) if axis != thickest]
    return thickest if all(spacing[thickest] >= _THICK * other for other in others) else 2


def _find_directions(affine: NDArray[np.float64]) -> list[tuple[int, bool]]:
    """For each array axis the world axis it follows most (0 right, 1 front, 2 head), and whether upwards.

    Every world axis is given once; an affine that says nothing leaves the axes in their order.
    """
    matrix = np.nan_to_num(affine[:3, :3], posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(matrix, axis=0)
    cosines = np.abs(matrix / np.where(lengths > 0, lengths, 1.0))
    found: dict[int, int] = {}
    for _ in range(3):
        free = [(a, w) for a in range(3) if a not in found for w in range(3) if w not in found.values()]
        axis, world = max(free, key=lambda pair: (cosines[pair[1], pair[0]], pair[0] == pair[1]))
        found[axis] = world
    return [(found[axis], bool(matrix[found[axis], axis] > 0)) for axis in range(3)]
