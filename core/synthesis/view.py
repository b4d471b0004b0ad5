"""How a camera sees the retina: from retina coordinates to pixels and back."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Plane = NDArray[np.float32]
Colour = tuple[float, float, float]  # reflectance of red, green and blue, about [0, 1]


@dataclass(frozen=True, slots=True)
class View:
    """One exposure.

    Retina coordinates are those of a right eye in a photograph: the fovea at the origin, x towards the optic
    disc (nasal), y downwards (inferior), one unit = the radius of a field of about 45° (6.7 mm). Left eyes
    are mirrored.

    Attributes:
        size: Side of the photograph in pixels.
        aim: Retina point in the middle of the field.
        middle: Pixel (x, y) of the middle of the field.
        field_radius: Radius of the field in pixels.
        scale: Pixels per retina unit.
        turn: Rotation of the camera in radians.
        mirrored: Whether this is a left eye.
        crop: Half height of the field in pixels; below `field_radius` the circle is cut off above and below.
    """

    size: int
    aim: tuple[float, float]
    middle: tuple[float, float]
    field_radius: float
    scale: float
    turn: float
    mirrored: bool
    crop: float

    def resized(self, size: int) -> "View":
        """The same exposure with `size` pixels a side."""
        factor = size / self.size
        shift = (factor - 1) / 2  # pixel centres are whole numbers, so the corner lies at -1/2
        return replace(
            self,
            size=size,
            middle=(self.middle[0] * factor + shift, self.middle[1] * factor + shift),
            field_radius=self.field_radius * factor,
            scale=self.scale * factor,
            crop=self.crop * factor,
        )

    def to_pixels(self, points: Floats) -> Floats:
        """`(n, 2)` retina points as `(n, 2)` pixel positions (x, y); pixel centres are whole numbers."""
        offsets = (points - np.asarray(self.aim)) * (self._sign, 1.0) * self.scale
        return np.asarray(offsets @ self._rotation().T + np.asarray(self.middle))

    def to_retina(self) -> tuple[Plane, Plane]:
        """Retina x and y of every pixel, two `(S, S)` planes."""
        back = self._rotation().T / self.scale
        steps = np.arange(self.size, dtype=np.float64)
        u, v = steps - self.middle[0], (steps - self.middle[1])[:, None]
        x = self._sign * (back[0, 0] * u + back[0, 1] * v) + self.aim[0]
        y = back[1, 0] * u + back[1, 1] * v + self.aim[1]
        return x.astype(np.float32), y.astype(np.float32)

    def turn_angle(self, angle: float) -> float:
        """A direction on the retina as a direction in the photograph, in radians."""
        return (np.pi - angle if self.mirrored else angle) + self.turn

    def edge_distance(self, pixels: Floats) -> Floats:
        """`(n,)` distance of pixel positions from the edge of the field; negative outside."""
        offsets = pixels - np.asarray(self.middle)
        to_circle = self.field_radius - np.hypot(offsets[:, 0], offsets[:, 1])
        return np.asarray(np.minimum(to_circle, self.crop - np.abs(offsets[:, 1])))

    def field_distance(self) -> tuple[Plane, Plane]:
        """`(S, S)` distance from the middle in field radii, and distance from the field's edge in pixels."""
        steps = np.arange(self.size, dtype=np.float32)
        u, v = steps - np.float32(self.middle[0]), (steps - np.float32(self.middle[1]))[:, None]
        distance = np.hypot(u, v)
        inside = np.minimum(self.field_radius - distance, self.crop - np.abs(v))
        return (distance / self.field_radius).astype(np.float32), inside.astype(np.float32)

    @property
    def _sign(self) -> float:
        return -1.0 if self.mirrored else 1.0

    def _rotation(self) -> Floats:
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        return np.array([[cos, -sin], [sin, cos]])
