"""One eye: its pigment, disc, macula and vessels; and the exposures that a camera makes of it."""

from dataclasses import dataclass

import numpy as np

from core.synthesis.fundus_plan import FundusPlan
from core.synthesis.fundus_spec import FRESH, MACULA, PIGMENTED
from core.synthesis.raster import Blob, Tubes
from core.synthesis.streams import stream
from core.synthesis.vessels import grow_vessels
from core.synthesis.view import View


@dataclass(frozen=True, slots=True)
class Eye:
    """What stays the same from visit to visit.

    Measures are those of textbooks: disc 1.7 mm wide, 4.5 mm from the fovea and a little above it, veins
    0.16 mm wide at the disc, arteries two thirds of that.

    Attributes:
        pigment: Reflectance of the fundus (red, green, blue) in [0, 1].
        tessellation: 0: even fundus, 1: choroidal vessels shine through clearly.
        age: 0: young (bright reflexes along the vessels), 1: old (drusen, atrophy round the disc).
        disc: Outline of the optic disc.
        cup: The paler excavation inside the disc.
        macula: Outline of the macula, round the fovea at the origin.
        macula_depth: How much darker the fovea is than its surroundings, in [0, 1].
        arteries: The thinner, brighter tree.
        veins: The wider, darker tree.
    """

    pigment: tuple[float, float, float]
    tessellation: float
    age: float
    disc: Blob
    cup: Blob
    macula: Blob
    macula_depth: float
    arteries: Tubes
    veins: Tubes


def build_eye(plan: FundusPlan, index: int) -> Eye:
    """The eye on photograph `index`: the fellow eye is alike, a follow-up is the same eye."""
    image = plan.images[index]
    seed, side = plan.spec.seed, int(image.side == "right")
    body = stream(seed, "patient", image.patient)
    own = stream(seed, "eye", image.patient, side)
    age, tortuosity = float(body.random()), float(body.beta(1.3, 4))
    calibre = 0.0118 * float(body.uniform(0.85, 1.12))
    pigment = _choose_pigment(body)
    middle = (float(own.normal(0.68, 0.018)), float(own.normal(-0.03, 0.02)))
    disc, cup = _shape_disc(own, middle)
    return Eye(
        pigment=pigment,
        tessellation=float(np.clip(body.normal(0.25, 0.35), 0, 1)),
        age=age,
        disc=disc,
        cup=cup,
        macula=Blob((0.0, 0.0), float(own.uniform(0.165, 0.2)), float(own.uniform(1.0, 1.12)), 0.0, 0.3),
        macula_depth=float(own.uniform(0.3, 0.5)),
        arteries=grow_vessels(own, middle, calibre * float(own.uniform(0.66, 0.76)), tortuosity),
        veins=grow_vessels(own, middle, calibre, 1.25 * tortuosity),
    )


def _choose_pigment(rng: np.random.Generator) -> tuple[float, float, float]:
    red = float(rng.uniform(0.58, 0.86))
    green = float(np.clip(rng.normal(0.49, 0.055), 0.36, 0.6))
    blue = float(np.clip(1.1 * (green - 0.35) + rng.normal(0.03, 0.04), 0.03, 0.3))
    return red, red * green, red * blue


def _shape_disc(rng: np.random.Generator, middle: tuple[float, float]) -> tuple[Blob, Blob]:
    radius = float(rng.uniform(0.118, 0.142))
    upright = np.pi / 2 + float(rng.normal(0, 0.15))
    disc = Blob(middle, radius, float(rng.uniform(1.03, 1.18)), upright, 0.22, random_lobes(rng, 0.015))
    ratio = float(rng.uniform(0.32, 0.62))
    offset = (middle[0] - 0.1 * radius, middle[1] + float(rng.normal(0, 0.05)) * radius)
    cup = Blob(offset, radius * ratio, float(rng.uniform(1.0, 1.15)), upright, 0.75, random_lobes(rng, 0.04))
    return disc, cup


def random_lobes(rng: np.random.Generator, amount: float, count: int = 4) -> tuple[complex, ...]:
    """Outline waves for a `Blob`, the finer ones weaker; `amount` is their typical share of the radius."""
    waves = (rng.normal(size=count) + 1j * rng.normal(size=count)) * amount / (1 + 0.7 * np.arange(count))
    return tuple(complex(wave) for wave in waves)


def aim_camera(plan: FundusPlan, index: int, eye: Eye) -> View:
    """The exposure of photograph `index`: the disc is always in view, the macula when it is planned."""
    size = plan.spec.size
    rng = stream(plan.spec.seed, "view", index)
    zoom = float(rng.uniform(0.96, 1.05))
    aim = _choose_aim(rng, plan, index) if plan.shows(index, MACULA) else _aim_past_macula(rng, eye, zoom)
    radius = size * float(rng.uniform(0.468, 0.492))
    shift = rng.uniform(-0.006, 0.006, size=2) * size
    return View(
        size=size,
        aim=aim,
        middle=((size - 1) / 2 + float(shift[0]), (size - 1) / 2 + float(shift[1])),
        field_radius=radius,
        scale=radius * zoom,
        turn=float(rng.normal(0, 0.05)),
        mirrored=plan.images[index].side == "left",
        crop=radius * float(rng.uniform(0.82, 0.92)) if rng.random() < 0.25 else float(size),
    )


def _choose_aim(rng: np.random.Generator, plan: FundusPlan, index: int) -> tuple[float, float]:
    """At the macula, between it and the disc, or at the disc."""
    # Laser is given temporal of the macula, and photographs are taken where something was done.
    treated = plan.shows(index, FRESH) or plan.shows(index, PIGMENTED)
    x = 0.04 if treated else float(rng.choice((0.04, 0.3, 0.52), p=(0.62, 0.24, 0.14)))
    return x + float(rng.normal(0, 0.035)), float(rng.normal(0, 0.035))


def _aim_past_macula(rng: np.random.Generator, eye: Eye, zoom: float) -> tuple[float, float]:
    """So far nasally that the whole macula lies outside the circle."""
    outside = 1.04 / zoom + 1.25 * eye.macula.radius
    return max(outside, eye.disc.centre[0] + 0.5), float(rng.normal(0, 0.03))
