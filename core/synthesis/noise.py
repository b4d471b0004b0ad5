"""Smooth noise, drawn on a coarse lattice and interpolated: cheap, and alike at every picture size."""

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


def smooth_noise(rng: np.random.Generator, size: int, cells: int) -> Plane:
    """`(S, S)` noise of about unit variance whose features are `size / cells` pixels wide.

    Args:
        rng: Draws the lattice; the number of draws does not depend on `size`.
        size: Side of the plane in pixels.
        cells: Lattice cells along a side.
    """
    lattice = rng.standard_normal((cells + 3, cells + 3)).astype(np.float32)
    # A cubic B-spline over white noise keeps about (0.48)² of its variance.
    return _interpolate(_interpolate(lattice, size).T, size).T / np.float32(0.48)


def layered_noise(rng: np.random.Generator, size: int, cells: int, layers: int) -> Plane:
    """Octaves of smooth noise, each twice as fine and 0.6 as strong as the last; about unit variance."""
    strengths = [0.6**layer for layer in range(layers)]
    total = sum(s * smooth_noise(rng, size, cells * 2**k) for k, s in enumerate(strengths))
    return np.asarray(total, dtype=np.float32) / np.float32(np.sqrt(sum(s * s for s in strengths)))


def enlarge(plane: Plane, size: int) -> Plane:
    """`(n, n)` -> `(size, size)`, linearly; pixels keep their places."""
    return np.ascontiguousarray(_enlarge_rows(_enlarge_rows(plane, size).T, size).T)


def _enlarge_rows(plane: Plane, size: int) -> Plane:
    count = len(plane)
    position = np.clip((np.arange(size) + 0.5) / size * count - 0.5, 0, count - 1)
    below = np.minimum(position.astype(np.intp), count - 2)
    share = (position - below).astype(np.float32)[:, None]
    rows = plane[below]
    rows += share * (plane[below + 1] - rows)
    return rows


def _interpolate(lattice: Plane, size: int) -> Plane:
    """`(n + 3, m)` -> `(size, m)`: uniform cubic B-spline along the first axis (Unser, 1999)."""
    cells = lattice.shape[0] - 3
    position = (np.arange(size) + 0.5) / size * cells
    cell = position.astype(np.intp)
    t = (position - cell).astype(np.float32)[:, None]
    weights = (
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    )
    plane = weights[0] * lattice[cell]
    for k in (1, 2, 3):
        plane += weights[k] * lattice[cell + k]
    return np.asarray(plane)
