"""COCO and labelme sets made by hand."""

import base64
import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.domain.dataset import DatasetSpec, FolderPair

SQUARE = [2, 2, 8, 2, 8, 8, 2, 8]
"""36 pixels."""


def coco_image(id_: int, name: str = "", height: int = 20, width: int = 30) -> dict[str, Any]:
    return {"id": id_, "file_name": name or f"{id_}.png", "height": height, "width": width}


def coco_object(
    image: Any, category: Any = 1, outline: Any = None, id_: int = 1, crowd: int = 0
) -> dict[str, Any]:
    return {
        "id": id_,
        "image_id": image,
        "category_id": category,
        "segmentation": [SQUARE] if outline is None else outline,
        "iscrowd": crowd,
    }


def write_coco(
    path: Path,
    images: Sequence[Any],
    objects: Sequence[Any] = (),
    names: Mapping[int, str] | None = None,
) -> Path:
    names = {1: "cat", 7: "dog"} if names is None else names
    content = {
        "info": {"year": 2020},
        "images": list(images),
        "annotations": list(objects),
        "categories": [{"id": id_, "name": name, "supercategory": "pet"} for id_, name in names.items()],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def coco_spec(root: Path, images: str | None = None, masks: str = "a.json", **fields: Any) -> DatasetSpec:
    return DatasetSpec(
        name="set", root=root, format="coco", folders=(FolderPair(images=images, masks=masks),), **fields
    )


def labelme_shape(label: str, points: Sequence[Sequence[float]], kind: str = "polygon") -> dict[str, Any]:
    return {"label": label, "points": [list(point) for point in points], "shape_type": kind}


def write_labelme(
    path: Path,
    shapes: Sequence[Any],
    image: str = "",
    size: tuple[int, int] | None = (20, 30),
    data: bytes | None = None,
) -> Path:
    content = {
        "version": "5.4.1",
        "shapes": list(shapes),
        "imagePath": image or f"{path.stem}.png",
        "imageData": None if data is None else base64.b64encode(data).decode(),
        "imageHeight": size[0] if size else None,
        "imageWidth": size[1] if size else None,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def labelme_spec(root: Path, images: str | None = ".", masks: str = ".", **fields: Any) -> DatasetSpec:
    return DatasetSpec(
        name="set", root=root, format="labelme", folders=(FolderPair(images=images, masks=masks),), **fields
    )


def png(height: int = 20, width: int = 30, value: int = 90) -> bytes:
    buffer = BytesIO()
    Image.fromarray(np.full((height, width, 3), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def write_png(path: Path, height: int = 20, width: int = 30) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(height, width))
    return path
