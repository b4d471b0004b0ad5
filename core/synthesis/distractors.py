"""Harmless things that look like findings: what keeps colour alone from telling the classes."""

from dataclasses import dataclass

import numpy as np

from core.synthesis.eye import Eye, random_lobes
from core.synthesis.ground import Ground
from core.synthesis.raster import Blob
from core.synthesis.view import Colour, Floats


@dataclass(frozen=True, slots=True)
class Stain:
    """Blobs of one colour that belong to the background; `opacity` in [0, 1]."""

    blobs: list[Blob]
    colour: Colour
    opacity: float


def place_distractors(rng: np.random.Generator, eye: Eye, ground: Ground) -> list[Stain]:
    """Drusen, pigment spots, naevi, bare patches and reflexes: an eye has the same ones at every visit."""
    stains = []
    if rng.random() < 0.25 + 0.5 * eye.age:
        stains.append(_drusen(rng, ground))
    if rng.random() < 0.45:
        stains.append(_pigment_spots(rng, ground))
    if rng.random() < 0.5:
        stains.append(_red_dots(rng, ground))
    if rng.random() < 0.14:
        stains.append(_naevus(rng, ground))
    if rng.random() < 0.8 * (1 - eye.age):
        stains.append(_reflexes(rng, eye, ground))
    if rng.random() < 0.3:
        stains.append(_bare_patches(rng, ground))
    return stains


def atrophy_beside_disc(rng: np.random.Generator, eye: Eye) -> list[Stain]:
    """A pale crescent at the disc's temporal side with a pigmented border; drawn beneath the disc."""
    if rng.random() > 0.15 + 0.4 * eye.age:
        return []
    width = float(rng.uniform(0.012, 0.05))
    x, y = eye.disc.centre
    outline = random_lobes(rng, 0.025)
    centre = (x - 0.7 * width, y + float(rng.normal(0, 0.01)))
    pale = Blob(centre, eye.disc.radius + 0.6 * width, eye.disc.stretch, eye.disc.angle, 0.12, outline)
    border = Blob(centre, pale.radius + 0.012, pale.stretch, pale.angle, 0.14, outline)
    tint = float(rng.uniform(0.85, 1.05))
    return [
        Stain([border], (0.32, 0.17, 0.09), float(rng.uniform(0.1, 0.5))),
        Stain([pale], (0.88 * tint, 0.66 * tint, 0.4 * tint), float(rng.uniform(0.35, 0.7))),
    ]


def _drusen(rng: np.random.Generator, ground: Ground) -> Stain:
    count = int(rng.integers(8, 60))
    places = rng.normal(scale=rng.uniform(0.08, 0.4), size=(count, 2))
    radii = np.clip(rng.lognormal(np.log(0.011), 0.45, count), 0.005, 0.034)
    colour = (float(rng.uniform(0.82, 1.0)), float(rng.uniform(0.6, 0.84)), float(rng.uniform(0.28, 0.52)))
    return Stain(_spots(rng, ground, places, radii, 0.9), colour, float(rng.uniform(0.3, 0.85)))


def _pigment_spots(rng: np.random.Generator, ground: Ground) -> Stain:
    count = int(rng.integers(2, 14))
    places = rng.normal(scale=0.5, size=(count, 2))
    radii = rng.uniform(0.006, 0.03, count)
    shade = float(rng.uniform(0.2, 0.46))
    return Stain(
        _spots(rng, ground, places, radii, 0.5),
        (shade, 0.5 * shade, 0.28 * shade),
        float(rng.uniform(0.4, 0.85)),
    )


def _red_dots(rng: np.random.Generator, ground: Ground) -> Stain:
    """Microaneurysms: too small to be called haemorrhages."""
    count = int(rng.integers(3, 22))
    places = rng.normal(scale=0.35, size=(count, 2))
    return Stain(_spots(rng, ground, places, rng.uniform(0.003, 0.0048, count), 0.4), (0.5, 0.12, 0.07), 0.6)


def _naevus(rng: np.random.Generator, ground: Ground) -> Stain:
    places = rng.normal(scale=0.55, size=(6, 2))
    spots = _spots(rng, ground, places, rng.uniform(0.07, 0.13, 6), 0.7)
    return Stain(spots[:1], (0.3, 0.15, 0.085), float(rng.uniform(0.3, 0.6)))


def place_dust(rng: np.random.Generator, ground: Ground) -> list[Stain]:
    """Pale discs without an edge: dust on the lens or a tear film, on some photographs only."""
    if rng.random() > 0.45:
        return []
    count = int(rng.integers(1, 6))
    places = rng.uniform((-0.65, -0.8), (0.95, 0.8), size=(count, 2))
    radii = rng.uniform(0.03, 0.085, count)
    tint = float(rng.uniform(0.78, 1.0))
    colour = (tint, float(rng.uniform(0.76, 0.88)) * tint, float(rng.uniform(0.52, 0.7)) * tint)
    return [Stain(_spots(rng, ground, places, radii, 1.9), colour, float(rng.uniform(0.25, 0.7)))]


def _reflexes(rng: np.random.Generator, eye: Eye, ground: Ground) -> Stain:
    """Silvery streaks along the larger veins, where a young retina's surface mirrors the flash."""
    chosen = rng.choice(np.flatnonzero(eye.veins.radii > 0.005), size=int(rng.integers(3, 14)))
    places = eye.veins.ends[chosen] + rng.normal(scale=0.045, size=(len(chosen), 2))
    along = eye.veins.ends[chosen] - eye.veins.starts[chosen]
    radii, stretches = rng.uniform(0.02, 0.06, len(chosen)), rng.uniform(1.5, 5, len(chosen))
    streaks = [
        Blob((float(x), float(y)), float(radius), float(stretch), float(np.arctan2(dy, dx)), 1.6)
        for (x, y), radius, stretch, (dx, dy), free in zip(
            places, radii, stretches, along, ground.are_free(places, 1.5 * radii), strict=True
        )
        if free
    ]
    return Stain(streaks, (0.93, 0.83, 0.65), float(rng.uniform(0.3, 0.75)))


def _bare_patches(rng: np.random.Generator, ground: Ground) -> Stain:
    """Patches of lost pigment epithelium: pale and sharp as scars, but few, larger and without a rim."""
    count = int(rng.integers(1, 4))
    places = rng.normal(scale=0.5, size=(count, 2))
    radii = rng.uniform(0.03, 0.09, count)
    colour = (float(rng.uniform(0.82, 1.0)), float(rng.uniform(0.66, 0.86)), float(rng.uniform(0.4, 0.66)))
    return Stain(_spots(rng, ground, places, radii, 0.3, uneven=0.12), colour, float(rng.uniform(0.35, 0.75)))


def _spots(
    rng: np.random.Generator,
    ground: Ground,
    places: Floats,
    radii: Floats,
    softness: float,
    uneven: float = 0.06,
) -> list[Blob]:
    # All are drawn before some are left out: what is in view must not change what comes next.
    blobs = [
        Blob((float(x), float(y)), float(radius), 1.0, 0.0, softness, random_lobes(rng, uneven))
        for (x, y), radius in zip(places, radii, strict=True)
    ]
    return [blob for blob, free in zip(blobs, ground.are_free(places, radii), strict=True) if free]
