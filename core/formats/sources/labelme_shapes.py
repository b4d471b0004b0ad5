"""Shapes of labelme as regions, drawn as labelme itself draws them when it exports masks."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from core.errors import AppError
from core.formats.sources.labelme_file import Shape
from core.formats.sources.regions import BACKGROUND_KEY, Region, encode_dense, find_key
from core.workspace.guarded import decode_image

_BROKEN_MASK = "the picture of its mask is damaged"
_OUTSIDE = "the shape lies outside of its picture"


def draw_shapes(shapes: Sequence[Shape], height: int, width: int) -> tuple[dict[str, Region], Counter[str]]:
    """The union of the shapes of each label; shapes of the background are passed over.

    Outlines belong to their shapes, as in `labelme.utils.shape_to_mask`.

    Args:
        shapes: The shapes of one picture.
        height: Rows.
        width: Columns.

    Returns:
        Regions by class key, and why shapes are left out: reason to number.
    """
    by_key: dict[str, list[Shape]] = {}
    for shape in shapes:
        by_key.setdefault(find_key(shape.label), []).append(shape)
    by_key.pop(BACKGROUND_KEY, None)
    regions: dict[str, Region] = {}
    left_out: Counter[str] = Counter()
    for key, members in by_key.items():
        canvas = Image.new("L", (width, height))  # one at a time: pictures may be large, labels many
        for shape in members:
            reason = _draw(shape, canvas)
            if reason:
                left_out[reason] += 1
        regions[key] = encode_dense(np.asarray(canvas))
    return regions, left_out


def _draw(shape: Shape, canvas: Image.Image) -> str:
    """Draw one shape; why that is not possible, else empty."""
    left, top = (min(values) for values in zip(*shape.points, strict=True))
    right, bottom = (max(values) for values in zip(*shape.points, strict=True))
    draw = ImageDraw.Draw(canvas)
    if shape.kind == "circle":
        (x, y), (a, b) = shape.points
        radius = math.hypot(x - a, y - b)
        left, top, right, bottom = x - radius, y - radius, x + radius, y + radius
        draw.ellipse((left, top, right, bottom), outline=1, fill=1)
    elif shape.kind == "rectangle":
        draw.rectangle((left, top, right, bottom), outline=1, fill=1)
    elif shape.kind == "mask":
        return _paste(shape, canvas)
    else:
        draw.polygon(shape.points, outline=1, fill=1)
    outside = right < 0 or bottom < 0 or left >= canvas.width or top >= canvas.height
    return _OUTSIDE if outside else ""


def _paste(shape: Shape, canvas: Image.Image) -> str:
    """Put a mask that is itself a picture at its upper left corner."""
    if shape.mask is None:
        return _BROKEN_MASK
    try:
        picture = np.asarray(decode_image(shape.mask, shape.label).convert("L")) != 0
    except AppError:
        return _BROKEN_MASK
    corner = (int(shape.points[0][0]), int(shape.points[0][1]))
    stamp = Image.fromarray(picture)
    canvas.paste(1, corner, stamp)
    return ""
