"""Draw one planned fundus photograph and its exact mask."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.synthesis.distractors import atrophy_beside_disc, place_distractors
from core.synthesis.eye import Eye, aim_camera, build_eye
from core.synthesis.findings import place_findings
from core.synthesis.fundus_plan import FundusPlan
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
from core.synthesis.ground import Ground
from core.synthesis.noise import smooth_noise
from core.synthesis.optics import photograph
from core.synthesis.paint import Scene, absorb, paint_fundus, paint_layer, paint_stains, tint
from core.synthesis.raster import Blob, Tubes, cover_blobs, cover_tubes
from core.synthesis.streams import stream
from core.synthesis.view import Plane, View

Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Canvas:
    """The scene and its mask while they are painted, layer over layer: what is seen is what is labelled."""

    scene: Scene  # (3, S, S)
    mask: Mask  # (S, S)
    view: View
    rng: np.random.Generator

    def label(self, cover: Plane, value: int) -> None:
        self.mask[cover >= 0.5] = value


def draw_fundus(plan: FundusPlan, index: int) -> tuple[NDArray[np.uint8], Mask]:
    """Draw photograph `index` of a plan.

    A pure function of its arguments: the same bytes in any order and any process. The mask holds exactly
    the classes that `plan.presence[index]` says.

    Returns:
        image: `(S, S, 3)` uint8, red, green, blue.
        mask: `(S, S)` uint8, 0 background to 8 retinal haemorrhages, each pixel one class.
    """
    if not 0 <= index < len(plan.images):
        raise IndexError(f"photograph {index} is outside 0..{len(plan.images) - 1}")
    seed = plan.spec.seed
    eye = build_eye(plan, index)
    view = aim_camera(plan, index, eye)
    ground = Ground(eye, view)
    findings = place_findings(plan, index, eye, ground)
    rng = stream(seed, "paint", index)
    image = plan.images[index]
    own = stream(seed, "ground", image.patient, int(image.side == "right"))
    canvas = _Canvas(paint_fundus(own, eye, view), np.zeros((view.size, view.size), np.uint8), view, rng)
    canvas.label(cover_blobs([eye.macula], view), MACULA)
    paint_stains(canvas.scene, place_distractors(own, eye, ground), view)
    _paint_beneath_vessels(canvas, findings)
    paint_stains(canvas.scene, atrophy_beside_disc(own, eye), view)
    _paint_disc(canvas, eye)
    _paint_vessels(canvas, eye)
    canvas.label(cover_blobs([eye.disc], view), DISC)
    _paint_above_vessels(canvas, findings)
    canvas.mask[view.field_distance()[1] < 0] = 0
    return photograph(stream(seed, "camera", index), canvas.scene, view), canvas.mask


def _paint_beneath_vessels(canvas: _Canvas, findings: dict[int, list[Blob]]) -> None:
    """Laser marks lie in the pigment epithelium, hard exudates deep in the retina."""
    scene, view, rng = canvas.scene, canvas.view, canvas.rng
    if blobs := findings.get(PIGMENTED):
        cover = cover_blobs(blobs, view)
        paint_layer(scene, float(rng.uniform(0.6, 0.9)) * cover, tint(rng, (0.25, 0.13, 0.075), 0.2))
        bare = cover_blobs([_shrink(blob, rng) for blob in blobs], view)
        paint_layer(scene, float(rng.uniform(0.55, 0.9)) * bare, tint(rng, (0.86, 0.66, 0.4), 0.08))
        canvas.label(cover, PIGMENTED)
    if blobs := findings.get(FRESH):
        cover = cover_blobs(blobs, view)
        paint_layer(scene, float(rng.uniform(0.4, 0.75)) * cover, tint(rng, (0.86, 0.74, 0.52), 0.08))
        canvas.label(cover, FRESH)
    if blobs := findings.get(HARD_EXUDATE):
        cover = cover_blobs(blobs, view)
        paint_layer(scene, float(rng.uniform(0.6, 0.95)) * cover, tint(rng, (0.98, 0.8, 0.4), 0.08))
        canvas.label(cover, HARD_EXUDATE)


def _shrink(blob: Blob, rng: np.random.Generator) -> Blob:
    """The bare middle of a scar: anything from most of it to nearly nothing, seldom quite central."""
    share = float(rng.uniform(0.25, 0.72))
    offset = rng.normal(scale=0.1 * blob.radius, size=2)
    centre = (blob.centre[0] + float(offset[0]), blob.centre[1] + float(offset[1]))
    return replace(blob, centre=centre, radius=share * blob.radius, softness=0.35)


def _paint_disc(canvas: _Canvas, eye: Eye) -> None:
    """A pink rim with a paler cup, brighter at the temporal side, in a faint glow of nerve fibres."""
    scene, rng = canvas.scene, canvas.rng
    glow = cover_blobs([replace(eye.disc, radius=2.3 * eye.disc.radius, softness=1.9, lobes=())], canvas.view)
    paint_layer(scene, np.float32(rng.uniform(0.05, 0.2)) * glow, (0.95, 0.66, 0.36))
    disc = cover_blobs([eye.disc], canvas.view)
    paint_layer(scene, np.float32(0.9) * disc, tint(rng, (1.0, 0.71, 0.4), 0.06))
    temporal = replace(
        eye.disc, centre=(eye.disc.centre[0] - 0.3 * eye.disc.radius, eye.disc.centre[1]), softness=1.2
    )
    paint_layer(scene, np.float32(0.45) * disc * cover_blobs([temporal], canvas.view), (1.02, 0.85, 0.55))
    cup = cover_blobs([eye.cup], canvas.view)
    paint_layer(scene, np.float32(rng.uniform(0.55, 0.85)) * cup, tint(rng, (1.06, 0.93, 0.68), 0.03))


def _paint_vessels(canvas: _Canvas, eye: Eye) -> None:
    """Veins, then the arteries that cross over them, each with the bright streak of its convex wall."""
    rng = canvas.rng
    strength = float(rng.uniform(0.8, 1.1))
    seen = np.zeros_like(canvas.scene[0])
    for tubes, absorbed, streak in (
        (eye.veins, (0.34, 0.58, 0.5), 0.05),
        (eye.arteries, (0.2, 0.46, 0.42), 0.15),
    ):
        cover = cover_tubes(tubes, canvas.view)
        absorb(canvas.scene, np.float32(strength) * cover, absorbed)
        reflex = cover_tubes(_thin(tubes, 0.33), canvas.view)
        for channel, share in enumerate((1.0, 0.62, 0.4)):
            canvas.scene[channel] += np.float32(streak * share) * reflex
        np.maximum(seen, cover, out=seen)
    canvas.label(seen, VESSELS)


def _thin(tubes: Tubes, share: float) -> Tubes:
    wide = tubes.radii > 0.004
    return Tubes(tubes.starts[wide], tubes.ends[wide], share * tubes.radii[wide])


def _paint_above_vessels(canvas: _Canvas, findings: dict[int, list[Blob]]) -> None:
    """Cotton-wool spots and haemorrhages lie in the nerve fibre layer and hide the vessels."""
    scene, view, rng = canvas.scene, canvas.view, canvas.rng
    if blobs := findings.get(SOFT_EXUDATE):
        cover = cover_blobs(blobs, view)
        fleece = np.clip(0.85 + 0.22 * smooth_noise(rng, view.size, 70), 0, 1)
        paint_layer(
            scene, float(rng.uniform(0.5, 0.85)) * cover * fleece, tint(rng, (0.92, 0.79, 0.56), 0.08)
        )
        canvas.label(cover, SOFT_EXUDATE)
    if blobs := findings.get(HAEMORRHAGE):
        cover = cover_blobs(blobs, view)
        paint_layer(scene, float(rng.uniform(0.6, 0.9)) * cover, tint(rng, (0.36, 0.075, 0.045), 0.18))
        canvas.label(cover, HAEMORRHAGE)
