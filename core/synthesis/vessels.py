"""Retinal vessels: arcades that leave the optic disc, pass round the fovea, branch and taper."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.synthesis.raster import Tubes
from core.synthesis.view import Floats

STEP = 0.009  # length of a vessel piece in retina units: about two pixels at 512
_OUTER = 2.4  # vessels further than this from the fovea are never in view

# Way points of the upper trunks from the disc's middle; the lower ones are their mirror images.
_TEMPORAL = np.array(
    [[0, 0], [-0.03, -0.10], [-0.13, -0.30], [-0.42, -0.50], [-0.85, -0.56], [-1.3, -0.46], [-1.8, -0.3]]
)
_NASAL = np.array(
    [[0, 0], [0.03, -0.09], [0.13, -0.24], [0.36, -0.42], [0.7, -0.60], [1.0, -0.82], [1.5, -1.1]]
)
_INNER_NASAL = np.array([[0, 0], [0.07, -0.03], [0.25, -0.11], [0.5, -0.15], [0.85, -0.17], [1.2, -0.28]])
_MACULAR = np.array([[0, 0], [-0.09, -0.03], [-0.20, -0.10], [-0.34, -0.17], [-0.46, -0.19]])


@dataclass(frozen=True, slots=True)
class _Course:
    """One vessel: `(n, 2)` points a step apart, `(n,)` half widths."""

    points: Floats
    radii: Floats


def grow_vessels(
    rng: np.random.Generator, disc: tuple[float, float], calibre: float, tortuosity: float
) -> Tubes:
    """One tree (the arteries, or the veins) of an eye.

    Args:
        rng: Decides every course.
        disc: Middle of the optic disc, retina coordinates.
        calibre: Half width of the main trunks at the disc, retina units.
        tortuosity: 0 for straight vessels, 1 for strongly winding ones.
    """
    trunks = _grow_trunks(rng, np.asarray(disc), calibre, tortuosity)
    branches = _grow_branches(
        rng, trunks, spacing=0.15, reach=(0.25, 0.85), thinning=0.62, winding=2.2 + 4 * tortuosity
    )
    twigs = _grow_branches(
        rng, branches, spacing=0.13, reach=(0.1, 0.4), thinning=0.62, winding=6.0 + 7 * tortuosity
    )
    return _join([*trunks, *branches, *twigs])


def _grow_trunks(rng: np.random.Generator, disc: Floats, calibre: float, tortuosity: float) -> list[_Course]:
    trunks = []
    origin = disc + rng.normal(scale=0.012, size=2)
    for way, share in ((_TEMPORAL, 1.0), (_NASAL, 0.78), (_INNER_NASAL, 0.4), (_MACULAR, 0.34)):
        for flip in (1.0, -1.0):
            height = flip * rng.uniform(0.86, 1.12)
            points = way * (1.0, height)
            jitter = rng.normal(scale=0.035, size=way.shape) * np.linspace(0, 1, len(way))[:, None]
            course = _wind(_trace(points + jitter), rng, 0.006 + 0.014 * tortuosity)
            radius = calibre * share * rng.uniform(0.85, 1.1)
            radii = radius * np.linspace(1.0, 0.42 if share > 0.5 else 0.6, len(course))
            end = int(_find_end(course + origin))
            trunks.append(_Course((course + origin)[:end], radii[:end]))
    return trunks


def _trace(way_points: Floats) -> Floats:
    """A smooth curve through way points, sampled a step apart."""
    curve = way_points
    for _ in range(4):  # cutting corners converges to a quadratic B-spline (Chaikin, 1974)
        near, far = 0.75 * curve[:-1] + 0.25 * curve[1:], 0.25 * curve[:-1] + 0.75 * curve[1:]
        cut = np.stack([near, far], axis=1).reshape(-1, 2)
        curve = np.concatenate([curve[:1], cut, curve[-1:]])
    travelled = np.r_[0, np.cumsum(np.hypot(*np.diff(curve, axis=0).T))]
    steps = np.arange(0, travelled[-1], STEP)
    return np.stack([np.interp(steps, travelled, axis) for axis in curve.T], axis=1)


def _wind(points: Floats, rng: np.random.Generator, amplitude: float) -> Floats:
    """Sway a course sideways by a few waves; none at its root."""
    travelled = np.arange(len(points)) * STEP
    sway = sum(
        rng.normal() / (1 + 2 * k) * np.sin(2 * np.pi * travelled * (1.3 + 2.1 * k) + rng.uniform(0, 7))
        for k in range(4)
    )
    direction = np.gradient(points, axis=0) / STEP
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
    return np.asarray(points + (amplitude * sway * np.minimum(travelled / 0.25, 1))[:, None] * normal)


def _grow_branches(
    rng: np.random.Generator,
    parents: list[_Course],
    *,
    spacing: float,
    reach: tuple[float, float],
    thinning: float,
    winding: float,
) -> list[_Course]:
    """Side branches of all parents at once, alternating sides, about `spacing` apart."""
    starts, headings, roots = _bud(rng, parents, spacing)
    radii = roots * thinning * rng.uniform(0.7, 1.2, size=len(roots))
    lengths = rng.uniform(*reach, size=len(radii)) * np.minimum(1, radii / 0.004)
    paths = _walk(rng, starts, headings, float(lengths.max()), winding)
    counts = np.maximum((lengths / STEP).astype(int), 6)
    ends = np.minimum(counts, _find_end(paths))
    taper = 1 - 0.7 * np.arange(paths.shape[1]) / (counts[:, None] - 1)
    widths = radii[:, None] * taper
    return [_Course(path[:end], width[:end]) for path, width, end in zip(paths, widths, ends, strict=True)]


def _bud(rng: np.random.Generator, parents: list[_Course], spacing: float) -> tuple[Floats, Floats, Floats]:
    """Where side branches begin, their directions, and the parent's width there; left and right in turn.

    All parents are walked along as if they were one; none buds within a few steps of its end.
    """
    points = np.concatenate([parent.points for parent in parents])
    radii = np.concatenate([parent.radii for parent in parents])
    left = np.concatenate([np.arange(len(parent.radii))[::-1] for parent in parents])
    gaps = spacing / STEP * rng.uniform(0.5, 1.7, size=int(2 * len(points) * STEP / spacing) + 1)
    places = np.cumsum(gaps).astype(np.intp)
    places = places[places < len(points)]
    places = places[left[places] >= 4]
    along = points[places + 1] - points[places]
    sides = np.cumprod(np.where(rng.random(len(places)) < 0.8, -1.0, 1.0))
    headings = np.arctan2(along[:, 1], along[:, 0]) + sides * rng.uniform(0.45, 1.0, size=len(places))
    return points[places], headings, radii[places]


def _walk(
    rng: np.random.Generator, starts: Floats, headings: Floats, length: float, winding: float
) -> Floats:
    """`(n, steps, 2)` walks whose curvature drifts, bent away from the fovea."""
    steps = max(int(length / STEP), 6)
    points = np.empty((len(starts), steps, 2))
    position, heading = starts.copy(), headings.copy()
    curvature = rng.normal(scale=winding, size=len(starts))
    kicks = rng.normal(scale=winding * 0.55, size=(steps, len(starts)))
    for step in range(steps):
        points[:, step] = position
        outward = np.arctan2(position[:, 1], position[:, 0]) - heading
        near = np.exp(-((position**2).sum(1)) / 0.22**2)
        curvature = 0.86 * curvature + kicks[step]
        heading = heading + STEP * (curvature + 6.0 * near * np.sin(outward))
        position = position + STEP * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    return points


def _find_end(points: Floats) -> NDArray[np.intp]:
    """`(…,)` how many of `(…, steps, 2)` points to keep.

    A vessel ends where it would enter the vessel-free zone round the fovea, or leaves every view.
    """
    distance = np.hypot(points[..., 0], points[..., 1])
    outside = (distance < 0.12) | (distance > _OUTER)
    return np.asarray(np.where(outside.any(-1), outside.argmax(-1), outside.shape[-1]))


def _join(courses: list[_Course]) -> Tubes:
    kept = [course for course in courses if len(course.points) > 2]
    return Tubes(
        starts=np.concatenate([course.points[:-1] for course in kept]),
        ends=np.concatenate([course.points[1:] for course in kept]),
        radii=np.concatenate([(course.radii[:-1] + course.radii[1:]) / 2 for course in kept]),
    )
