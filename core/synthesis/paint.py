"""The retina's colours: reflectance planes, before any camera sees them."""

from collections.abc import Sequence

import numpy as np

from core.synthesis.distractors import Stain
from core.synthesis.eye import Eye
from core.synthesis.noise import enlarge, layered_noise, smooth_noise
from core.synthesis.raster import cover_blobs
from core.synthesis.view import Colour, Plane, View

Scene = Plane  # (3, S, S) reflectance, red, green, blue


def paint_fundus(rng: np.random.Generator, eye: Eye, view: View) -> Scene:
    """Pigment, choroid and the darker macula: the ground on which everything else lies."""
    size = view.size
    coarse = view.resized(size // 2 if size >= 256 else size)  # nothing here is finer than two pixels
    relief = 0.07 * layered_noise(rng, coarse.size, 3, 5)
    relief += (0.05 + 0.2 * eye.tessellation) * _choroidal_vessels(rng, coarse.size)
    relief += 0.09 * (1 - eye.age) * _nerve_fibres(rng, eye, coarse)
    relief = enlarge(relief, size) + 0.028 * smooth_noise(rng, size, 110)
    depth = enlarge(_macular_depth(eye, coarse), size)
    scene = np.empty((3, size, size), dtype=np.float32)
    # Melanin and blood take green and blue away more than red; so does the macula's yellow pigment.
    shares = zip(eye.pigment, (0.55, 1.0, 1.25), (0.62, 1.0, 1.15), strict=True)
    for channel, (base, share, macular) in enumerate(shares):
        np.multiply(np.exp(share * relief), base * (1 - macular * depth), out=scene[channel])
    return scene


def _choroidal_vessels(rng: np.random.Generator, size: int) -> Plane:
    """Bright ribbons between dark pigment: zero lines of smooth noise, in two sizes."""
    ribbons = np.zeros((size, size), dtype=np.float32)
    for cells, strength in ((9, 0.6), (15, 0.4)):
        field = smooth_noise(rng, size, cells) + 0.25 * smooth_noise(rng, size, 2 * cells)
        ribbons += strength * np.exp(-((field / 0.42) ** 2))
    patches = np.clip(0.6 + 0.6 * smooth_noise(rng, size, 3), 0, 1.4)
    return np.asarray((ribbons - 0.35) * patches, dtype=np.float32)


def _nerve_fibres(rng: np.random.Generator, eye: Eye, view: View) -> Plane:
    """The silky sheen of young retinas: fine streaks that run from the disc and fade."""
    x, y = view.to_retina()
    x, y = x - np.float32(eye.disc.centre[0]), y - np.float32(eye.disc.centre[1])
    rays = 360
    streaks = np.convolve(rng.standard_normal(rays + 2), (0.5, 0.7, 0.5), mode="valid").astype(np.float32)
    turn = (np.arctan2(y, x) + np.float32(np.pi)) * np.float32((rays - 1) / (2 * np.pi))
    ray = turn.astype(np.intp)
    between = turn - ray
    sheen = streaks[ray] * (1 - between) + streaks[np.minimum(ray + 1, rays - 1)] * between
    return np.asarray(sheen * np.exp(-(x * x + y * y) / np.float32(0.4**2)), dtype=np.float32)


def _macular_depth(eye: Eye, view: View) -> Plane:
    """How much darker the macula is, in [0, 1]: deepest in the fovea, fading out at the outline."""
    x, y = view.to_retina()
    squared = (x * x / eye.macula.stretch + y * y * eye.macula.stretch) / eye.macula.radius**2
    fade = np.exp(np.float32(-1.1) * squared)
    return np.asarray(np.float32(eye.macula_depth) * fade * (0.55 + 0.45 * fade**4), dtype=np.float32)


def paint_layer(scene: Scene, cover: Plane, colour: Colour) -> None:
    """Lay an opaque colour over the scene where `cover` (in [0, 1]) says so."""
    for channel in range(3):
        scene[channel] += cover * (np.float32(colour[channel]) - scene[channel])


def paint_stains(scene: Scene, stains: Sequence[Stain], view: View) -> None:
    """Lay distractors over the scene."""
    for stain in stains:
        paint_layer(scene, np.float32(stain.opacity) * cover_blobs(stain.blobs, view), stain.colour)


def absorb(scene: Scene, cover: Plane, absorbed: Colour) -> None:
    """Take a share of each channel's light away: blood lets the ground shine through."""
    for channel in range(3):
        scene[channel] *= 1 - np.float32(absorbed[channel]) * cover


def tint(rng: np.random.Generator, colour: Colour, spread: float) -> Colour:
    """A colour varied in brightness and hue, so that no class has one colour of its own."""
    varied = np.asarray(colour) * np.exp(rng.normal(0, spread)) * np.exp(rng.normal(0, 0.5 * spread, size=3))
    return float(varied[0]), float(varied[1]), float(varied[2])
