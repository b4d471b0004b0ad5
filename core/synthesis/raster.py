"""Anti-aliased coverage of tapered tubes and of irregular blobs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.synthesis.view import Floats, Plane, View


@dataclass(frozen=True, slots=True)
class Tubes:
    """Line pieces on the retina: `(n, 2)` starts and ends, `(n,)` half widths."""

    starts: Floats
    ends: Floats
    radii: Floats


@dataclass(frozen=True, slots=True)
class Blob:
    """An irregular spot on the retina.

    Its outline is `radius · (1 + Re Σ_k lobes[k] e^{i(k+2)θ})`, stretched along `angle`. `softness` is the
    width of its edge as a share of the radius; the outline itself is where coverage passes one half.
    """

    centre: tuple[float, float]
    radius: float
    stretch: float = 1.0
    angle: float = 0.0
    softness: float = 0.15
    lobes: tuple[complex, ...] = ()


def cover_tubes(tubes: Tubes, view: View) -> Plane:
    """`(S, S)` coverage in [0, 1] of tubes; a tube thinner than a pixel covers it in part."""
    cover = np.zeros((view.size, view.size), dtype=np.float32)
    starts, ends = view.to_pixels(tubes.starts), view.to_pixels(tubes.ends)
    radii = tubes.radii * view.scale
    middles = np.rint((starts + ends) / 2).astype(np.intp)
    reach = np.ceil(np.hypot(*(ends - starts).T) / 2 + radii + 1.5).astype(np.intp)
    near = (middles > -reach[:, None]).all(1) & (middles < view.size + reach[:, None]).all(1)
    for window in np.unique(reach[near]):
        _cover_windows(cover, (starts, ends, radii, middles), near & (reach == window), int(window))
    return cover


def _cover_windows(
    cover: Plane,
    pieces: tuple[Floats, Floats, Floats, NDArray[np.intp]],
    chosen: NDArray[np.bool_],
    reach: int,
) -> None:
    starts, ends, radii, middles = (array[chosen] for array in pieces)
    steps = np.arange(-reach, reach + 1)
    x = (middles[:, 0, None] + steps)[:, None, :]  # (n, 1, w)
    y = (middles[:, 1, None] + steps)[:, :, None]  # (n, w, 1)
    along = ends - starts
    length = np.maximum((along**2).sum(1), 1e-12)
    px = (x - starts[:, 0, None, None]).astype(np.float32)
    py = (y - starts[:, 1, None, None]).astype(np.float32)
    dx, dy = (along.astype(np.float32).T)[:, :, None, None]
    t = np.clip((px * dx + py * dy) / length.astype(np.float32)[:, None, None], 0, 1)
    distance = np.hypot(px - t * dx, py - t * dy)
    radius = radii.astype(np.float32)[:, None, None]
    # The part of a pixel that lies in a strip of half width r: at most 1, and at most the strip's width.
    value = np.clip(radius + np.float32(0.5) - distance, 0, np.minimum(1, 2 * radius))
    size = cover.shape[0]
    inside = (value > 0) & (x >= 0) & (x < size) & (y >= 0) & (y < size)
    np.maximum.at(cover.reshape(-1), (y * size + x)[inside], value[inside])


def cover_blobs(blobs: Sequence[Blob], view: View) -> Plane:
    """`(S, S)` coverage in [0, 1] of blobs, the greatest one where they overlap."""
    cover = np.zeros((view.size, view.size), dtype=np.float32)
    if blobs:
        centres = view.to_pixels(np.array([blob.centre for blob in blobs]))
        for blob, (x, y) in zip(blobs, centres.tolist(), strict=True):
            _cover_blob(cover, blob, (x, y), view)
    return cover


def _cover_blob(cover: Plane, blob: Blob, centre: tuple[float, float], view: View) -> None:
    radius = blob.radius * view.scale
    swell = 1 + sum(abs(lobe) for lobe in blob.lobes)
    reach = radius * (swell + blob.softness) * max(blob.stretch, 1 / blob.stretch) ** 0.5 + 1.5
    left, top = (max(math.floor(c - reach), 0) for c in centre)
    right, bottom = (min(math.ceil(c + reach) + 1, view.size) for c in centre)
    if left >= right or top >= bottom:
        return
    x = np.arange(left, right, dtype=np.float32) - np.float32(centre[0])
    y = (np.arange(top, bottom, dtype=np.float32) - np.float32(centre[1]))[:, None]
    # Turned into the blob's own axes, long axis first; the root keeps its area.
    angle, long_axis = view.turn_angle(blob.angle), radius * blob.stretch**0.5
    cos, sin = np.float32(math.cos(angle) / long_axis), np.float32(math.sin(angle) / long_axis)
    u, v = cos * x + sin * y, np.float32(blob.stretch) * (cos * y - sin * x)
    distance = np.hypot(u, v)
    outline = 1 + _compute_waves(u, v, distance, blob.lobes) if blob.lobes else np.float32(1)
    edge = max(blob.softness * radius, 1.0)
    t = np.clip((outline - distance) * np.float32(radius / edge) + np.float32(0.5), 0, 1)
    window = cover[top:bottom, left:right]
    np.maximum(window, t * t * (3 - 2 * t), out=window)


def _compute_waves(u: Plane, v: Plane, distance: Plane, lobes: tuple[complex, ...]) -> Plane:
    """`Re Σ_k lobes[k] e^{i(k+2)θ}` at every point, by Horner's rule."""
    unit = np.empty(distance.shape, dtype=np.complex64)
    distance = np.maximum(distance, np.float32(1e-6))
    unit.real, unit.imag = u / distance, v / distance
    waves = np.zeros_like(unit)
    for lobe in reversed(lobes):
        waves += np.complex64(lobe)
        waves *= unit
    return np.asarray((waves * unit).real)
