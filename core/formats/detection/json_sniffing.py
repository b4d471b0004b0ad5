"""What a JSON file is, from a look at its keys: it may be half a gigabyte, so nothing is parsed."""

import mmap
from pathlib import Path
from typing import Literal

JsonKind = Literal[
    "objects", "boxes", "captions", "key points", "panoptic segments", "stuff", "image list", "labelme", ""
]
"""`objects` are COCO annotations with outlines, the next ones COCO files of other tasks, "" anything else."""

_WINDOW = 1 << 20  # bytes in which the keys of the first annotations are looked for


def sniff_json(path: Path) -> JsonKind:
    """What a file holds; unreadable ones are nothing that is known."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data.find(b'"shapes"') >= 0 and data.find(b'"imagePath"') >= 0:
                return "labelme"
            if data.find(b'"images"') < 0:
                return ""
            start = data.find(b'"annotations"')
            return "image list" if start < 0 else _judge(path.name.lower(), data[start : start + _WINDOW])
    except (OSError, ValueError):  # gone, unreadable, or empty
        return ""


def _judge(name: str, head: bytes) -> JsonKind:
    """The task that annotations are for, from the first of them."""
    if b'"segments_info"' in head:
        return "panoptic segments"
    if b'"caption"' in head:
        return "captions"
    if b'"num_keypoints"' in head:
        return "key points"
    if b'"segmentation"' not in head:
        return "boxes"
    return "stuff" if "stuff" in name else "objects"
