"""The outline of one COCO annotation: polygons, or run lengths as numbers or as text; checked, then encoded.

Everything is checked here, because pycocotools hands what it gets to C code that trusts it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.sources.regions import Region, encode_outlines, encode_runs
from core.formats.sources.runs import join_runs, parse_runs

NO_OUTLINE = "has no outline"
_NO_NUMBERS = "has an outline that is no list of finite numbers"
_TOO_SHORT = "has an outline of fewer than three points"
_OUTSIDE = "lies outside of its image"
_TOO_LONG = "has an outline far longer than its image"
_BAD_RUNS = "has run lengths that do not fill its image"

_LONGEST = 4_000_000  # pixels along one outline: beyond, drawing it would take gigabytes


@dataclass(frozen=True, slots=True)
class Segment:
    """A checked outline.

    Attributes:
        outlines: Polygons that can be drawn, each `x, y, x, y, …`.
        runs: `(R,)` int64 run lengths of 0, 1, 0, 1, … in columns, or None for polygons.
        fault: What is wrong with it, or with a part that is left out; empty where nothing is.
    """

    outlines: tuple[Sequence[float], ...] = ()
    runs: NDArray[np.int64] | None = None
    fault: str = ""

    @property
    def usable(self) -> bool:
        """Whether anything of it can be drawn."""
        return bool(self.outlines) or self.runs is not None

    def encode(self, height: int, width: int) -> Region:
        """Its region."""
        if self.runs is not None:
            return encode_runs(self.runs.tolist(), height, width)
        return encode_outlines(self.outlines, height, width)


def read_segment(value: Any, height: int, width: int) -> Segment:
    """Check what stands under `segmentation`.

    Args:
        value: As it stands in the file.
        height: Rows of the image.
        width: Columns of the image.
    """
    if not value:
        return Segment(fault=NO_OUTLINE)
    if isinstance(value, dict):
        return _read_runs(value, height, width)
    if not isinstance(value, list):
        return Segment(fault=_NO_NUMBERS)
    parts = value if isinstance(value[0], list) else [value]
    faults = [_find_fault(part, height, width) for part in parts]
    outlines = tuple(part for part, fault in zip(parts, faults, strict=True) if not fault)
    return Segment(outlines, fault=next(filter(None, faults), ""))


def _find_fault(outline: Any, height: int, width: int) -> str:
    """Why a polygon cannot be drawn; empty where it can."""
    try:
        total = sum(outline)  # NaN and infinity stay what they are in a sum; text and lists raise
        if not math.isfinite(total) or len(outline) % 2:
            return _NO_NUMBERS
        if len(outline) < 6:
            return _TOO_SHORT
        xs, ys = outline[0::2], outline[1::2]
        left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
        if right <= 0 or bottom <= 0 or left >= width or top >= height:
            return _OUTSIDE
        if len(xs) * max(right - left, bottom - top) > _LONGEST and _measure_outline(xs, ys) > _LONGEST:
            return _TOO_LONG
    except (TypeError, OverflowError):
        return _NO_NUMBERS
    return ""


def _measure_outline(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Pixels along a closed polygon, as lines are drawn: the longer of the two ways."""
    across = (abs(b - a) for a, b in pairwise([*xs, xs[0]]))
    down = (abs(b - a) for a, b in pairwise([*ys, ys[0]]))
    return sum(map(max, across, down))


def _read_runs(value: dict[str, Any], height: int, width: int) -> Segment:
    if value.get("size") != [height, width]:
        return Segment(fault="has run lengths of another size than its image")
    runs = parse_runs(value.get("counts"))
    if runs is None or (runs < 0).any() or int(runs.sum()) != height * width:
        return Segment(fault=_BAD_RUNS)
    return Segment(runs=join_runs(runs))
