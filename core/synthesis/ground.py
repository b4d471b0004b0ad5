"""Where on the retina there is room for a finding."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from core.synthesis.eye import Eye
from core.synthesis.view import Floats, View


class Ground:
    """The retina in view, and what is already taken.

    All distances are in retina units, so that a place is free or taken alike at every picture size.
    """

    def __init__(self, eye: Eye, view: View) -> None:
        self._view = view
        self._disc = np.asarray(eye.disc.centre)
        self._disc_reach = 1.12 * eye.disc.radius
        self._vessels = cKDTree(np.concatenate([eye.arteries.ends, eye.veins.ends]))
        self._vessel_radii = np.concatenate([eye.arteries.radii, eye.veins.radii])
        self._taken = np.empty((0, 3))

    def distance_to_vessels(self, points: Floats) -> Floats:
        """`(n,)` distance of `(n, 2)` points from the nearest vessel's wall; negative inside."""
        distance, nearest = self._vessels.query(points)
        return np.asarray(distance - self._vessel_radii[nearest])

    def distance_to_taken(self, points: Floats) -> Floats:
        """`(n,)` distance from the disc, taken places and the edge of the field; negative inside."""
        edge = self._view.edge_distance(self._view.to_pixels(points)) / self._view.scale
        disc = np.hypot(*(points - self._disc).T) - self._disc_reach
        room = np.minimum(edge, disc)
        for x, y, radius in self._taken:
            room = np.minimum(room, np.hypot(points[:, 0] - x, points[:, 1] - y) - radius)
        return np.asarray(room)

    def take(self, point: tuple[float, float], radius: float) -> None:
        """Keep others out of a circle."""
        self._taken = np.vstack([self._taken, (*point, radius)])

    def find_clear(self, candidates: Floats, radius: float, rng: np.random.Generator) -> tuple[float, float]:
        """The first candidate where nothing at all overlaps a spot of `radius`; else the clearest place.

        The answer is taken. A field of view always has room for a few such spots between its vessels.
        """
        field = self._random_points(rng, 500)
        points = np.concatenate([candidates, field])
        room = np.minimum(self.distance_to_vessels(points), self.distance_to_taken(points) - 0.02) - radius
        clear = np.flatnonzero(room > 0.004)
        best = points[clear[0] if len(clear) else int(room.argmax())]
        place = (float(best[0]), float(best[1]))
        self.take(place, 1.25 * radius)
        return place

    def are_free(self, points: Floats, margins: Floats) -> NDArray[np.bool_]:
        """`(n,)` which points lie in the field and their margin or more from the disc and taken places."""
        return np.asarray(self.distance_to_taken(points) > margins)

    def _random_points(self, rng: np.random.Generator, count: int) -> Floats:
        reach = 0.85 * self._view.field_radius / self._view.scale
        polar = reach * np.sqrt(rng.random(count)) * np.exp(2j * np.pi * rng.random(count))
        return np.asarray(np.stack([polar.real, polar.imag], axis=1) + self._view.aim)
