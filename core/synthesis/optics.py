"""From reflectance to a photograph: flash, haze, focus, exposure, sensor."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from core.synthesis.noise import smooth_noise
from core.synthesis.paint import Scene
from core.synthesis.view import Plane, View


def photograph(rng: np.random.Generator, scene: Scene, view: View) -> NDArray[np.uint8]:
    """Expose a `(3, S, S)` scene, which is used up; returns `(S, S, 3)` uint8, black outside the field."""
    distance, inside = view.field_distance()
    _veil(rng, scene, distance)
    scene *= _flash(rng, distance, view)
    _balance(rng, scene)
    _reflect_at_edge(rng, scene, distance, view)
    field = _field(rng, inside, view)
    scene *= field
    _focus(rng, scene, view)
    return _develop(rng, scene, field)


def _flash(rng: np.random.Generator, distance: Plane, view: View) -> Plane:
    """Illumination: uneven, falling off towards the edge and, as the pupil is never centred, to one side."""
    steps = np.linspace(-1, 1, view.size, dtype=np.float32)
    slope = rng.normal(0, 0.11, size=2)
    tilt = np.float32(slope[0]) * steps + np.float32(slope[1]) * steps[:, None]
    fall = np.float32(rng.uniform(0.1, 0.42)) * distance**2 + np.float32(rng.uniform(0, 0.22)) * distance**8
    clouds = 0.045 * smooth_noise(rng, view.size, 3)
    return np.asarray(np.maximum(1.04 + tilt - fall + clouds, 0.12), dtype=np.float32)


def _veil(rng: np.random.Generator, scene: Scene, distance: Plane) -> None:
    """Stray light from a cloudy lens: milky, stronger in the periphery."""
    amount = float(np.clip(rng.normal(0.03, 0.05), 0, 0.2))
    haze = np.float32(amount) * (0.6 + 0.9 * distance**2)
    for channel, light in enumerate((0.62, 0.52, 0.42)):
        scene[channel] += haze * (np.float32(light) - scene[channel])


def _balance(rng: np.random.Generator, scene: Scene) -> None:
    """Exposure, white balance and the camera's tone curve."""
    exposure = float(np.exp(rng.normal(0.06, 0.15)))
    white = np.exp(rng.normal(0, (0.03, 0.045, 0.12)))
    gamma = float(rng.uniform(0.92, 1.12))
    for channel in range(3):
        np.maximum(scene[channel], 0, out=scene[channel])
        scene[channel] **= np.float32(gamma)
        scene[channel] *= np.float32(exposure * white[channel])
    # A soft shoulder: film and sensors saturate gradually.
    bright = scene > 0.8
    scene[bright] = 0.8 + 0.2 * np.tanh((scene[bright] - 0.8) / 0.2)


def _reflect_at_edge(rng: np.random.Generator, scene: Scene, distance: Plane, view: View) -> None:
    """A pale crescent at the edge where the iris catches the flash; on some photographs only."""
    if rng.random() > 0.35:
        return
    steps = np.linspace(-1, 1, view.size, dtype=np.float32)
    towards = rng.uniform(0, 2 * np.pi)
    side = np.float32(np.cos(towards)) * steps + np.float32(np.sin(towards)) * steps[:, None]
    glow = np.clip((distance - np.float32(rng.uniform(0.72, 0.9))) / 0.25, 0, 1) ** 2 * np.clip(side, 0, 1)
    strength = np.float32(rng.uniform(0.15, 0.6))
    for channel, light in enumerate((0.75, 0.6 + rng.uniform(-0.1, 0.1), 0.45 + rng.uniform(-0.2, 0.2))):
        scene[channel] += strength * glow * np.float32(light)


def _field(rng: np.random.Generator, inside: Plane, view: View) -> Plane:
    """1 inside the circle, 0 outside, with the little notch that some cameras cut to mark the top right."""
    edge = np.clip(inside / np.float32(1.2 * view.size / 512 + 0.4) + 0.5, 0, 1)
    if rng.random() < 0.4 and view.crop >= view.field_radius:
        angle = rng.uniform(-0.85, -0.65)
        x = view.middle[0] + view.field_radius * np.cos(angle)
        y = view.middle[1] + view.field_radius * np.sin(angle)
        steps = np.arange(view.size, dtype=np.float32)
        notch = 0.026 * view.size - np.hypot(steps - np.float32(x), (steps - np.float32(y))[:, None])
        edge = np.maximum(edge, 0.85 * np.clip(notch + 0.5, 0, 1))
    return np.asarray(edge, dtype=np.float32)


def _focus(rng: np.random.Generator, scene: Scene, view: View) -> None:
    blur = float(np.clip(rng.lognormal(np.log(0.75), 0.35), 0.4, 1.7)) * view.size / 512
    if blur < 0.2:
        return
    for channel, softness in enumerate((1.15, 1.0, 1.25)):  # the eye focuses green best
        gaussian_filter(scene[channel], blur * softness, output=scene[channel], truncate=2.5)


def _develop(rng: np.random.Generator, scene: Scene, field: Plane) -> NDArray[np.uint8]:
    """Shot noise, the sensor's black level, eight bits."""
    size = field.shape[0]
    strength = np.float32(255 * rng.uniform(0.004, 0.014))
    black = (255 * rng.uniform(0.004, 0.02, size=3)).astype(np.float32)
    photo = np.empty((size, size, 3), dtype=np.uint8)  # (3, H, W) -> (H, W, 3)
    for channel, level in enumerate(scene):
        grain = rng.standard_normal((size, size), dtype=np.float32)
        grain *= strength * np.sqrt(level + np.float32(0.02))
        grain += 255 * level + black[channel] * (1 - field) + np.float32(0.5)
        photo[..., channel] = np.clip(grain, 0, 255, out=grain)
    return photo
