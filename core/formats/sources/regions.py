"""Regions as run lengths: united, measured and drawn without a dense mask for each.

A region is what pycocotools calls an RLE: `{"size": [height, width], "counts": bytes}`, runs of 0 and 1 in
columns. It only ever gets runs and outlines that were checked before: its C code trusts what it is given.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as rle

from core.domain.classes import ClassRole, ClassSpec, is_background_name
from core.domain.masks import LabelMask
from core.errors import UnsafeFileError
from core.formats.sources.runs import draw_runs, parse_runs

Region = dict[str, Any]

BACKGROUND_KEY = "background"
"""The key of what lies in no region."""


def find_key(label: str) -> str:
    """The class key of a label; labels that mean "nothing here" are the background.

    >>> find_key("_background_"), find_key("car")
    ('background', 'car')
    """
    return BACKGROUND_KEY if is_background_name(label) else label


def build_background() -> ClassSpec:
    """The class of what lies in no region."""
    return ClassSpec(key=BACKGROUND_KEY, name="background", role=ClassRole.BACKGROUND)


def encode_outlines(outlines: Sequence[Sequence[float]], height: int, width: int) -> Region:
    """The union of polygons, each `x, y, x, y, …` in pixels with at least three points."""
    return unite(rle.frPyObjects([list(outline) for outline in outlines], height, width))


def encode_runs(runs: Sequence[int], height: int, width: int) -> Region:
    """Runs of 0, 1, 0, 1, … in columns that fill the image."""
    region: Region = rle.frPyObjects({"size": [height, width], "counts": list(runs)}, height, width)
    return region


def encode_dense(mask: NDArray[Any]) -> Region:
    """`(H, W)`, anything but 0 inside."""
    region: Region = rle.encode(np.asfortranarray(mask != 0, dtype=np.uint8))
    return region


def decode(region: Region) -> NDArray[np.bool_]:
    """`(H, W)` bool: the mask of a region."""
    runs = parse_runs(region["counts"].decode("ascii"))
    height, width = region["size"]
    return np.zeros((height, width), np.bool_) if runs is None else draw_runs(runs, height, width)


def unite(regions: Iterable[Region]) -> Region:
    """The union of regions of one image; of none the region of size 0 x 0, whose area is 0."""
    listed = list(regions)
    united: Region = listed[0] if len(listed) == 1 else rle.merge(listed)
    return united


def measure(regions: Iterable[Region]) -> int:
    """Pixels of the union."""
    return int(rle.area(unite(regions)))


def count_regions(
    regions: Mapping[str, Region], void: Collection[str], height: int, width: int
) -> dict[str, int]:
    """Pixels of each class, of void, and of the background, which is in no region.

    Void pixels belong to no class, whatever lies over them, and count once.

    Args:
        regions: Class key to the union of its regions.
        void: The keys that are void.
        height: Rows of the image.
        width: Columns of the image.
    """
    blocked: list[Region] = []
    pixels: dict[str, int] = {}
    for key in (key for key in regions if key in void):
        before = measure(blocked)
        blocked = [unite([*blocked, regions[key]])]
        pixels[key] = measure(blocked) - before
    before = measure(blocked)
    for key in (key for key in regions if key not in void):
        pixels[key] = measure([*blocked, regions[key]]) - before
    pixels[BACKGROUND_KEY] = height * width - measure(regions.values())
    return {key: count for key, count in pixels.items() if count}


def draw_regions(
    regions: Mapping[str, Region],
    classes: Sequence[ClassSpec],
    void: Collection[str],
    height: int,
    width: int,
    name: str,
) -> LabelMask:
    """One layer a class, void pixels in none; `name` is said in errors.

    Raises:
        UnsafeFileError: There is not enough memory for a layer a class.
    """
    try:
        # Layers of absent classes stay untouched, and untouched zeros take no memory.
        layers = np.zeros((len(classes), height, width), dtype=np.bool_)
        blocked = [regions[key] for key in regions if key in void]
        hidden = decode(unite(blocked)) if blocked else None
        for layer, item in zip(layers, classes, strict=True):
            if item.key == BACKGROUND_KEY:
                layer[:] = ~decode(unite(regions.values())) if regions else True
            elif item.key in regions:
                layer[:] = decode(regions[item.key])
                if hidden is not None:
                    layer[hidden] = False
    except MemoryError as error:
        raise UnsafeFileError(
            f"{name}: {len(classes)} layers of {width} x {height} pixels need more memory than there is; "
            "cut the image into tiles."
        ) from error
    return LabelMask(layers, len(classes))


def digest_regions(regions: Mapping[str, Region], height: int, width: int) -> str:
    """A hash of what the regions mean."""
    content = blake2b(digest_size=16)
    content.update(f"{height} {width}".encode())
    for key in sorted(regions):
        if rle.area(regions[key]):
            content.update(key.encode("utf-8", "surrogatepass") + b"\0" + regions[key]["counts"] + b"\0")
    return content.hexdigest()
