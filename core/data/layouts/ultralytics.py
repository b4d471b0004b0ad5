"""The layout of Ultralytics: `images/train`, polygons in `labels/train`, `data.yaml`."""

import json
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from core.data.copies import Drawn, SourceSample
from core.data.entries import Entry
from core.data.layouts.protocol import Files, WriteContext, write_image
from core.data.placing import place_bytes
from core.domain.classes import ClassRole
from core.domain.masks import LabelMask
from core.domain.scan import Sample

DATA_FILE = "data.yaml"
_FEWEST_POINTS = 3  # a shorter line would be read as a box


class UltralyticsLayout:
    """One polygon per connected region of a class; the background is what no polygon covers."""

    def settle(self, context: WriteContext, samples: Sequence[Sample]) -> WriteContext:
        """Any picture will do."""
        del samples  # nothing depends on them
        return context

    def name(self, name: str) -> str:
        """Sub-folders are kept."""
        return name

    def write(self, context: WriteContext, source: SourceSample, drawn: Drawn | None, name: str) -> Files:
        """Write `images/train/NAME` and `labels/train/NAME.txt`."""
        label = source.label if drawn is None else drawn.label
        roles = [item.role for item in context.dataset.classes]
        path = f"labels/train/{name}.txt"
        place_bytes(context.folder / path, format_polygons(label, roles).encode())
        return Files((write_image(context, source, drawn, f"images/train/{name}"),), (path,))

    def finish(self, context: WriteContext, entries: Sequence[Entry]) -> None:
        """Write `data.yaml`; JSON strings are YAML strings."""
        del entries  # the description is the same whatever was written
        names = [item.name for item in context.dataset.classes if item.role is ClassRole.CLASS]
        lines = [
            f"# {context.title}",
            "# The training part, balanced. Put images and labels that take no part in training into",
            "# images/val and labels/val: duplicates of training images would make validation look too good.",
            "train: images/train",
            "val: images/val",
            "names:",
            *(f"  {number}: {json.dumps(name, ensure_ascii=False)}" for number, name in enumerate(names)),
        ]
        text = "\n".join(line.replace("\n", " ") for line in lines) + "\n"
        place_bytes(context.folder / DATA_FILE, text.encode())


def format_polygons(label: LabelMask, roles: Sequence[ClassRole]) -> str:
    """The lines of a label file: class number, then x and y of each corner, shares of width and height.

    Corners are pixel centres, so that a reader that scales and truncates, as Ultralytics does, gets the
    pixels back that went in.
    """
    height, width = label.shape
    lines, number = [], 0
    for place, role in enumerate(roles):
        if role is not ClassRole.CLASS:
            continue
        for polygon in find_polygons(label.region(place)):
            shares = (polygon + 0.5) / (width, height)
            lines.append(f"{number} " + " ".join(f"{share:.7f}" for share in shares.ravel().tolist()))
        number += 1
    return "".join(f"{line}\n" for line in lines)


def find_polygons(region: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """One polygon per connected region, `(n, 2)` x and y of boundary pixels.

    A hole hangs on a bridge of no width, which is how a single ring can hold it: filled by the even-odd
    rule, boundary included, the ring gives the region back.
    """
    rings, tree = cv2.findContours(region.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if tree is None:
        return []
    points = [np.asarray(ring, dtype=np.int64).reshape(-1, 2) for ring in rings]
    holes: dict[int, list[NDArray[np.int64]]] = {}
    for place, (_, _, _, outer) in enumerate(np.asarray(tree)[0].tolist()):
        if outer >= 0:
            holes.setdefault(outer, []).append(points[place])
        else:
            holes.setdefault(place, [])
    return [_close(_hang_holes(points[outer], inner)).astype(np.float64) for outer, inner in holes.items()]


def _hang_holes(ring: NDArray[np.int64], holes: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Join holes to the ring from the left: what lies between a hole and the ring is in it already."""
    for hole in sorted(holes, key=lambda points: points[:, 0].min()):
        start = int(hole[:, 0].argmin())
        tip = hole[start]
        distance = ((ring - tip) ** 2).sum(axis=1).astype(np.float64)
        distance[ring[:, 0] > tip[0]] = np.inf
        end = int(distance.argmin())
        loop = np.concatenate([hole[start:], hole[: start + 1]])
        ring = np.concatenate([ring[: end + 1], loop, ring[end:]])
    return ring


def _close(ring: NDArray[np.int64]) -> NDArray[np.int64]:
    """A region of one or two pixels as three points at least."""
    missing = max(_FEWEST_POINTS - len(ring), 0)
    return np.concatenate([ring, np.repeat(ring[-1:], missing, axis=0)])
