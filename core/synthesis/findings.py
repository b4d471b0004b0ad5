"""Lesions and laser marks: how many, how large, where on the retina."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.synthesis.eye import Eye, random_lobes
from core.synthesis.fundus_plan import FundusPlan
from core.synthesis.fundus_spec import FRESH, HAEMORRHAGE, HARD_EXUDATE, PIGMENTED, SOFT_EXUDATE
from core.synthesis.ground import Ground
from core.synthesis.raster import Blob
from core.synthesis.streams import stream
from core.synthesis.view import Floats

Findings = dict[int, list[Blob]]  # blobs by mask value
Sites = Callable[[np.random.Generator, Eye, float], list[Blob]]


def place_findings(plan: FundusPlan, index: int, eye: Eye, ground: Ground) -> Findings:
    """The findings of photograph `index` by mask value, planned classes only; each has at least one blob.

    The first blob of each class is put where nothing hides any of it: it is what makes presence exact. The
    others grow at the same places at every visit, and are left out where they would lie on the disc or on
    a first one.
    """
    image = plan.images[index]
    severity = float(plan.severity[index])
    sites = {
        value: make(_stream_of_eye(plan, value, image.patient, image.side == "right"), eye, severity)
        for value, make in _SITES.items()
        if plan.shows(index, value)
    }
    rng = stream(plan.spec.seed, "findings", index)
    firsts = {value: _place_first(blobs, ground, rng) for value, blobs in sites.items()}
    if HARD_EXUDATE in firsts:
        sites[HARD_EXUDATE] += _cluster(rng, np.array(firsts[HARD_EXUDATE].centre))
    return {value: [firsts[value], *_keep_free(blobs[1:], ground, rng)] for value, blobs in sites.items()}


def _stream_of_eye(plan: FundusPlan, value: int, patient: int, right: bool) -> np.random.Generator:
    # Burns turn into scars at the same places, so both kinds of coagulates come from one stream.
    topic = "laser" if value in (FRESH, PIGMENTED) else f"finding {value}"
    return stream(plan.spec.seed, topic, patient, int(right))


def _place_first(blobs: list[Blob], ground: Ground, rng: np.random.Generator) -> Blob:
    first = blobs[0]
    size = first.radius * max(first.stretch, 1 / first.stretch) ** 0.5 * 1.1
    return replace(first, centre=ground.find_clear(_centres(blobs), size, rng))


def _keep_free(blobs: list[Blob], ground: Ground, rng: np.random.Generator) -> list[Blob]:
    shown = [blob for blob in blobs if rng.random() < 0.88]
    if not shown:
        return []
    sizes = np.array([blob.radius * max(blob.stretch, 1) ** 0.5 for blob in shown])
    free = ground.are_free(_centres(shown), sizes)
    return [blob for blob, is_free in zip(shown, free, strict=True) if is_free]


def _centres(blobs: list[Blob]) -> Floats:
    return np.array([blob.centre for blob in blobs])


def _hard_exudates(rng: np.random.Generator, eye: Eye, severity: float) -> list[Blob]:
    """Small sharp lipid deposits in clusters, sometimes in a ring round a leaking vessel (circinate)."""
    first = rng.normal(scale=(0.34, 0.3), size=2)
    blobs = [_spot(rng, first, float(rng.uniform(0.034, 0.04)), 0.09, 0.2)]
    for _ in range(1 + int(rng.poisson(max(1.2 + severity, 0.4)))):
        middle = rng.normal(scale=(0.3, 0.28), size=2)
        blobs += _ring(rng, middle) if rng.random() < 0.4 else _cluster(rng, middle)
    return blobs


def _cluster(rng: np.random.Generator, middle: Floats) -> list[Blob]:
    spread = float(rng.uniform(0.025, 0.085))
    return _deposits(rng, middle + rng.normal(scale=spread, size=(int(rng.integers(5, 26)), 2)))


def _ring(rng: np.random.Generator, middle: Floats) -> list[Blob]:
    count = int(rng.integers(18, 42))
    angles = rng.uniform(0, 2 * np.pi) + rng.uniform(0.6, 6.0, size=count)  # with a gap somewhere
    distance = rng.uniform(0.09, 0.21) * (1 + 0.13 * rng.normal(size=count))
    return _deposits(
        rng, middle + np.stack([distance * np.cos(angles), 0.85 * distance * np.sin(angles)], axis=1)
    )


def _deposits(rng: np.random.Generator, places: Floats) -> list[Blob]:
    radii = np.clip(rng.lognormal(np.log(0.0085), 0.5, len(places)), 0.0042, 0.03)
    return [_spot(rng, place, float(radius), 0.12, 0.25) for place, radius in zip(places, radii, strict=True)]


def _soft_exudates(rng: np.random.Generator, eye: Eye, severity: float) -> list[Blob]:
    """Cotton-wool spots: pale, feathery, along the arcades within a few disc diameters of the disc."""
    blobs = []
    for _ in range(1 + int(rng.poisson(max(1.0 + 0.8 * severity, 0.3)))):
        angle = np.pi + rng.choice((-1, 1)) * rng.uniform(0.45, 2.1)
        distance = rng.uniform(0.28, 0.75)
        centre = np.asarray(eye.disc.centre) + distance * np.array([np.cos(angle), np.sin(angle)])
        across = angle + np.pi / 2 + rng.normal(0, 0.4)
        blobs.append(
            Blob(
                (float(centre[0]), float(centre[1])),
                float(rng.uniform(0.042, 0.074)),
                float(rng.uniform(1.1, 1.9)),
                float(across),
                float(rng.uniform(0.6, 1.0)),
                random_lobes(rng, 0.09),
            )
        )
    return blobs


def _haemorrhages(rng: np.random.Generator, eye: Eye, severity: float) -> list[Blob]:
    """Blots and dots deep in the retina, flames along the nerve fibres near the disc."""
    blobs = [_spot(rng, _anywhere(rng), float(rng.uniform(0.036, 0.048)), 0.09, 0.4)]
    for _ in range(2 + int(rng.poisson(9 * np.exp(0.45 * severity)))):
        radius = float(np.clip(rng.lognormal(np.log(0.0125), 0.55), 0.006, 0.05))
        blobs.append(_spot(rng, _anywhere(rng), radius, 0.1, 0.45))
    for _ in range(int(rng.poisson(max(1.2 + 1.2 * severity, 0.2)))):
        blobs += _flame(rng, eye)
    return blobs


def _flame(rng: np.random.Generator, eye: Eye) -> list[Blob]:
    """Thin strokes side by side along the nerve fibres, which run from the disc."""
    disc = np.asarray(eye.disc.centre)
    angle = rng.uniform(0, 2 * np.pi)
    along = np.array([np.cos(angle), np.sin(angle)])
    middle = disc + rng.uniform(0.22, 0.6) * along
    length = float(rng.uniform(0.018, 0.032))
    strokes = []
    for _ in range(int(rng.integers(3, 7))):
        offset = rng.normal(scale=0.022) * along + rng.normal(scale=0.009) * np.array([-along[1], along[0]])
        x, y = middle + offset
        stroke = Blob(
            (float(x), float(y)),
            length * float(rng.uniform(0.6, 1.0)),
            float(rng.uniform(3.5, 8)),
            float(angle + rng.normal(0, 0.08)),
            0.35,
        )
        strokes.append(stroke)
    return strokes


def _fresh_coagulates(rng: np.random.Generator, eye: Eye, severity: float) -> list[Blob]:
    """Recent laser burns: round, all alike, greyish, with a soft edge."""
    places = _laser_rows(rng)
    radius = float(rng.uniform(0.035, 0.042))
    return [_spot(rng, place, radius * float(rng.uniform(0.94, 1.08)), 0.025, 0.5) for place in places]


def _pigmented_coagulates(rng: np.random.Generator, eye: Eye, severity: float) -> list[Blob]:
    """Old laser scars: grown, uneven, clumps of pigment round a bare centre."""
    places = _laser_rows(rng)
    return [_spot(rng, place, float(rng.uniform(0.036, 0.056)), 0.08, 0.3) for place in places]


def _laser_rows(rng: np.random.Generator) -> Floats:
    """`(n, 2)` spots in rows that follow the arcades' curve, on the side away from the disc; shuffled."""
    towards = np.pi + rng.choice((-1, 1)) * rng.uniform(0.2, 1.35)
    spacing = float(rng.uniform(0.105, 0.14))
    first_row = float(rng.uniform(0.46, 0.62))
    half_width = float(rng.uniform(0.3, 0.75))
    rows = []
    for row in range(int(rng.integers(2, 6))):
        radius = first_row + row * spacing
        angles = (
            towards
            + np.arange(-half_width, half_width, spacing / radius)
            + 0.5 * (row % 2) * spacing / radius
        )
        rows.append(radius * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    spots = np.concatenate(rows)
    return rng.permutation(spots + rng.normal(scale=0.009, size=spots.shape))


def _anywhere(rng: np.random.Generator) -> Floats:
    """Mostly within the arcades and temporal of them, seldom in the middle of the fovea."""
    distance = 0.12 + 0.85 * np.sqrt(rng.random())
    angle = rng.uniform(0, 2 * np.pi)
    return np.array([0.15 + distance * np.cos(angle), distance * np.sin(angle)])


def _spot(
    rng: np.random.Generator,
    centre: Floats | tuple[float, float],
    radius: float,
    uneven: float,
    softness: float,
) -> Blob:
    """A roundish blob; `uneven` is the size of its outline's waves."""
    stretch = float(np.exp(rng.normal(0, 1.8 * uneven)))
    lobes = random_lobes(rng, uneven)
    return Blob(
        (float(centre[0]), float(centre[1])), radius, stretch, float(rng.uniform(0, np.pi)), softness, lobes
    )


_SITES: dict[int, Sites] = {
    HARD_EXUDATE: _hard_exudates,
    SOFT_EXUDATE: _soft_exudates,
    FRESH: _fresh_coagulates,
    PIGMENTED: _pigmented_coagulates,
    HAEMORRHAGE: _haemorrhages,
}
