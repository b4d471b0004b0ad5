"""Size, place and shape of one region, by scikit-image's `regionprops`; docs/measurement.md has the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.measure import label, regionprops

_AXES = ("slice", "row", "column")
_SQUARE = 1e-3  # spacings that differ by less, relatively, are equal: scanners round them


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `value` is None where it would mean nothing; `unit` is empty for pure numbers.

    >>> str(Measure("area", 12.5, "mm²"))
    'area 12.5 mm²'
    """

    name: str
    value: float | None
    unit: str

    def __str__(self) -> str:
        value = "n/a" if self.value is None else f"{self.value:g}"
        return f"{self.name} {value} {self.unit}".rstrip()


def measure_region(region: NDArray[np.bool_], spacing: Sequence[float] | None) -> list[Measure]:
    """Measure one region, all its components together.

    Args:
        region: `(H, W)` or `(D, H, W)` bool.
        spacing: mm between rows and columns, or between slices, rows and columns; None, or any that is not a
            finite number above 0: not known.

    Returns:
        The same measures in the same order for every region of as many dimensions, so that they make a table.
        Each length is given in pixels and in mm; in mm it is None where the spacing is not known, in pixels
        where pixels are not square. Of an empty region area and components are 0 and all else is None.

    Raises:
        ValueError: The region has not 2 or 3 dimensions, or the spacing not as many; a fault of the caller.
    """
    scale = _check(region, spacing)
    even = scale is None or float(np.ptp(scale)) <= _SQUARE * float(np.min(scale))
    count = int(np.count_nonzero(region))
    measures = [
        *_sizes(count, region.ndim, scale),
        Measure("components", float(_count_components(region)), ""),
    ]
    pixels = _props(region, None) if count else None
    real = _props(region, scale) if count and scale is not None else None
    measures += _places(region.ndim, pixels, real, scale)
    measures += _lengths(region.ndim, pixels if even else None, real, even)
    return measures + (_ratios(pixels if scale is None else real) if region.ndim == 2 else [])


def _check(region: NDArray[np.bool_], spacing: Sequence[float] | None) -> NDArray[np.float64] | None:
    if region.ndim not in (2, 3):
        raise ValueError(f"a region has 2 or 3 dimensions, not {region.ndim}")
    if spacing is None:
        return None
    scale = np.asarray(spacing, dtype=np.float64)
    if scale.shape != (region.ndim,):
        raise ValueError(f"{region.ndim} dimensions need as many spacings, not {scale.shape}")
    return scale if bool(np.all(np.isfinite(scale) & (scale > 0))) else None


def _props(region: NDArray[np.bool_], scale: NDArray[np.float64] | None) -> Any:
    spacing = None if scale is None else tuple(scale.tolist())
    return regionprops(region.astype(np.uint8), spacing=spacing)[0]


def _count_components(region: NDArray[np.bool_]) -> int:
    """Pieces that touch nowhere, not even at a corner."""
    return int(label(region, return_num=True, connectivity=region.ndim)[1])


def _sizes(count: int, dimensions: int, scale: NDArray[np.float64] | None) -> list[Measure]:
    real = None if scale is None else count * float(np.prod(scale))
    if dimensions == 2:
        return [Measure("area", float(count), "px"), Measure("area", real, "mm²")]
    return [
        Measure("volume", float(count), "voxels"),
        Measure("volume", real, "mm³"),
        Measure("volume", None if real is None else real / 1000, "ml"),
    ]


def _places(
    dimensions: int, pixels: Any | None, real: Any | None, scale: NDArray[np.float64] | None
) -> list[Measure]:
    """Centroids count from the middle of the first pixel, bounding boxes from its edge."""
    measures = []
    for axis, name in enumerate(_AXES[-dimensions:]):
        for unit, props in (("px", pixels), ("mm", real)):
            centre = None if props is None else float(props.centroid[axis])
            measures.append(Measure(f"centroid {name}", centre, unit))
    for axis, name in enumerate(_AXES[-dimensions:]):
        start = None if pixels is None else float(pixels.bbox[axis])
        end = None if pixels is None else float(pixels.bbox[axis + dimensions])
        measures += [
            Measure(f"bounding box {name} from", start, "px"),
            Measure(f"bounding box {name} to", end, "px"),
        ]
        wide = None if start is None or end is None or scale is None else (end - start) * float(scale[axis])
        measures.append(Measure(f"bounding box {name} extent", wide, "mm"))
    return measures


def _lengths(dimensions: int, pixels: Any | None, real: Any | None, even: bool) -> list[Measure]:
    names = {
        "equivalent diameter": "equivalent_diameter_area",
        "major axis": "axis_major_length",
        "minor axis": "axis_minor_length",
    }
    measures = []
    for name, attribute in names.items():
        for unit, props in (("px", pixels), ("mm", real)):
            measures.append(Measure(name, None if props is None else float(getattr(props, attribute)), unit))
    if dimensions == 2:  # Of a volume there is no perimeter
        for unit, props in (("px", pixels), ("mm", real if even else None)):
            measures.append(Measure("perimeter", None if props is None else float(props.perimeter), unit))
    return measures


def _ratios(props: Any | None) -> list[Measure]:
    """Of pictures only: a volume has three axes, and its convex hull takes minutes."""
    return [
        Measure("eccentricity", None if props is None else float(props.eccentricity), ""),
        Measure("solidity", None if props is None else _solidity(props), ""),
    ]


def _solidity(props: Any) -> float | None:
    """Share of its convex hull that a region fills; None for a straight line of pixels, which has no hull."""
    if min(props.image.shape) < 2:
        return None
    return int(np.count_nonzero(props.image)) / int(np.count_nonzero(props.image_convex))
