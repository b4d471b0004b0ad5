"""Disc, vessels and findings, painted layer over layer into a scene and its mask at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.synthesis.eye import Eye
from core.synthesis.findings import Findings
from core.synthesis.fundus_spec import (
    DISC,
    FRESH,
    HAEMORRHAGE,
    HARD_EXUDATE,
    MACULA,
    PIGMENTED,
    SOFT_EXUDATE,
    VESSELS,
)
from core.synthesis.noise import smooth_noise
from core.synthesis.paint import Scene, absorb, paint_layer, tint
from core.synthesis.raster import Blob, Tubes, cover_blobs, cover_tubes
from core.synthesis.view import Plane, View

Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Canvas:
    """A scene and its mask: what is seen on top is what is labelled.

    Attributes:
        scene: `(3, S, S)` reflectance.
        mask: `(S, S)` uint8 classes.
        view: The exposure.
        rng: Decides colours and strengths, so that no class has one colour of its own.
    """

    scene: Scene
    mask: Mask
    view: View
    rng: np.random.Generator

    def label(self, cover: Plane, value: int) -> None:
        """Give a class to all pixels that are covered by half or more."""
        self.mask[cover >= 0.5] = value


def label_macula(canvas: Canvas, eye: Eye) -> None:
    """Mark the macula, which is part of the ground and needs no paint."""
    canvas.label(cover_blobs([eye.macula], canvas.view), MACULA)


def paint_disc(canvas: Canvas, eye: Eye) -> None:
    """A pink rim with a paler cup, brighter at the temporal side, in a faint glow of nerve fibres."""
    scene, rng, disc = canvas.scene, canvas.rng, eye.disc
    glow = cover_blobs([replace(disc, radius=2.3 * disc.radius, softness=1.9, lobes=())], canvas.view)
    paint_layer(scene, np.float32(rng.uniform(0.05, 0.2)) * glow, (0.95, 0.66, 0.36))
    cover = cover_blobs([disc], canvas.view)
    fibres = 0.86 + 0.07 * smooth_noise(rng, canvas.view.size, 40)
    paint_layer(scene, np.clip(fibres, 0, 0.97) * cover, tint(rng, (1.0, 0.69, 0.39), 0.06))
    temporal = replace(disc, centre=(disc.centre[0] - 0.35 * disc.radius, disc.centre[1]), softness=1.3)
    paint_layer(scene, np.float32(0.5) * cover * cover_blobs([temporal], canvas.view), (1.02, 0.85, 0.55))
    cup = cover_blobs([eye.cup], canvas.view)
    paint_layer(scene, np.float32(rng.uniform(0.5, 0.85)) * cup, tint(rng, (1.08, 0.96, 0.72), 0.03))


def label_disc(canvas: Canvas, eye: Eye) -> None:
    """Mark the whole disc, the vessels on it included, as graders outline it."""
    canvas.label(cover_blobs([eye.disc], canvas.view), DISC)


def paint_vessels(canvas: Canvas, eye: Eye) -> None:
    """Veins, then the arteries that cross over them, each with the bright streak along its middle."""
    strength = np.float32(canvas.rng.uniform(0.8, 1.1))
    seen = np.zeros_like(canvas.scene[0])
    for tubes, absorbed, streak in (
        (eye.veins, (0.33, 0.58, 0.5), 0.05),
        (eye.arteries, (0.19, 0.46, 0.42), 0.15),
    ):
        cover = cover_tubes(tubes, canvas.view)
        absorb(canvas.scene, strength * cover, absorbed)
        reflex = cover_tubes(_keep_wide(tubes, 0.33), canvas.view)
        for channel, share in enumerate((1.0, 0.62, 0.4)):
            canvas.scene[channel] += np.float32(streak * share) * reflex
        np.maximum(seen, cover, out=seen)
    canvas.label(seen, VESSELS)


def _keep_wide(tubes: Tubes, share: float) -> Tubes:
    """The wider tubes only, thinned to a share of their width."""
    wide = tubes.radii > 0.004
    return Tubes(tubes.starts[wide], tubes.ends[wide], share * tubes.radii[wide])


def paint_deep_findings(canvas: Canvas, findings: Findings) -> None:
    """What lies beneath the vessels: laser marks in the pigment epithelium, hard exudates above them."""
    if blobs := findings.get(PIGMENTED):
        _paint_scars(canvas, blobs)
    if blobs := findings.get(FRESH):
        cover = cover_blobs(blobs, canvas.view)
        opacity = np.float32(canvas.rng.uniform(0.4, 0.75))
        paint_layer(canvas.scene, opacity * cover, tint(canvas.rng, (0.86, 0.72, 0.5), 0.08))
        canvas.label(cover, FRESH)
    if blobs := findings.get(HARD_EXUDATE):
        cover = cover_blobs(blobs, canvas.view)
        opacity = np.float32(canvas.rng.uniform(0.6, 0.95))
        paint_layer(canvas.scene, opacity * cover, tint(canvas.rng, (0.98, 0.8, 0.42), 0.08))
        canvas.label(cover, HARD_EXUDATE)


def _paint_scars(canvas: Canvas, blobs: Sequence[Blob]) -> None:
    """Clumps of pigment round a bare middle, through which the white sclera shines."""
    scene, view, rng = canvas.scene, canvas.view, canvas.rng
    cover = cover_blobs(blobs, view)
    clumps = np.clip(0.62 + 0.4 * smooth_noise(rng, view.size, 48), 0.12, 1)
    paint_layer(scene, np.float32(0.85) * clumps * cover, tint(rng, (0.27, 0.145, 0.085), 0.2))
    bare = cover_blobs([_find_bare_part(blob, rng) for blob in blobs], view)
    opacity = np.float32(rng.uniform(0.55, 0.9))
    paint_layer(scene, opacity * bare, tint(rng, (0.84, 0.64, 0.4), 0.08))
    canvas.label(cover, PIGMENTED)


def _find_bare_part(scar: Blob, rng: np.random.Generator) -> Blob:
    """Anything from most of a scar to nearly nothing of it, seldom quite in its middle."""
    offset = rng.normal(scale=0.16 * scar.radius, size=2)
    return replace(
        scar,
        centre=(scar.centre[0] + float(offset[0]), scar.centre[1] + float(offset[1])),
        radius=float(rng.uniform(0.12, 0.78)) * scar.radius,
        softness=float(rng.uniform(0.25, 0.8)),
    )


def paint_shallow_findings(canvas: Canvas, findings: Findings) -> None:
    """What lies in the nerve fibre layer and hides the vessels: cotton-wool spots and haemorrhages."""
    scene, view, rng = canvas.scene, canvas.view, canvas.rng
    if blobs := findings.get(SOFT_EXUDATE):
        cover = cover_blobs(blobs, view)
        fleece = smooth_noise(rng, view.size, 64)
        cover = np.clip(cover + 0.9 * fleece * cover * (1 - cover), 0, 1)  # a frayed edge
        opacity = np.float32(rng.uniform(0.45, 0.85)) * np.clip(0.88 + 0.15 * fleece, 0, 1)
        paint_layer(scene, opacity * cover, tint(rng, (0.91, 0.8, 0.59), 0.1))
        canvas.label(cover, SOFT_EXUDATE)
    if blobs := findings.get(HAEMORRHAGE):
        cover = cover_blobs(blobs, view)
        depth = np.clip(0.9 + 0.12 * smooth_noise(rng, view.size, 60), 0, 1)
        absorb(scene, np.float32(rng.uniform(0.8, 1.05)) * depth * cover, (0.46, 0.78, 0.72))
        canvas.label(cover, HAEMORRHAGE)
