"""Draw one planned fundus photograph and its exact mask."""

import numpy as np
from numpy.typing import NDArray

from core.synthesis.distractors import atrophy_beside_disc, place_distractors, place_dust
from core.synthesis.eye import aim_camera, build_eye
from core.synthesis.findings import place_findings
from core.synthesis.fundus_plan import FundusPlan
from core.synthesis.ground import Ground
from core.synthesis.layers import (
    Canvas,
    label_disc,
    label_macula,
    paint_deep_findings,
    paint_disc,
    paint_shallow_findings,
    paint_vessels,
)
from core.synthesis.optics import photograph
from core.synthesis.paint import paint_fundus, paint_stains
from core.synthesis.streams import stream


def draw_fundus(plan: FundusPlan, index: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw photograph `index` of a plan.

    A pure function of its arguments: the same bytes in any order and any process. The mask holds exactly
    the classes that `plan.presence[index]` says.

    Returns:
        image: `(S, S, 3)` uint8, red, green, blue.
        mask: `(S, S)` uint8, 0 background to 8 retinal haemorrhages, each pixel one class.

    Raises:
        IndexError: The plan has no such photograph.
    """
    if not 0 <= index < len(plan.images):
        raise IndexError(f"photograph {index} is outside 0..{len(plan.images) - 1}")
    seed, image = plan.spec.seed, plan.images[index]
    eye = build_eye(plan, index)
    view = aim_camera(plan, index, eye)
    ground = Ground(eye, view)
    findings = place_findings(plan, index, eye, ground)
    of_eye = stream(seed, "ground", image.patient, int(image.side == "right"))
    canvas = Canvas(
        scene=paint_fundus(of_eye, eye, view),
        mask=np.zeros((view.size, view.size), dtype=np.uint8),
        view=view,
        rng=stream(seed, "paint", index),
    )
    label_macula(canvas, eye)
    stains = [*place_distractors(of_eye, eye, ground), *place_dust(stream(seed, "dust", index), ground)]
    paint_stains(canvas.scene, stains, view)
    paint_deep_findings(canvas, findings)
    paint_stains(canvas.scene, atrophy_beside_disc(of_eye, eye), view)
    paint_disc(canvas, eye)
    paint_vessels(canvas, eye)
    label_disc(canvas, eye)
    paint_shallow_findings(canvas, findings)
    _, inside = view.field_distance()
    canvas.mask[inside < 0] = 0
    return photograph(stream(seed, "camera", index), canvas.scene, view), canvas.mask
