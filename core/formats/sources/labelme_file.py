"""One labelme file: the shapes drawn in one picture, and often the picture itself."""

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import DatasetError
from core.workspace.guarded import read_bytes

_AREAS = frozenset({"polygon", "rectangle", "circle", "mask", "oriented_rectangle"})
_WITHOUT_AREA = frozenset({"point", "points", "line", "linestrip"})
_FARTHEST = 1_000_000  # pixels from the picture's corner: lines beyond would take minutes to draw

NO_AREA = "points and lines cover no area"
_NO_LABEL = "the shape has no label"
_UNKNOWN = "the kind of shape is not known"
_NO_POINTS = "the shape has too few points, or points that are no finite numbers"
_NO_PICTURE = "the shape holds no picture of its mask"


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape that covers an area.

    Attributes:
        label: What it shows.
        kind: `polygon`, `rectangle`, `circle` or `mask`.
        points: Corners; of a circle its centre and a point on it; of a mask its upper left and lower right.
        mask: PNG of a mask; None for others.
    """

    label: str
    kind: str
    points: tuple[tuple[float, float], ...]
    mask: bytes | None = None


@dataclass(frozen=True, slots=True)
class LabelmeFile:
    """What a file holds.

    Attributes:
        image_path: Where the picture lies, relative to the file, in POSIX form; empty where it does not say.
        height: Rows; 0 where it does not say.
        width: Columns; 0 where it does not say.
        shapes: Shapes that cover an area, in the order of the file.
        left_out: Why other shapes are left out: reason to number.
        image: The bytes of the picture, if they are inside.
    """

    image_path: str
    height: int
    width: int
    shapes: tuple[Shape, ...]
    left_out: Mapping[str, int]
    image: bytes | None


def read_labelme_file(path: Path, root: Path | None = None) -> LabelmeFile:
    """Read a file; shapes that cannot be used are counted.

    Args:
        path: The file.
        root: When given, the file must lie inside it, links followed.

    Raises:
        DatasetError: It is missing, refused, no JSON, or holds no list of shapes.
    """
    return parse_labelme(read_bytes(path, root), path.name)


def parse_labelme(data: bytes, name: str) -> LabelmeFile:
    """Understand the content of a file; `name` is said in errors.

    Raises:
        DatasetError: It is no JSON, or holds no list of shapes.
    """
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{name}: this is no complete JSON file; save it again in labelme.") from error
    if not isinstance(content, dict) or not isinstance(content.get("shapes"), list):
        raise DatasetError(f"{name}: it holds no list of shapes, so it is no labelme file; leave it out.")
    shapes: list[Shape] = []
    left_out: dict[str, int] = {}
    for value in content["shapes"]:
        shape, reason = _read_shape(value if isinstance(value, dict) else {})
        if shape is not None:
            shapes.append(shape)
        else:
            left_out[reason] = left_out.get(reason, 0) + 1
    image_path = content.get("imagePath")
    return LabelmeFile(
        image_path=image_path.replace("\\", "/") if isinstance(image_path, str) else "",
        height=_read_side(content.get("imageHeight")),
        width=_read_side(content.get("imageWidth")),
        shapes=tuple(shapes),
        left_out=left_out,
        image=_decode(content.get("imageData")),
    )


def _read_shape(value: dict[str, Any]) -> tuple[Shape | None, str]:
    """A shape, or None and why it is left out."""
    label, kind = value.get("label"), value.get("shape_type") or "polygon"  # labelme 3 knew polygons only
    if not isinstance(label, str) or not label.strip():
        return None, _NO_LABEL
    if kind not in _AREAS:
        return None, NO_AREA if kind in _WITHOUT_AREA else _UNKNOWN
    points = _read_points(value.get("points"))
    needed = 3 if kind in ("polygon", "oriented_rectangle") else 2
    if len(points) < needed or (needed == 2 and len(points) > 2 and kind != "rectangle"):
        return None, _NO_POINTS
    if kind != "mask":
        return Shape(label, "polygon" if kind == "oriented_rectangle" else str(kind), points), ""
    mask = _decode(value.get("mask"))
    return (None, _NO_PICTURE) if mask is None else (Shape(label, "mask", points, mask), "")


def _read_points(value: Any) -> tuple[tuple[float, float], ...]:
    """The points of a shape; none where one of them is no pair of sensible numbers."""
    if not isinstance(value, list):
        return ()
    points: list[tuple[float, float]] = []
    for point in value:
        if not isinstance(point, list) or len(point) != 2 or not all(map(_is_near, point)):
            return ()
        points.append((float(point[0]), float(point[1])))
    return tuple(points)


def _is_near(number: Any) -> bool:
    return isinstance(number, int | float) and math.isfinite(number) and abs(number) <= _FARTHEST


def _read_side(value: Any) -> int:
    return value if isinstance(value, int) and 0 < value < 10**9 else 0


def _decode(value: Any) -> bytes | None:
    """The bytes behind a text in base 64; None where there are none."""
    if not isinstance(value, str) or not value:
        return None
    try:
        return base64.b64decode(value, validate=False) or None
    except (binascii.Error, ValueError):
        return None
