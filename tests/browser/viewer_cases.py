"""Generated cases of the viewer's harness."""

import numpy as np

from core.domain.classes import ClassSpec
from core.domain.masks import LabelMask
from core.services.reviews.greys import Grey
from core.services.reviews.pictures import CasePictures, Shown, encode_mask, encode_png

BACKGROUND = ClassSpec(key="0", name="background", role="background")
CLASSES = (BACKGROUND, ClassSpec(key="1", name="disc"), ClassSpec(key="2", name="lesion"))


def build_mask(position: int, side: int, overlapping: bool, shift: int = 0) -> LabelMask:
    """A disc with a lesion inside; `shift` moves both."""
    rows, columns = np.mgrid[:side, :side]
    middle = side // 2 + shift
    squared = (rows - middle) ** 2 + (columns - middle) ** 2
    disc = squared < (side // 4 + position) ** 2
    lesion = squared < (side // 10) ** 2
    if overlapping:
        return LabelMask(np.stack([~disc, disc, lesion]), 3)
    return LabelMask(np.where(lesion, 2, disc.astype(int)).astype(np.int16), 3)


def build_pictures(position: int, side: int, overlapping: bool, heat: bool) -> CasePictures:
    """One case: a 16-bit ramp with noise, its prediction, and a reference beside it."""
    rng = np.random.default_rng(position)
    image = (np.arange(side)[None, :] * 20 + rng.integers(0, 400, (side, side)) + 300).astype(np.uint16)
    doubt = rng.integers(0, 256, (side, side)).astype(np.uint8)
    return CasePictures(
        stamp=Shown(position).stamp,
        position=position,
        sample=f"patient_{position:03}/scan.png",
        height=side,
        width=side,
        image=encode_png(image),
        grey=Grey(-1000.0, 1.0, (-700.0, -700.0 + 20 * side + 400)),
        layers={
            "prediction": encode_mask(build_mask(position, side, overlapping)),
            "reference": encode_mask(build_mask(position, side, overlapping, shift=4)),
        },
        heat={"confidence": encode_png(255 - doubt // 2), "entropy": encode_png(doubt)} if heat else {},
        spacing=(0.5, 0.5),
    )
